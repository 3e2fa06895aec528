package simtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"wardlight/internal/clinical/record"
)

// world is one simulation. It lives on one goroutine.
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
	instant  bool // disks, processors and lines take no time
	failure  error
	central  *central
	stations []*station // computers: two of them may have one identity
	named    int        // identities so far
	entering int        // computers that are getting a new one
	conns    []*conn
	feed     feed
	ledger   ledger
	looks    int            // made so far, all in all
	struck   map[string]int // how often each thing went wrong
	inputs   *[]Input       // where Record keeps what central was given; nil: nowhere
}

// chaos is how long things go wrong; patience, how long healing may take.
const (
	chaos    = 40 * time.Second
	patience = 8 * time.Minute
	// maxEvents is far more than any history has.
	maxEvents = 400_000
)

// Run plays one seed and returns what was violated, with the seed and the commit
// in it.
func Run(seed uint64, plant Plant) error {
	_, err := Play(seed, plant)
	return err
}

// Play is Run that also counts what went wrong in the history, by name: so that
// the tests can tell that everything does, somewhere (see Happenings).
func Play(seed uint64, plant Plant) (struck map[string]int, err error) {
	w := newWorld(seed, plant)
	w.live()
	if w.failure != nil {
		return w.counts(), fmt.Errorf("seed %d, commit %s: %w (play it again: make sim SEEDS=1 SEED=%d)", seed, commit(), w.failure, seed)
	}
	return w.counts(), nil
}

// counts adds to what fate did what came of it.
func (w *world) counts() map[string]int {
	for o, n := range w.ledger.outcomes {
		w.struck["outcome "+o.String()] += n
	}
	for ref := range w.ledger.current {
		if record.IsKept(ref) {
			w.struck["a ward kept somebody who left"]++
		}
		if record.IsLent(ref) {
			w.struck["a computer was lent a record"]++
		}
	}
	for _, s := range w.stations {
		w.struck["a critical result overtook"] += s.store.overtaken
		w.struck["history came after what a screen shows"] += s.store.inOrder
	}
	w.struck["turn: "+w.profile.turn.String()]++
	return w.struck
}

// live plays the history to its end.
func (w *world) live() {
	w.play(chaos)
	w.heal()
	w.play(chaos + patience)
	if w.failure == nil {
		w.failure = w.atRest()
	}
}

func newWorld(seed uint64, plant Plant) *world {
	return startWorld(seed, plant, func(*world) {})
}

// startWorld is a world that change has had a look at before anything happens.
func startWorld(seed uint64, plant Plant, change func(*world)) *world {
	w := &world{
		ctx: context.Background(), seed: seed, plant: plant, struck: map[string]int{},
		rng: rand.New(rand.NewPCG(seed, 0x5eed)), //nolint:gosec // a seed is replayed: it must not be secret
	}
	w.profile = newProfile(w.rng)
	w.profile.lean(plant)
	change(w)
	w.ledger.begin()
	w.feed.w = w
	for i, wards := range [][]record.Ward{{"A"}, {"B"}, {"A", "B"}} {
		w.stations = append(w.stations, newStation(w, i, wards))
		w.named++
	}
	w.central = newCentral(w)
	w.central.settle()
	for _, s := range w.stations {
		s.boot()
	}
	w.schedule()
	return w
}

func (w *world) within(d time.Duration) time.Duration { return time.Duration(w.rng.Int64N(int64(d))) }

func (w *world) chance(p float64) bool { return p > 0 && w.rng.Float64() < p }

// play runs events until a time, or until nothing is left to do.
func (w *world) play(until time.Duration) {
	for w.failure == nil && len(w.events) > 0 && w.events[0].at <= until {
		e := w.events.pop()
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

func (w *world) at(t time.Duration, do func()) {
	w.count++
	w.events.push(event{at: t, nr: w.count, do: do})
}

func (w *world) after(d time.Duration, do func()) { w.at(w.now+d, do) }

// soon is the time that disks and processors take.
func (w *world) soon(do func()) {
	took := time.Duration(w.rng.IntN(4000)) * time.Microsecond
	if w.instant {
		took = 0
	}
	w.after(took, do)
}

// Trace plays a seed and describes how it went.
func Trace(seed uint64) string {
	w := newWorld(seed, None)
	w.live()
	return fmt.Sprintf("%d events, rest at %v, head %s, %s, outcomes %v, struck %v, failure %v",
		w.count, w.now, w.central.journal.Head().Chain, w.profile.turn, w.ledger.outcomes, w.struck, w.failure)
}

func must(err error) {
	if err != nil {
		panic(err) // only a mistake in the simulation gets here
	}
}
