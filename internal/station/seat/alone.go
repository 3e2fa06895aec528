package seat

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/trust/lease"
	"wardlight/internal/words"
)

// How long this computer has been without central, and what follows: after the
// first limit a PIN alone lets nobody read here, after the second the copy of the
// record goes. Both are told to central's people by name in docs/offline.md.
//
// The count lies in the cache, sealed like every other row, and the cache's anchor
// in the keyring notices a folder that was put back. A cache that has no count is
// one of an earlier version, or new in the place of a damaged one; then it begins
// with what central said last of whoever signs in.

// countEvery is how often the count is made durable: what a kill of the program
// forgets of its running time, the computer's clock adds at the next start.
const countEvery = time.Minute

const leaseFact = "lease"

// leaseRow is the count as kept.
type leaseRow struct {
	Version int           `json:"v"` // 1
	Alone   time.Duration `json:"alone"`
	Wall    time.Time     `json:"wall"`
	Offline time.Duration `json:"offline"`
	Keep    time.Duration `json:"keep"`
	Session time.Duration `json:"session,omitempty"`
	// How much may be printed in an hour and a day, as central said; absent: it said nothing.
	PrintHour int `json:"printHour,omitempty"`
	PrintDay  int `json:"printDay,omitempty"`
}

// alone counts. ran is a clock that nobody sets, since an unknown moment.
type alone struct {
	now func() time.Time
	ran func() time.Duration

	mu     sync.Mutex
	mark   lease.Mark
	limits lease.Limits
	prints bulk.Limits
	last   time.Duration // of ran, when mark was made
	known  bool
	linked bool // the sync link stands
}

// begin takes up the count that a cache holds.
func (a *alone) begin(c *cache.Cache) error {
	b, err := c.Fact(leaseFact)
	if err != nil {
		return err
	}
	var row leaseRow
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case b == nil:
		return nil
	case json.Unmarshal(b, &row) != nil || row.Version != 1:
		return fault.New(fault.Unsupported, "seat.alone", "", "the count of the time without the server was written by a newer program")
	}
	a.limits = lease.Limits{Offline: row.Offline, Keep: row.Keep, Session: row.Session}
	a.prints = bulk.Limits{PrintHour: row.PrintHour, PrintDay: row.PrintDay}
	if !a.known { // central was not spoken with before the cache was open
		a.set(lease.Mark{Alone: row.Alone, Wall: row.Wall}.Started(a.now()))
	}
	return nil
}

// set replaces the mark; mu is held.
func (a *alone) set(m lease.Mark) { a.mark, a.last, a.known = m, a.ran(), true }

// since is the count of somebody whom central let in last at this time, where
// there is no other.
func (a *alone) since(last time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.known {
		a.set(lease.Mark{Wall: last}.Started(a.now()))
	}
}

// met says that central was spoken with.
func (a *alone) met() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.set(lease.Met(a.now()))
}

// link says whether the sync link stands: while it does, central is at hand.
func (a *alone) link(stands bool) (changed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.linked || stands {
		a.set(lease.Met(a.now()))
	}
	changed = a.linked != stands
	a.linked = stands
	return changed
}

// obey takes the limits that central set, and says whether they are others than before.
func (a *alone) obey(l lease.Limits, prints bulk.Limits) (changed bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	changed = a.limits != l.Bounded() || a.prints != prints
	a.limits, a.prints = l.Bounded(), prints
	return changed
}

// printing is how much may be printed.
func (a *alone) printing() bulk.Limits {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.prints.Bounded()
}

// count brings the mark up to now.
func (a *alone) count() (lease.Mark, lease.Limits) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !a.known:
	case a.linked:
		a.set(lease.Met(a.now()))
	default:
		a.set(a.mark.Ran(a.ran()-a.last, a.now()))
	}
	return a.mark, a.limits.Bounded()
}

// keep makes the count durable.
func (a *alone) keep(ctx context.Context, c *cache.Cache) error {
	m, l := a.count()
	a.mu.Lock()
	prints := a.prints
	a.mu.Unlock()
	b, err := json.Marshal(leaseRow{
		Version: 1, Alone: m.Alone, Wall: m.Wall, Offline: l.Offline, Keep: l.Keep, Session: l.Session, PrintHour: prints.PrintHour, PrintDay: prints.PrintDay,
	})
	if err != nil {
		return fault.Wrap("seat.alone", "", err)
	}
	return c.SetFact(ctx, leaseFact, b)
}

func (s *Seat) keepCountNow(ctx context.Context) error {
	s.mu.Lock()
	c := s.cache
	s.mu.Unlock()
	if c == nil {
		return nil
	}
	return s.alone.keep(ctx, c)
}

// keepCount counts until ctx ends, and lets the copy go when its time is over.
func (s *Seat) keepCount(ctx context.Context, c *cache.Cache) error {
	tick := time.NewTicker(s.conf.countEvery())
	defer tick.Stop()
	// A copy that was let go already has nothing more to lose: it stays open, so
	// that people can write in it.
	m, l := s.alone.count()
	empty := l.Expired(m)
	for {
		if err := s.alone.keep(ctx, c); err != nil && ctx.Err() == nil {
			s.conf.Log.Warn("the time without the server cannot be written down", "err", err)
		}
		s.keepAge()
		m, l := s.alone.count()
		if l.Expired(m) && !empty {
			s.expire()
			return nil
		}
		empty = empty && l.Expired(m)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (c Config) countEvery() time.Duration {
	if c.Every > 0 {
		return c.Every
	}
	return countEvery
}

const aloneTooLong = "For so long a PIN alone is enough to read here, and no longer. " +
	"What you saw you can still write: it is kept here under your name, and shown to you when you next sign in. Use another computer to read, and tell IT."

// mayRead says whether a PIN alone is enough.
func (s *Seat) mayRead(user string) error {
	if s.withdrawn.Load() {
		return errWithdrawn(user)
	}
	m, l := s.alone.count()
	if l.MayRead(m) {
		return nil
	}
	return fault.As(fault.Denied, "seat.signin", user, words.ErrorN(int(l.Offline.Hours()),
		"This computer has not reached the server for more than %d hour. "+aloneTooLong, "This computer has not reached the server for more than %d hours. "+aloneTooLong))
}
