package idle

import (
	"testing"
	"time"
)

// The monotonic clock stands still while a computer sleeps, and the wall's may be
// set back: neither keeps a window open.
func TestWhicheverClockSaysMoreIsBelieved(t *testing.T) {
	for _, c := range []struct{ monotonic, wall, want time.Duration }{
		{time.Minute, time.Hour, time.Hour},            // slept for an hour
		{6 * time.Minute, -time.Hour, 6 * time.Minute}, // set back
		{time.Minute, time.Minute, time.Minute},
	} {
		if got := away(c.monotonic, c.wall); got != c.want {
			t.Errorf("%v and %v: %v", c.monotonic, c.wall, got)
		}
	}
}
