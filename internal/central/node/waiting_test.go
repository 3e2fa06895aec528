package node

import (
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// A crowd that connects and says nothing takes the places of strangers and no
// more; whoever asks for something is served as soon as the first of them has run
// out of time, and those who were served already are not disturbed.
func TestACrowdOfMuteConnectionsIsBounded(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const (
		places = 4
		mute   = time.Second // is how long one that says nothing may stay
	)
	keeper := keepDoor(ln, places)
	most := 0
	srv := &http.Server{
		ReadHeaderTimeout: mute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			most = max(most, len(keeper.places))
			_, _ = io.WriteString(w, "served")
		}),
		ConnState: keeper.known,
	}
	go func() { _ = srv.Serve(keeper) }()
	t.Cleanup(func() { _ = srv.Close() })
	ask := func(c *http.Client) string {
		resp, err := c.Get("http://" + ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return string(b)
	}
	old, fresh := &http.Client{Transport: &http.Transport{}}, &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}
	if ask(old) != "served" {
		t.Fatal("before the crowd")
	}
	for range 2*places - 1 {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	for end := time.Now().Add(time.Minute); len(keeper.places) < places && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if held := len(keeper.places); held != places {
		t.Errorf("%d mute connections are inside, %d may be", held, places)
	}
	begun := time.Now()
	if ask(old) != "served" || time.Since(begun) > mute*9/10 {
		t.Errorf("who was served before waited for %v", time.Since(begun))
	}
	if ask(fresh) != "served" {
		t.Error("who came after the crowd was not served")
	}
	if most > places {
		t.Errorf("%d strangers were inside at once", most)
	}
}
