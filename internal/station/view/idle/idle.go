// Package idle decides when a window that nobody uses locks itself. It knows no
// display and no clock: it is told when somebody was there, and asked what to do
// now.
package idle

import "time"

// Default is after how long an unused window locks. A ward's computer stands
// where anybody passes; NIST SP 800-63B-4 allows an hour at most.
const Default = 5 * time.Minute

// Warn is how long before that the window says so: whoever reads without
// touching anything can stay.
const Warn = 30 * time.Second

// Watch is one session's watch. The zero Limit never locks.
type Watch struct {
	Limit time.Duration
	seen  time.Time
}

// Seen says that somebody was there: a key, the pointer, a sign-in.
func (w *Watch) Seen(now time.Time) { w.seen = now }

// Left is how long until the window locks; 0 or less is now. ok is false where
// it never does.
//
// Both clocks count: the monotonic one stands still while the computer sleeps,
// and the wall clock may be set back while somebody is away. Whichever says that
// more time has passed is believed.
func (w *Watch) Left(now time.Time) (left time.Duration, ok bool) {
	if w.Limit <= 0 || w.seen.IsZero() {
		return 0, false
	}
	return w.Limit - away(now.Sub(w.seen), now.Round(0).Sub(w.seen.Round(0))), true
}

// Unused is for how long nobody has been there.
func (w *Watch) Unused(now time.Time) time.Duration {
	return away(now.Sub(w.seen), now.Round(0).Sub(w.seen.Round(0)))
}

// away is how long nobody was there, by the monotonic clock and by the wall's.
func away(monotonic, wall time.Duration) time.Duration { return max(monotonic, wall) }
