package join

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
	"wardlight/internal/words"
)

// redeemWithin bounds what central asks the hospital's sign-in service meanwhile.
const redeemWithin = 30 * time.Second

// Begin begins a sign-in with the hospital's account.
func (d *Door) Begin(ctx context.Context, req pki.BrowserBegin) (ans pki.BrowserBegun, err error) {
	return ans, d.say(ctx, "/v1/sso/begin", req, &ans)
}

// Finish brings what the browser brought.
func (d *Door) Finish(ctx context.Context, req pki.BrowserEnd) (ans pki.BrowserEnded, err error) {
	return ans, d.say(ctx, "/v1/sso/finish", req, &ans)
}

// Complete ends it: its answer lets somebody in.
func (d *Door) Complete(ctx context.Context, req pki.CompleteRequest) (ans pki.SignInAnswer, err error) {
	return ans, d.say(ctx, "/v1/sign-in/complete", req, &ans)
}

func (d *Door) say(ctx context.Context, path string, req, into any) error {
	body, err := json.Marshal(req)
	if err != nil {
		return fault.Wrap("join.say", path, err)
	}
	ctx, cancel := context.WithTimeout(ctx, redeemWithin)
	defer cancel()
	err = d.askWith(ctx, d.patient, http.MethodPost, path, body, into)
	if lost := new(url.Error); errors.As(err, &lost) {
		return fault.As(fault.Unavailable, "join.say", path, words.Errorf("The server cannot be reached, so the hospital’s account cannot be asked. Sign in with your name and PIN."))
	}
	return err
}
