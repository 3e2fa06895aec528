// Package lease says how long a computer may go on by itself: for how long after
// its last contact with central a PIN alone lets somebody read here, after
// how long the computer's copy of the record goes, and how long a session lasts.
//
// The time alone is counted, not read off a clock. While the program runs, what
// ran by is added, by a clock that nobody sets. Across a time in which it did not
// run there is only the computer's own clock; where that has gone back since, the
// time that passed is not known, and a whole day is counted. So a clock that is
// set back never lengthens anything, and one that is put right while the program
// runs shortens nothing.
//
// The package is pure: the same Mark and the same times, the same answer. Where
// the Mark is kept, and that nobody puts an older one back, is the caller's.
package lease

import "time"

// Mark is how long a computer has been without central.
type Mark struct {
	Alone time.Duration
	Wall  time.Time // what its own clock said when the mark was made
}

// Met is the mark of a computer that speaks with central now.
func Met(wall time.Time) Mark { return Mark{Wall: wall} }

// Ran is the mark after more of the program's running time.
func (m Mark) Ran(d time.Duration, wall time.Time) Mark {
	return Mark{Alone: m.Alone + max(d, 0), Wall: wall}
}

// setBack is what a start is charged whose time off is not known, and tolerance
// what a clock may lose by itself.
const (
	setBack   = 24 * time.Hour
	tolerance = 2 * time.Minute
)

// Started is the mark when the program starts again.
func (m Mark) Started(wall time.Time) Mark {
	off := wall.Sub(m.Wall)
	if off < -tolerance {
		return Mark{Alone: m.Alone + setBack, Wall: wall}
	}
	return Mark{Alone: m.Alone + max(off, 0), Wall: wall}
}

// Limits are how long is too long.
type Limits struct {
	Offline time.Duration // reading by PIN alone
	Keep    time.Duration // keeping the copy
	Session time.Duration // from one giving of the PIN to the next, whether or not the network is out
}

// Default is what holds where central has said nothing else.
//
// A session's 14 hours are the longest shift of twelve and a half with both of its
// handovers and what comes late: nobody is interrupted in a shift, and nobody's session of
// one shift is there at their next (eleven hours of rest lie between).
var Default = Limits{Offline: 72 * time.Hour, Keep: 30 * 24 * time.Hour, Session: 14 * time.Hour}

// Bounds of what an administrator may set.
const (
	minOffline = time.Hour
	maxOffline = 30 * 24 * time.Hour
	maxKeep    = 365 * 24 * time.Hour
	minSession = time.Hour
	maxSession = 24 * time.Hour // NIST SP 800-63B-4, AAL2
)

// Bounded are the limits within their bounds: nothing said is the default, and
// the copy outlives the PIN.
func (l Limits) Bounded() Limits {
	if l.Offline == 0 {
		l.Offline = Default.Offline
	}
	if l.Keep == 0 {
		l.Keep = Default.Keep
	}
	if l.Session == 0 {
		l.Session = Default.Session
	}
	l.Session = min(max(l.Session, minSession), maxSession)
	l.Offline = min(max(l.Offline, minOffline), maxOffline)
	l.Keep = min(max(l.Keep, l.Offline), maxKeep)
	return l
}

// MayRead says whether a PIN alone still lets somebody read.
func (l Limits) MayRead(m Mark) bool { return m.Alone <= l.Bounded().Offline }

// Expired says whether the copy has to go.
func (l Limits) Expired(m Mark) bool { return m.Alone > l.Bounded().Keep }
