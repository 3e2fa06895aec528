package loopback_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"wardlight/internal/fault"
	"wardlight/internal/station/loopback"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func waiting(t *testing.T) *loopback.Return {
	t.Helper()
	r, err := loopback.Listen(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	if !strings.HasPrefix(r.URI(), "http://127.0.0.1:") {
		t.Fatal(r.URI())
	}
	return r
}

func visit(t *testing.T, at string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, at, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := c.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode
}

func TestTheBrowserComesBackOnce(t *testing.T) {
	r := waiting(t)
	icon := strings.Replace(r.URI(), "/signed-in", "/favicon.ico", 1)
	if got := visit(t, icon); got != http.StatusNotFound {
		t.Errorf("an icon: %d", got)
	}
	if got := visit(t, r.URI()+"?code=c&state=s"); got != http.StatusOK {
		t.Errorf("the browser: %d", got)
	}
	if got := visit(t, r.URI()+"?code=another&state=s"); got == http.StatusOK {
		t.Errorf("a second request: %d", got)
	}
	code, err := r.Wait(context.Background(), "s")
	if err != nil || code != "c" {
		t.Errorf("%q, %v", code, err)
	}
}

// The first request decides, and one of another state decides that nobody comes in.
func TestAnotherStateIsNotThisSignIn(t *testing.T) {
	for name, q := range map[string]string{
		"another state": "?code=c&state=x", "no state": "?code=c", "no code": "?state=s", "given up": "?error=access_denied&state=s",
		"trouble": "?error=server_error&state=s", "a code beside an error": "?code=c&error=x&state=s", "a huge code": "?state=s&code=" + strings.Repeat("c", 5000),
	} {
		r := waiting(t)
		visit(t, r.URI()+q)
		visit(t, r.URI()+"?code=c&state=s") // the right one comes too late
		if code, err := r.Wait(context.Background(), "s"); !fault.Is(err, fault.Denied) || code != "" {
			t.Errorf("%s: %q, %v", name, code, err)
		}
	}
}

func TestNobodyIsAwaitedForEver(t *testing.T) {
	r := waiting(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := r.Wait(ctx, "s"); !fault.Is(err, fault.Timeout) {
		t.Errorf("%v", err)
	}
	r.Close()
	if got := visit(t, r.URI()+"?code=c&state=s"); got != 0 {
		t.Errorf("after the end: %d", got)
	}
}
