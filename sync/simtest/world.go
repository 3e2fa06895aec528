package simtest

import (
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"wardlight/internal/clinical/record"
)

// Plant is a fault built in on purpose.
type Plant string

// The faults.
const (
	None               Plant = ""
	HubSkipsChange     Plant = "the hub leaves a change out of a batch"
	HubForgetsForget   Plant = "the hub does not say which patients left"
	CursorBeforeCommit Plant = "the station moves its cursor before its data"
	ReceiptFirst       Plant = "central answers before it has appended"
	LostOnCrash        Plant = "central's journal is not synced"
	Doubled            Plant = "central does not know a mutation again"
	OutOfOrder         Plant = "central takes a patient's mutations out of order"
	NoAudit            Plant = "central writes an acknowledgement without its audit event"
	OutboxForgets      Plant = "the station clears its outbox when it has sent"
)

// Plants are all faults that can be built in.
func Plants() []Plant {
	return []Plant{
		HubSkipsChange, HubForgetsForget, CursorBeforeCommit, ReceiptFirst, LostOnCrash, Doubled,
		OutOfOrder, NoAudit, OutboxForgets,
	}
}

// profile is what a seed's history is made of. Each is a share of 1.
type profile struct {
	drop, double, overtake float64
	crashes, cuts          int
	restores               bool
	skew                   time.Duration
	busy                   time.Duration // between two things that people do
}

// world is one simulation.
type world struct {
	ctx      context.Context
	seed     uint64
	rng      *rand.Rand
	now      time.Duration
	events   queue
	count    uint64
	profile  profile
	plant    Plant
	healed   bool // nothing goes wrong any more
	rest     bool // nothing is left to be done
	failure  error
	central  *central
	stations []*station
	conns    []*conn
	ledger   ledger
}

// chaos is how long things go wrong; patience, how long healing may take.
const (
	chaos    = 40 * time.Second
	patience = 8 * time.Minute
	// maxEvents is far more than any history has.
	maxEvents = 1_000_000
)

// Run plays one seed and returns what was violated, with the seed in it.
func Run(seed uint64, plant Plant) error {
	w := newWorld(seed, plant)
	w.play(chaos)
	w.heal()
	w.play(chaos + patience)
	if w.failure == nil {
		w.failure = w.atRest()
	}
	if w.failure != nil {
		return fmt.Errorf("seed %d: %w (play it again: go test ./sync/simtest -run Seeds -seeds 1 -seed %d)", seed, w.failure, seed)
	}
	return nil
}

func newWorld(seed uint64, plant Plant) *world {
	w := &world{
		ctx: context.Background(), seed: seed, plant: plant,
		rng: rand.New(rand.NewPCG(seed, 0x5eed)), //nolint:gosec // a seed is replayed: it must not be secret
	}
	w.profile = profile{
		drop:     w.share(0.03),
		double:   w.share(0.03),
		overtake: w.share(0.03),
		crashes:  w.rng.IntN(6),
		cuts:     w.rng.IntN(6),
		restores: w.rng.IntN(4) == 0,
		skew:     time.Duration(w.rng.IntN(3)-1) * 24 * time.Hour,
		busy:     time.Duration(100+w.rng.IntN(1500)) * time.Millisecond,
	}
	w.ledger.begin()
	w.central = newCentral(w)
	for i, wards := range [][]record.Ward{{"A"}, {"B"}, {"A", "B"}} {
		w.stations = append(w.stations, newStation(w, i, wards))
	}
	w.central.open()
	for _, s := range w.stations {
		s.boot()
	}
	w.schedule()
	return w
}

// share is 0 in two seeds of three, so that most faults meet alone too.
func (w *world) share(most float64) float64 {
	if w.rng.IntN(3) > 0 {
		return 0
	}
	return w.rng.Float64() * most
}

// schedule fills the heap with what people and fate will do.
func (w *world) schedule() {
	for at := time.Duration(0); at < chaos; at += time.Duration(w.rng.Int64N(int64(2 * w.profile.busy))) {
		w.at(at, w.something)
	}
	for range w.profile.crashes {
		w.at(w.within(chaos), w.crashSomebody)
	}
	for range w.profile.cuts {
		w.at(w.within(chaos), w.cutSomebody)
	}
	if w.profile.restores {
		w.at(w.within(chaos), w.central.backup)
		w.at(chaos/2+w.within(chaos/2), w.central.restore)
	}
	for at := time.Second; at < chaos; at += 4 * time.Second {
		w.at(at, w.spotCheck)
	}
}

func (w *world) within(d time.Duration) time.Duration { return time.Duration(w.rng.Int64N(int64(d))) }

func (w *world) chance(p float64) bool { return p > 0 && w.rng.Float64() < p }

// play runs events until a time, or until nothing is left to do.
func (w *world) play(until time.Duration) {
	for w.failure == nil && len(w.events) > 0 && w.events[0].at <= until {
		e := heap.Pop(&w.events).(event) //nolint:forcetypeassert // the heap holds events
		w.now = e.at
		e.do()
		if w.count > maxEvents {
			w.fail("%d events: somebody goes round in circles", w.count)
		}
		if w.rest {
			return
		}
	}
}

func (w *world) fail(format string, args ...any) {
	if w.failure == nil {
		w.failure = fmt.Errorf("at %v: "+format, append([]any{w.now}, args...)...)
	}
}

// event is one thing that will happen; events of one instant happen in the
// order in which they were planned.
type event struct {
	at time.Duration
	nr uint64
	do func()
}

type queue []event

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].nr < q[j].nr
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(event)) } //nolint:forcetypeassert // only at pushes
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1] = event{}
	*q = old[:len(old)-1]
	return e
}

func (w *world) at(t time.Duration, do func()) {
	w.count++
	heap.Push(&w.events, event{at: t, nr: w.count, do: do})
}

func (w *world) after(d time.Duration, do func()) { w.at(w.now+d, do) }

// soon is the time that disks and processors take.
func (w *world) soon(do func()) { w.after(time.Duration(w.rng.IntN(4000))*time.Microsecond, do) }

// Trace plays a seed and describes how it went.
func Trace(seed uint64) string {
	w := newWorld(seed, None)
	w.play(chaos)
	w.heal()
	w.play(chaos + patience)
	return fmt.Sprintf("%d events, rest at %v, %d entries, outcomes %v", w.count, w.now, len(w.ledger.entries), w.ledger.outcomes)
}
