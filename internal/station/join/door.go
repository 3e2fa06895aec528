package join

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// Door asks central about people, shares and certificates. It is safe for
// concurrent use.
type Door struct {
	servers []string
	client  *http.Client
}

// NewDoor makes a Door. conf is asked at each connection, so that a renewed
// certificate is used at once.
func NewDoor(servers []string, conf func() *tls.Config) *Door {
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
		defer cancel()
		return (&tls.Dialer{Config: conf()}).DialContext(ctx, network, addr)
	}
	return &Door{servers, &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DialTLSContext: dial, DisableKeepAlives: true}}}
}

// SignIn asks central whether this person may use this station. An error of
// kind Unavailable means that central cannot be reached: sign in by slot.
func (d *Door) SignIn(ctx context.Context, user, pin string) (pki.SignInAnswer, error) {
	var ans pki.SignInAnswer
	body, err := json.Marshal(pki.SignInRequest{User: user, PIN: pin})
	if err != nil {
		return ans, fault.Wrap("join.signin", "", err)
	}
	return ans, d.ask(ctx, http.MethodPost, "/v1/sign-in", body, &ans)
}

// Share asks for central's half of what opens the cache.
func (d *Door) Share(ctx context.Context) ([]byte, error) {
	var ans pki.ShareAnswer
	err := d.ask(ctx, http.MethodGet, "/v1/share", nil, &ans)
	return ans.Share, err
}

// ask tries each server in turn; the first that answers decides.
func (d *Door) ask(ctx context.Context, method, path string, body []byte, into any) error {
	last := fault.New(fault.Unavailable, "join.ask", "", "no server is known")
	for _, s := range d.servers {
		req, err := http.NewRequestWithContext(ctx, method, s+path, bytes.NewReader(body))
		if err != nil {
			return fault.As(fault.Invalid, "join.ask", s, err)
		}
		resp, err := d.client.Do(req) //nolint:bodyclose // answer closes it
		if err != nil {
			last = fault.As(fault.Unavailable, "join.ask", s, err)
			continue
		}
		err = answer(resp, into)
		if !fault.Is(err, fault.Unavailable) {
			return err
		}
		last = err
	}
	return last
}

func answer(resp *http.Response, into any) error {
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return fault.As(fault.Unavailable, "join.answer", "", err)
	}
	if resp.StatusCode == http.StatusOK {
		return fault.As(fault.Invalid, "join.answer", "", json.Unmarshal(b, into))
	}
	var said struct{ Message string }
	if json.Unmarshal(b, &said) != nil || said.Message == "" {
		said.Message = "the server answered " + resp.Status
	}
	kind := map[int]fault.Kind{
		http.StatusUnauthorized: fault.Unknown, http.StatusForbidden: fault.Denied, http.StatusBadRequest: fault.Invalid,
	}[resp.StatusCode]
	if kind == fault.Other {
		kind = fault.Unavailable
	}
	return fault.New(kind, "join.answer", "", said.Message)
}
