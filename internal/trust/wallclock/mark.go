package wallclock

import "time"

// A clock can be set while nobody looks: while the program does not run. Whoever keeps a
// Mark from time to time, and holds it to the clocks of the next start, notices it as far as
// that can be known:
//
//   - While the system ran on (Boot is the same, Linux), the clock that nobody sets counted:
//     by how much the other was set is known, forward and back.
//   - After the system was started anew, or where it has no such clock, that it was set back
//     to before the mark is certain, and by how much is not. Forward, and back by less than
//     the time in between, looks like time that passed.
//   - Once a server has said what time it is, by a clock that was not set meanwhile, it is
//     known in both directions: how far this clock is from that one is another than it was.
//     That the server's clock was set instead looks the same here; the server tells of it.
//
// A clock that was set and set back while nobody looked, and no server was reached in
// between, is not known by anybody.

// Mark is what the clocks said at a moment.
type Mark struct {
	Wall time.Time
	Up   time.Duration // of the clock that nobody sets
	Boot string        // names the run of the system that Up belongs to; "": not known
	// Away is how far a server's clock is ahead of Wall, as last measured and corrected by
	// what was noticed since; At is the server's time then. At is zero where none was.
	Away time.Duration
	At   time.Time
	// Unsure says that since Away was measured there was a time in which the clock may have
	// been set unnoticed.
	Unsure bool
}

// How is how it is known that a clock was set.
type How string

// The ways.
const (
	Counted  How = "counted"  // by a clock that nobody sets
	AtLeast  How = "at least" // it is before the mark
	ByServer How = "server"   // by a server's clock
)

// loses is what a clock may gain or lose by itself, or be put right by bit by bit, while
// nobody looks: 500 parts in a million, which is how fast NTP turns one, and more than bad
// ones are wrong by.
const loses = 2000

func within(by, over time.Duration) bool {
	limit := Least + max(over, 0)/loses
	return by < limit && by > -limit
}

// Next is the mark of a start after this one, and whether the clock was set between them:
// from what it would have shown.
func (m Mark) Next(now Mark) (next Mark, from time.Time, how How) {
	next = Mark{Wall: now.Wall.Round(0), Up: now.Up, Boot: now.Boot, Away: m.Away, At: m.At, Unsure: m.Unsure}
	if m.Wall.IsZero() {
		return next, from, ""
	}
	if m.Boot != "" && m.Boot == now.Boot && now.Up >= m.Up {
		from = m.Wall.Add(now.Up - m.Up)
		by := next.Wall.Sub(from)
		if within(by, now.Up-m.Up) {
			return next, from, ""
		}
		next.Away -= by
		return next, from, Counted
	}
	if by := next.Wall.Sub(m.Wall); by <= -Least {
		next.At, next.Away, next.Unsure = time.Time{}, 0, false // told; by how much nobody knows
		return next, m.Wall, AtLeast
	}
	next.Unsure = !m.At.IsZero()
	return next, from, ""
}

// Set is the mark after a Watch noticed that the clock was set by so much.
func (m Mark) Set(by time.Duration) Mark {
	m.Away -= by
	return m
}

// Measured is the mark once a server's clock is known to be so far ahead now, and whether
// the clock was set, where that could not be known before: from what it would have shown.
func (m Mark) Measured(away time.Duration, wall time.Time) (next Mark, from time.Time, set bool) {
	wall = wall.Round(0)
	next = m
	next.Away, next.At, next.Unsure = away, wall.Add(away), false
	by := m.Away - away // ahead by less: this clock went forward
	if !m.Unsure || m.At.IsZero() || within(by, next.At.Sub(m.At)) {
		return next, from, false
	}
	return next, wall.Add(-by), true
}
