package pki_test

import (
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"

	"wardlight/internal/trust/pki"
)

// A session that TLS resumes shows no certificate anew; whoever was shut out
// meanwhile is refused all the same, and so is one whose certificate has run out.
func TestAResumedSessionIsAskedAgain(t *testing.T) {
	for name, shut := range map[string]func(*world){
		"revoked":                 func(w *world) { delete(w.known, "sgood") },
		"the certificate is over": func(w *world) { w.later = 91 * 24 * time.Hour },
	} {
		t.Run(name, func(t *testing.T) {
			w := serve(t)
			conf := pki.StationTLS(station(t, w.ca, "sgood", time.Now()), w.ca.Cert)
			if got, _ := resumedDial(t, w.addr, conf); got != "served" {
				t.Fatalf("the first time: %q", got)
			}
			got, resumed := resumedDial(t, w.addr, conf)
			if got != "served" || !resumed {
				t.Fatalf("the second time: %q, resumed %v: the test proves nothing", got, resumed)
			}
			shut(w)
			if got, _ := resumedDial(t, w.addr, conf); got != "" {
				t.Errorf("after that it was %s", got)
			}
		})
	}
}

// resumedDial is dial that says whether the session was resumed.
func resumedDial(t *testing.T, addr string, conf *tls.Config) (got string, resumed bool) {
	t.Helper()
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", addr, conf)
	if err != nil {
		return "", false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	b, _ := io.ReadAll(c)
	return string(b), c.ConnectionState().DidResume
}
