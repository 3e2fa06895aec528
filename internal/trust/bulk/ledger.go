package bulk

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"wardlight/internal/fault"
)

// Ledger is what was taken out lately, by whom. Whoever keeps it stores it in the same
// commit as the audit events of what is taken out, so that neither the end of the
// program nor a kill -9 forgets anything.
//
// Its time is its own: it goes on by a clock that nobody sets for as long as the computer
// runs, and by the wall clock only over a time in which it did not. So a clock that is
// put back, or forward while the computer runs, makes nothing older; one that is put
// back while it is off makes that time count for nothing.
//
// Its zero value is ready.
type Ledger struct {
	Version int      `json:"v"`   // 1
	Now     int64    `json:"now"` // ms by the ledger's own time
	Up      int64    `json:"up"`  // ms since the computer's start, when Now was reckoned
	Boot    string   `json:"boot,omitempty"`
	Wall    int64    `json:"wall"` // ms since 1970, then
	Takings []Taking `json:"takings,omitempty"`
}

// Taking is what somebody took out at a time: how many patients' data, and how many of
// them were not of their own ward.
type Taking struct {
	Who    string `json:"who,omitempty"` // "": everybody together
	At     int64  `json:"at"`            // by the ledger's own time
	N      int    `json:"n"`
	Others int    `json:"o,omitempty"`
}

// Clock is what a computer's clocks say at one moment. Boot names the run of the
// computer that Up belongs to.
type Clock struct {
	Wall time.Time
	Up   time.Duration
	Boot string
}

const (
	hour = int64(time.Hour / time.Millisecond)
	day  = 24 * hour

	// What is taken out by one person in these steps stands as one, at its end, so that a
	// ledger stays small; what it forgets by that it forgets late.
	fine   = int64(time.Minute / time.Millisecond)
	coarse = hour / 2
	// maxTakings bounds a ledger: a computer that more than a hundred people print at. Beyond
	// it each person's are one.
	maxTakings = 600
)

const ledgerVersion = 1

// ParseLedger reads what Bytes wrote; nothing is an empty one. fault.Unsupported is one
// of a newer program, fault.Corrupt none at all.
func ParseLedger(b []byte) (l Ledger, err error) {
	if len(b) == 0 {
		return l, nil
	}
	if json.Unmarshal(b, &l) != nil {
		return Ledger{}, fault.New(fault.Corrupt, "bulk.ledger", "", "what was taken out lately cannot be read")
	}
	if l.Version != ledgerVersion {
		return Ledger{}, fault.New(fault.Unsupported, "bulk.ledger", "", "what was taken out lately was written down by a newer program")
	}
	return l, nil
}

// Bytes are the ledger as it is kept.
func (l Ledger) Bytes() ([]byte, error) {
	l.Version = ledgerVersion
	b, err := json.Marshal(l)
	return b, fault.Wrap("bulk.ledger", "", err)
}

// At is the ledger brought up to a moment: what is older than a day is gone.
func (l Ledger) At(c Clock) Ledger {
	up, wall := c.Up.Milliseconds(), c.Wall.UnixMilli()
	if l.Wall != 0 {
		l.Now += l.passed(up, wall, c.Boot)
	}
	l.Up, l.Boot, l.Wall = up, c.Boot, wall
	l.Takings = slices.DeleteFunc(slices.Clone(l.Takings), func(t Taking) bool { return l.Now-t.At >= day })
	return l
}

// passed is how much time surely passed since the ledger was last brought up.
func (l Ledger) passed(up, wall int64, boot string) int64 {
	if boot == l.Boot && up >= l.Up {
		return up - l.Up
	}
	return max(up, wall-l.Wall, 0)
}

// Past is what somebody took out in the past hour and day.
func (l Ledger) Past(who string) (p Past) {
	for _, t := range l.Takings {
		if t.Who != who {
			continue
		}
		p.Day, p.OthersDay = p.Day+t.N, p.OthersDay+t.Others
		if l.Now-t.At < hour {
			p.Hour, p.OthersHour = p.Hour+t.N, p.OthersHour+t.Others
		}
	}
	return p
}

// Add is the ledger with what somebody takes out now.
func (l Ledger) Add(who string, n, others int) Ledger {
	l.Takings = append(slices.Clone(l.Takings), Taking{who, l.Now, n, others})
	return l.small()
}

// Return is the ledger without what was counted and did not take place in the end.
func (l Ledger) Return(who string, n, others int) Ledger {
	l.Takings = slices.Clone(l.Takings)
	for i := len(l.Takings) - 1; i >= 0 && (n > 0 || others > 0); i-- {
		if t := &l.Takings[i]; t.Who == who {
			less, lessOthers := min(n, t.N), min(others, t.Others)
			t.N, t.Others, n, others = t.N-less, t.Others-lessOthers, n-less, others-lessOthers
		}
	}
	l.Takings = slices.DeleteFunc(l.Takings, func(t Taking) bool { return t.N <= 0 })
	return l
}

// small joins what one person took out within a minute, and what is older than an hour
// within half an hour: each stands at the later time.
func (l Ledger) small() Ledger {
	l.Takings = joined(l.Takings, func(t Taking) int64 {
		step := fine
		if l.Now-t.At >= hour {
			step = coarse
		}
		return t.At / step
	})
	if len(l.Takings) > maxTakings {
		l.Takings = joined(l.Takings, func(Taking) int64 { return 0 })
	}
	return l
}

// joined are takings of which those of one person and one step stand as one; in the
// order of their times.
func joined(list []Taking, step func(Taking) int64) []Taking {
	type key struct {
		who  string
		step int64
	}
	at := map[key]int{}
	var out []Taking
	for _, t := range list {
		k := key{t.Who, step(t)}
		i, there := at[k]
		if !there {
			at[k] = len(out)
			out = append(out, t)
			continue
		}
		out[i] = Taking{t.Who, max(t.At, out[i].At), out[i].N + t.N, out[i].Others + t.Others}
	}
	slices.SortStableFunc(out, func(a, b Taking) int { return cmp.Compare(a.At, b.At) })
	return out
}
