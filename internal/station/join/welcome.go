package join

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// Welcome is what central says of this station when it is asked.
type Welcome struct {
	pki.WelcomeAnswer
	// Ahead is how much this computer's clock is ahead of central's, give or take
	// half of Took.
	Ahead time.Duration
	Took  time.Duration
}

// Welcome asks central whether this station is still let in. fault.Denied: it is
// not; fault.Unsupported: central is older than the question, and lets it in;
// fault.Unavailable: nobody can be asked. now is this computer's clock; nil: the
// machine's.
func (d *Door) Welcome(ctx context.Context, now func() time.Time) (w Welcome, err error) {
	if now == nil {
		now = time.Now
	}
	began := now()
	err = d.ask(ctx, http.MethodGet, "/v1/welcome", nil, &w.WelcomeAnswer)
	w.Took = now().Sub(began)
	if err != nil {
		return w, welcomeError(err)
	}
	w.Ahead = began.Add(w.Took / 2).Sub(time.UnixMilli(w.Time))
	return w, nil
}

func welcomeError(err error) error {
	const op = "join.welcome"
	var alert *net.OpError
	switch {
	case errors.As(err, &alert) && alert.Op == "remote error": // the handshake refused the certificate
		return fault.New(fault.Denied, op, "", "the server refuses this computer")
	case fault.Is(err, fault.Unavailable) && strings.Contains(err.Error(), "404"):
		return fault.New(fault.Unsupported, op, "", "the server is older than this question")
	}
	return fault.Wrap(op, "", err)
}
