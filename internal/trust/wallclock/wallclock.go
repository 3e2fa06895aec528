// Package wallclock notices that the clock of a computer was set, by holding it to a
// clock that nobody can set. What is written down carries the wall clock's time, so
// that it was changed belongs on record (45 CFR 164.312(b); clinical.md 9).
//
// A clock that runs too fast or too slow, and is put right bit by bit as NTP does, is
// not told; nor is a computer that slept, where Uptime counts meanwhile (Linux,
// Windows).
package wallclock

import "time"

// Least is by how much a clock must have been set for it to be told: what NTP steps by
// after a start is less, and every age on a screen stays right to the minute.
const Least = 5 * time.Second

// Watch holds one clock to another. Its zero value is ready; it is for one goroutine.
type Watch struct {
	wall  time.Time
	up    time.Duration
	begun bool
}

// Look takes both clocks at one moment and says by how much the wall clock was set
// since the last look, forward or back; ok is false for less than Least, and at the
// first look. from is what it would show otherwise.
func (w *Watch) Look(wall time.Time, up time.Duration) (from time.Time, by time.Duration, ok bool) {
	wall = wall.Round(0) // without the monotonic reading, which would answer for it
	from = w.wall.Add(up - w.up)
	by = wall.Sub(from)
	ok = w.begun && (by >= Least || by <= -Least)
	w.wall, w.up, w.begun = wall, up, true // what drifts begins anew at each look
	return from, by, ok
}
