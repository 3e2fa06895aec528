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

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

// Door asks central about people, shares and certificates. It is safe for
// concurrent use.
type Door struct {
	servers []string
	client  *http.Client
	patient *http.Client  // for what takes long on a poor line
	reach   time.Duration // how long a server may take to be there
}

// A server may take this long to be there, and to answer: a person waits at a screen.
const (
	reachWithin  = 4 * time.Second
	answerWithin = 5 * time.Second
)

// NewDoor makes a Door. conf is asked at each connection, so that a renewed
// certificate is used at once.
func NewDoor(servers []string, conf func() *tls.Config) *Door {
	d := &Door{servers: servers, reach: reachWithin}
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		ctx, cancel := context.WithTimeout(ctx, d.reach)
		defer cancel()
		return (&tls.Dialer{Config: conf()}).DialContext(ctx, network, addr)
	}
	t := &http.Transport{DialTLSContext: dial, DisableKeepAlives: true}
	d.client, d.patient = &http.Client{Timeout: answerWithin, Transport: t}, &http.Client{Timeout: 9 * time.Minute, Transport: t}
	return d
}

// Patiently is a door that waits so long for each answer, before it is used: where nobody
// stands at a screen, as in a test, an answer that comes late is one all the same.
func (d *Door) Patiently(within time.Duration) *Door {
	d.reach, d.client.Timeout = within, within
	return d
}

// SignIn asks central whether this person may use this station. An error of
// kind Unavailable means that central cannot be reached: sign in by slot.
// pki.ErrCodeNeeded: the code of a second factor is to be given too (SignInWithCode).
func (d *Door) SignIn(ctx context.Context, user, pin string) (pki.SignInAnswer, error) {
	return d.SignInWithCode(ctx, user, pin, "")
}

// SignInWithCode is SignIn with the code of a second factor.
func (d *Door) SignInWithCode(ctx context.Context, user, pin, code string) (pki.SignInAnswer, error) {
	var ans pki.SignInAnswer
	body, err := json.Marshal(pki.SignInRequest{User: user, PIN: pin, Code: code})
	if err != nil {
		return ans, fault.Wrap("join.signin", "", err)
	}
	return ans, d.ask(ctx, http.MethodPost, "/v1/sign-in", body, &ans)
}

// ChangePIN asks central for another PIN of somebody who proves the one that there is.
func (d *Door) ChangePIN(ctx context.Context, req pki.PINRequest) (pki.SignInAnswer, error) {
	var ans pki.SignInAnswer
	body, err := json.Marshal(req)
	if err != nil {
		return ans, fault.Wrap("join.changepin", "", err)
	}
	return ans, d.ask(ctx, http.MethodPost, "/v1/pin", body, &ans)
}

// Sessions asks for somebody's open sessions, and ends some.
func (d *Door) Sessions(ctx context.Context, req pki.SessionsRequest) (pki.SessionsAnswer, error) {
	var ans pki.SessionsAnswer
	body, err := json.Marshal(req)
	if err != nil {
		return ans, fault.Wrap("join.sessions", "", err)
	}
	return ans, d.ask(ctx, http.MethodPost, "/v1/sessions", body, &ans)
}

// Succession asks how central's journal key came to be the one that it is.
func (d *Door) Succession(ctx context.Context) (record.Succession, error) {
	var ans record.Succession
	return ans, d.ask(ctx, http.MethodGet, "/v1/journal-keys", nil, &ans)
}

// Lend asks for emergency access to somebody whom this station does not hold. An error
// of kind Unavailable means that central cannot be reached, or lends nothing yet.
func (d *Door) Lend(ctx context.Context, req pki.LendRequest) (pki.LendAnswer, error) {
	var ans pki.LendAnswer
	body, err := json.Marshal(req)
	if err != nil {
		return ans, fault.Wrap("join.lend", "", err)
	}
	return ans, d.ask(ctx, http.MethodPost, "/v1/emergency", body, &ans)
}

// Share asks for central's half of what opens the cache.
func (d *Door) Share(ctx context.Context) ([]byte, error) {
	var ans pki.ShareAnswer
	err := d.ask(ctx, http.MethodGet, "/v1/share", nil, &ans)
	return ans.Share, err
}

// Standing asks how this station and the people who sign in here stand.
func (d *Door) Standing(ctx context.Context, req pki.StandingRequest) (pki.StandingAnswer, error) {
	var ans pki.StandingAnswer
	body, err := json.Marshal(req)
	if err != nil {
		return ans, fault.Wrap("join.standing", "", err)
	}
	return ans, d.ask(ctx, http.MethodPost, "/v1/standing", body, &ans)
}

// Unsent hands over the station's outbox file, a tar of its segments.
func (d *Door) Unsent(ctx context.Context, segments []byte) (pki.UnsentAnswer, error) {
	var ans pki.UnsentAnswer
	return ans, d.askWith(ctx, d.patient, http.MethodPost, "/v1/unsent", segments, &ans)
}

// Wiped says that everything here was erased.
func (d *Door) Wiped(ctx context.Context, req pki.WipedRequest) error {
	body, err := json.Marshal(req)
	if err != nil {
		return fault.Wrap("join.wiped", "", err)
	}
	return d.ask(ctx, http.MethodPost, "/v1/wiped", body, &struct{}{})
}

// ask tries each server in turn; the first that answers decides.
func (d *Door) ask(ctx context.Context, method, path string, body []byte, into any) error {
	return d.askWith(ctx, d.client, method, path, body, into)
}

func (d *Door) askWith(ctx context.Context, c *http.Client, method, path string, body []byte, into any) error {
	last := fault.New(fault.Unavailable, "join.ask", "", "no server is known")
	for _, s := range d.servers {
		req, err := http.NewRequestWithContext(ctx, method, s+path, bytes.NewReader(body))
		if err != nil {
			return fault.As(fault.Invalid, "join.ask", s, err)
		}
		resp, err := c.Do(req) //nolint:bodyclose // answer closes it
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

// maxAnswer bounds what central may answer: how two thousand people stand is the longest.
const maxAnswer = 1 << 20

func answer(resp *http.Response, into any) error {
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fault.As(fault.Unavailable, "join.answer", "", err)
	}
	if resp.StatusCode == http.StatusOK {
		return fault.As(fault.Invalid, "join.answer", "", json.Unmarshal(b, into))
	}
	var said struct{ Message, Need string }
	if json.Unmarshal(b, &said) != nil || said.Message == "" {
		said.Message = "the server answered " + resp.Status
	}
	if said.Need == pki.NeedCode {
		return fault.As(fault.Denied, "join.answer", "", pki.ErrCodeNeeded)
	}
	kind := map[int]fault.Kind{
		http.StatusUnauthorized: fault.Unknown, http.StatusForbidden: fault.Denied, http.StatusBadRequest: fault.Invalid,
	}[resp.StatusCode]
	if kind == fault.Other {
		kind = fault.Unavailable
	}
	return fault.New(kind, "join.answer", "", said.Message)
}
