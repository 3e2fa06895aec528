package mllpd

import (
	"slices"
	"time"
)

// Two manners of sending: most senders hold one line open, and a line that is gone is a
// feed that is down. Others open a line for each message and close it after the answer;
// there no line is open most of the time, and down is who is later than they ever are.
const (
	// shortLine is the longest that a line lives which was opened for what is sent at once.
	shortLine = time.Minute
	// shortLines in a row make a manner: a sender that was started anew twice is none.
	shortLines = 3
	// gapsKept are the silences from which a rhythm is known, of a minute or more: what is
	// sent in one go is one word. rare of them may be longer than is usual, because an
	// outage that was must not teach that outages are.
	gapsKept = 32
	oneWord  = time.Minute
	rare     = 2
	// patience is how many times its usual longest silence a sender may be silent, within
	// bounds: a quarter of an hour says nothing yet, and four hours without a laboratory
	// are never as usual.
	patience    = 3
	soonestLate = 15 * time.Minute
	latestLate  = 4 * time.Hour
)

// manner is what was learnt of how a feed's senders behave. The zero value knows
// nothing: its feed is up while a line is open, and then only.
type manner struct {
	short int // lines in a row that were opened for what was sent at once, and closed
	gaps  [gapsKept]time.Duration
	heard int // how many gaps there were
}

// closed learns of a line of the feed that its sender closed between two messages.
func (m *manner) closed(lived time.Duration) {
	if lived > shortLine {
		m.short = 0
		return
	}
	m.short++
}

// broke learns of a line that ended in any other way: that is nobody's manner.
func (m *manner) broke() { m.short = 0 }

// silent learns how long it was between two messages.
func (m *manner) silent(gap time.Duration) {
	if gap < oneWord {
		return
	}
	m.gaps[m.heard%gapsKept] = gap
	m.heard++
}

// closes says whether the senders close their lines after what they send.
func (m *manner) closes() bool { return m.short >= shortLines }

// late says whether a silence is longer than this feed's usually are.
func (m *manner) late(silence time.Duration) bool {
	known := slices.Sorted(slices.Values(m.gaps[:min(m.heard, gapsKept)]))
	usual := time.Duration(0)
	if n := len(known) - rare; n > 0 {
		usual = known[n-1]
	}
	return silence > min(max(patience*usual, soonestLate), latestLate)
}

// up says whether a feed is to be relied on: a line is open, or it needs none and is
// not late.
func (m *manner) up(lines int, silence time.Duration) bool {
	return lines > 0 || m.closes() && !m.late(silence)
}
