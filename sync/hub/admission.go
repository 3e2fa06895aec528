package hub

import (
	"slices"
	"sync"
	"time"

	"wardlight/sync/wire"
)

// Snapshots are what is dear to central: each reads the record of a whole ward.
// When a hospital's stations come back all at once, as after a power cut, a few
// of them are read at a time and the others wait in a queue. Waiting costs
// nothing: uploads, critical results and the tails of others go on, and the
// station's screen says how many are before it. A station whose line is slow
// gives its place back after turn, if others wait, and goes on when it is its
// turn again.
const (
	turn      = 15 * time.Second
	placeTold = 2 * time.Second // between two words on the place in the queue
	placeKept = 9 * time.Second // without news of it, so that the station knows it is not forgotten
)

// admission is a session's side of it.
type admission struct {
	asked    bool // in the queue, or admitted
	admitted bool
	since    time.Duration // of the turn
	askAt    time.Duration // for the place
	said     bool          // anything about the place
	told     uint32
	toldAt   time.Duration
}

// mayRead says whether the next chunk may be read, and asks for a place in the
// queue where there is none yet.
func (s *Session) mayRead(now wire.Now) bool {
	a := &s.admission
	switch {
	case a.admitted:
		return true
	case !a.asked:
		a.asked = true
		a.askAt = now.Mono + placeTold
		s.do(Admit{Patient: s.can(wire.CapWait)})
	}
	return false
}

func (s *Session) admittedNow(now wire.Now) {
	if a := &s.admission; a.asked {
		a.admitted, a.since, a.askAt = true, now.Mono, 0
	}
}

// place tells the station how many are before it, when that has changed or
// nothing was said for a while.
func (s *Session) place(ev Place, now wire.Now) {
	a := &s.admission
	if !a.asked || a.admitted || !s.can(wire.CapWait) {
		return
	}
	if a.said && ev.Before == a.told && now.Mono < a.toldAt+placeKept {
		return
	}
	a.said, a.told, a.toldAt = true, ev.Before, now.Mono
	s.send(&wire.Wait{Before: ev.Before})
}

// giveWay ends a turn where the snapshot is read, or others wait and the turn
// was long.
func (s *Session) giveWay(ended bool, others bool, now wire.Now) {
	a := &s.admission
	if a.admitted && (ended || others && now.Mono >= a.since+turn) {
		*a = admission{}
		s.do(Release{})
	}
}

// unused is when a turn is over at which nothing is read, because the station asks
// for nothing more.
func (s *Session) unused() time.Duration {
	if a, d := &s.admission, &s.down; a.admitted && d.credit == 0 && !d.fetching {
		return a.since + turn
	}
	return never
}

// admissions is the hub's side: who reads, and who waits.
type admissions struct {
	mu      sync.Mutex
	limit   int
	reading map[*runner]bool
	waiting []*runner
}

// ask admits a session or puts it into the queue: at the end, or, where its
// station cannot be told to wait, before all who can.
func (a *admissions) ask(r *runner, patient bool) (admitted bool, before int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.reading) < a.limit && len(a.waiting) == 0 {
		a.read(r)
		return true, 0
	}
	at := len(a.waiting)
	if !patient {
		at = 0
	}
	a.waiting = slices.Insert(a.waiting, at, r)
	return false, at
}

func (a *admissions) read(r *runner) {
	if a.reading == nil {
		a.reading = map[*runner]bool{}
	}
	a.reading[r] = true
}

// leave gives up a place, of either kind, and admits who is next. A session that
// has none loses nothing.
func (a *admissions) leave(r *runner) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.reading, r)
	a.waiting = slices.DeleteFunc(a.waiting, func(o *runner) bool { return o == r })
	for len(a.waiting) > 0 && len(a.reading) < a.limit {
		next := a.waiting[0]
		a.waiting = a.waiting[1:]
		a.read(next)
		close(next.admitted)
	}
}

// before is how many wait before a session.
func (a *admissions) before(r *runner) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return max(slices.Index(a.waiting, r), 0)
}

// busy says whether anybody waits.
func (a *admissions) busy() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.waiting) > 0
}
