package seat_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// putOnRecord counts the audit events of central that hold all of these words.
func (w *world) putOnRecord(words ...string) (n int) {
	w.t.Helper()
	for _, line := range w.order("audit list", nil) {
		b, err := json.Marshal(line)
		if err != nil {
			w.t.Fatal(err)
		}
		all := true
		for _, word := range words {
			all = all && strings.Contains(string(b), word)
		}
		if all {
			n++
		}
	}
	return n
}

// A clock that somebody sets back is on record, though the network is out, once; so is
// one that was set before anybody had signed in. Time that passes, a sleep too, is not.
func TestAClockThatWasSetIsOnRecord(t *testing.T) {
	w, dir, c, s := aWardWithoutCentral(t)
	c.pass(time.Hour)
	c.set(-3 * time.Hour)
	time.Sleep(200 * time.Millisecond) // ten looks
	_ = s.Close()
	s = w.sitWith(dir, c)
	c.set(2 * time.Hour)
	w.start()
	if _, err := w.signIn(s, "481526"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "both are on record", func() bool {
		return w.putOnRecord("the clock was set", "-10800 s") == 1 && w.putOnRecord("the clock was set", "+7200 s") == 1
	})
	if n := w.putOnRecord("the clock was set"); n != 2 {
		t.Errorf("%d times on record, want twice", n)
	}
}
