// Package loopback waits on this computer for the one request by which a browser
// comes back from the hospital's sign-in page (RFC 8252, section 7.3).
//
// It listens on 127.0.0.1 alone, on a port that the system chooses, and takes one
// request to its own path, whatever it says; then the port is closed. Only one that
// brings the state of this very sign-in is believed: a page that guesses the port
// can end a sign-in, and never have one. What else a browser asks for, an icon, is
// not found.
package loopback

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/words"
)

const path = "/signed-in"

// Return is a browser that is awaited.
type Return struct {
	ln   net.Listener
	srv  *http.Server
	once sync.Once
	got  chan url.Values
}

// Listen begins to wait. Close ends it.
func Listen(ctx context.Context) (*Return, error) {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fault.As(fault.Unavailable, "loopback.listen", "", err)
	}
	r := &Return{ln: ln, got: make(chan url.Values, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path, r.take)
	r.srv = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10}
	r.srv.SetKeepAlivesEnabled(false)
	go func() { _ = r.srv.Serve(ln) }() // ends with Close
	return r, nil
}

// URI is where the browser must end.
func (r *Return) URI() string { return "http://" + r.ln.Addr().String() + path }

// take takes the first request; every later one is turned away.
func (r *Return) take(w http.ResponseWriter, req *http.Request) {
	first := false
	r.once.Do(func() { first = true })
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // the code stands in this page's address
	h.Set("Content-Security-Policy", "default-src 'none'")
	if !first {
		w.WriteHeader(http.StatusGone)
		_, _ = w.Write([]byte(page("This sign-in was used already.", "Go back to Wardlight and begin again.")))
		return
	}
	_, _ = w.Write([]byte(page("Go on in Wardlight.", "You can close this page.")))
	_ = r.ln.Close() // nobody else is awaited
	r.got <- req.URL.Query()
}

func page(head, words string) string {
	return "<!doctype html><title>Wardlight</title><h1>" + head + "</h1><p>" + words + "</p>\n"
}

// Wait returns the code that the browser brought, for the sign-in of this state, or
// why there is none.
func (r *Return) Wait(ctx context.Context, state string) (code string, err error) {
	const op = "loopback.wait"
	var q url.Values
	select {
	case <-ctx.Done():
		return "", fault.As(fault.Timeout, op, "", words.Errorf("Nobody came back from the hospital’s sign-in page. Begin again, or sign in with your name and PIN."))
	case q = <-r.got:
	}
	if subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(state)) != 1 {
		return "", fault.As(fault.Denied, op, "", words.Errorf("Something else came back than this sign-in. Begin again; if it stays so, tell IT."))
	}
	switch q.Get("error") {
	case "":
	case "access_denied":
		return "", fault.As(fault.Denied, op, "", words.Errorf("The sign-in was given up, or the hospital did not allow it."))
	default:
		return "", fault.As(fault.Denied, op, "", words.Errorf("The hospital’s sign-in service could not sign you in. Sign in with your name and PIN, and tell IT."))
	}
	if code = q.Get("code"); code == "" || len(code) > 4096 {
		return "", fault.As(fault.Denied, op, "", words.Errorf("The hospital’s sign-in service brought nothing back. Begin again; if it stays so, tell IT."))
	}
	return code, nil
}

// Close ends the waiting; a page that is on its way out is let go first.
func (r *Return) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = r.srv.Shutdown(ctx) // what is left after that is a browser that reads nothing
}
