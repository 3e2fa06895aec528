package desk

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/trust/wallclock"
	"wardlight/internal/words"
)

// Config is what a Desk is made of. Store, Signer, Station and Now are
// required.
type Config struct {
	Store    Store
	Signer   func() Signer // the device's key in use: it may be another one at the next entry
	Station  record.StationID
	Place    string           // as shown to others: "Ward 4B, computer 4B-02"
	Now      func() time.Time // this computer's clock
	Rules    alert.Rules      // critical limits; the zero value stands for the defaults
	Location *time.Location   // of the ward; nil is UTC
	Ward     string           // whose patients are on the board; "" for all that are held
	// Build stands for this program as it was built: another one may derive
	// another board of the same record.
	Build string
	Wards []record.Ward // that this computer belongs to; none: Ward alone
	// FirstBoard bounds how long the first board may take to hold complete
	// rows; those after it follow by notices. 0 means 250 ms.
	FirstBoard time.Duration
	// Heads, where set, asks central what it holds about patients; one that it
	// does not name was not compared.
	Heads func(ctx context.Context, patients []fhir.ID) (map[fhir.ID]record.Head, error)
	// Lend, where set, asks central for emergency access to somebody whom this computer
	// does not hold: their record comes by the sync, and goes again. fault.Unavailable:
	// central cannot be asked.
	Lend func(ctx context.Context, user, who, reason string) (id fhir.ID, until time.Time, err error)
	// Clock is what this computer's clocks say, for what is counted; nil: Now, and the
	// clock that nobody sets. PrintLimits are how much may be printed; nil: bulk.Default.
	Clock       func() bulk.Clock
	PrintLimits func() bulk.Limits
	// Known says whether somebody of this name works at this computer; nil: it is not
	// looked at.
	Known func(name string) bool
}

// Desk is one station's desk. Make it with New and keep Run running.
type Desk struct {
	cfg   Config
	store Store
	near  Store // for single records: remembers what they said
	loc   *time.Location

	recipe string // of board rows, see brief
	names  string // of who is where, see brief

	verdicts verdicts
	limits   siteLimits
	scoring  toScore

	writing sync.Mutex // one command at a time: each sees the one before it
	clock   record.HLC // guarded by writing

	session  session
	printing printing
	link     linkBook
	tally    tally
	board    board
	post     post
	trouble  trouble

	opened atomic.Pointer[fhir.ID] // the chart that was opened last
	spoken chan struct{}           // wakes Run when another language is spoken
}

// New makes a desk. It reads the facts that the last run left; it does not
// read patients yet.
func New(cfg Config) (*Desk, error) {
	const op = "desk.new"
	switch {
	case cfg.Store == nil || cfg.Signer == nil || cfg.Now == nil:
		return nil, fault.New(fault.Invalid, op, "", "store, signer and clock are required")
	case cfg.Station == "":
		return nil, fault.New(fault.Invalid, op, "", "the station has no id; it is not enrolled")
	}
	if cfg.Location == nil {
		cfg.Location = time.UTC
	}
	if cfg.Rules.Version == "" {
		cfg.Rules = alert.Default()
	}
	if cfg.Clock == nil {
		cfg.Clock = func() bulk.Clock { return bulk.Clock{Wall: cfg.Now(), Up: wallclock.Uptime(), Boot: wallclock.Boot()} }
	}
	if cfg.FirstBoard <= 0 {
		cfg.FirstBoard = 250 * time.Millisecond
	}
	d := &Desk{cfg: cfg, store: cfg.Store, near: nearby{cfg.Store, new(views)}, loc: cfg.Location, recipe: recipe(cfg), names: namesRecipe(cfg), spoken: make(chan struct{}, 1)}
	d.board.init()
	d.post.init()
	if err := d.link.restore(d); err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	return d, nil
}

// now is the present instant by central's clock, as far as its distance from
// ours was ever measured.
func (d *Desk) now() time.Time {
	return d.cfg.Now().Add(d.link.offset()).In(d.loc)
}

const (
	// refine is how often Run looks at what changes by time alone.
	refine = 15 * time.Second
	// Between tries after the store failed.
	retryFirst, retryLast = 500 * time.Millisecond, 10 * time.Second
)

// Run tails the cache until ctx ends: it derives what changed and sends
// notices. When the store fails it says so (NoticeFailed, Trouble) and tries
// again: a board that silently stands still is the worst that could be shown.
func (d *Desk) Run(ctx context.Context) error {
	tick, keep := time.NewTicker(refine), time.NewTicker(keepEvery)
	defer tick.Stop()
	defer keep.Stop()
	defer d.keepLast()
	retry := retryFirst
	for ctx.Err() == nil {
		grown := d.store.Grown()
		started := time.Now()
		err := d.refresh(ctx)
		if err == nil {
			err = d.keepLink(ctx)
		}
		if ctx.Err() != nil {
			break
		}
		d.trouble.set(d, err)
		if err != nil {
			pause(ctx, retry)
			retry = min(2*retry, retryLast)
			continue
		}
		retry = retryFirst
		d.rest(ctx, time.Since(started))
		select {
		case <-ctx.Done():
		case <-grown:
		case <-d.link.turned:
		case <-d.spoken:
		case <-tick.C:
		case <-keep.C:
			if !d.link.filling() {
				d.keepBriefs(ctx)
			}
		}
		d.gather(ctx)
	}
	return nil
}

// keepLast keeps what was derived when the program ends, so that the next start
// finds it.
func (d *Desk) keepLast() {
	ctx, cancel := context.WithTimeout(context.Background(), keepLast)
	defer cancel()
	d.keepBriefs(ctx)
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// trouble is what keeps Run from reading.
type trouble struct {
	mu  sync.Mutex
	err error
}

func (t *trouble) set(d *Desk, err error) {
	t.mu.Lock()
	changed := (err == nil) != (t.err == nil)
	t.err = err
	t.mu.Unlock()
	if changed && err != nil {
		d.post.send(ward.Notice{Kind: ward.NoticeFailed})
	} else if changed {
		d.post.send(ward.Notice{Kind: ward.NoticePatients})
	}
}

// Trouble is why the board stands still; nil while it does not.
func (d *Desk) Trouble() error {
	d.trouble.mu.Lock()
	defer d.trouble.mu.Unlock()
	return d.trouble.err
}

// rest pauses after a refresh that took long: while a snapshot or a long tail
// comes in, the same rows would be derived again with every batch.
func (d *Desk) rest(ctx context.Context, took time.Duration) {
	// During a first filling the rows have a fifth of the time at most: what
	// is being filled should be there soon, and nobody reads half a ward.
	for end := time.Now().Add(max(fillingPause, 4*took)); d.link.filling() && time.Now().Before(end) && ctx.Err() == nil; {
		pause(ctx, 25*time.Millisecond)
	}
	d.board.work.Lock()
	rows := d.board.rowsLast
	d.board.work.Unlock()
	if !d.link.behind() { // else what comes is gathered
		pause(ctx, restAfter(took, rows))
	}
}

// gather waits, at the end of an outage, for what is still to come before it is
// derived: the same rows change with each of thousands of entries, and what is
// derived again and again keeps them all from being there. It waits for gatherFor at
// most, no longer than the outage is made up for, and not for the rows of a few.
// Whoever got a critical result meanwhile is derived at once.
func (d *Desk) gather(ctx context.Context) {
	derived := d.board.generation()
	seen := derived
	for end := time.Now().Add(gatherFor); d.link.behind() && time.Now().Before(end) && ctx.Err() == nil; {
		changed, critical, gen, known := d.store.Waiting(derived, seen)
		if !known || changed <= few {
			return
		}
		started := time.Now()
		if len(critical) > 0 && d.hurry(ctx, critical) != nil {
			return // the refresh that follows meets the same error and tells it
		}
		seen = gen
		pause(ctx, max(gatherStep, 4*time.Since(started))) // where all is critical, too, a fifth of the time
	}
}

// hurry derives some patients before the others. The board's generation stays: they
// are derived again with all.
func (d *Desk) hurry(ctx context.Context, ids []fhir.ID) error {
	if !d.board.ready() {
		return nil
	}
	d.board.work.Lock()
	defer d.board.work.Unlock()
	ids = d.withSurvivors(ids)
	changed, err := d.derive(ctx, d.near, ids)
	if err == nil {
		d.tell(changed, ids)
	}
	return err
}

// restAfter is how long Run leaves the processor to others after a refresh: the
// rows have a fifth of the time at most while batch after batch comes in. A few
// patients are derived in less than tiring, so that what changes singly is shown at
// once; and a ward's worth of them never waits longer than a person would notice.
// While an outage is made up for, gather decides.
//
// One patient or a few rarely take long by themselves: where they do, it is mostly
// a processor that others use, and nothing is gained by waiting until they have
// gone.
func restAfter(took time.Duration, rows int) time.Duration {
	switch {
	case rows > bulkAbove:
		return min(took, time.Second)
	case took < tiring, rows <= few && took < tiringFew:
		return 0
	default:
		return min(4*took, longestRest)
	}
}

// Bounds of restAfter.
const (
	tiring      = 20 * time.Millisecond
	tiringFew   = 100 * time.Millisecond
	few         = 4 // patients
	longestRest = 250 * time.Millisecond
)

// gatherFor is how long at most a row waits for others (a variable for tests), and
// gatherStep how often it is looked meanwhile whether something critical came.
var gatherFor = time.Second

const gatherStep = 25 * time.Millisecond

// fillingPause is the least pause between two looks during a first filling.
const fillingPause = 700 * time.Millisecond

// Settle returns when Run has derived everything that was committed before
// the call: for tools that ask and read in one breath. A screen waits for the
// notice instead.
func (d *Desk) Settle(ctx context.Context) error {
	_, _, gen := d.store.Touched(d.board.generation())
	for {
		moved, there := d.board.reached(gen)
		if there {
			return nil
		}
		select {
		case <-ctx.Done():
			return fault.As(fault.Timeout, "desk.settle", "", ctx.Err())
		case <-moved:
		}
	}
}

// Patient is who somebody is.
func (d *Desk) Patient(ctx context.Context, id ward.PatientID) (ward.Identity, error) {
	var who ward.Identity
	if _, err := d.author("desk.patient"); err != nil {
		return who, err
	}
	err := d.view(ctx, id, func(c *compartment) error {
		who = d.identity(c)
		return nil
	})
	return who, fault.Wrap("desk.patient", string(id), err)
}

// view loads one patient's compartment and hands it to fn.
func (d *Desk) view(ctx context.Context, id fhir.ID, fn func(*compartment) error) error {
	return d.near.View(ctx, func(r Reader) error {
		c, err := load(r, id)
		if err != nil {
			return err
		}
		if !c.known {
			return notHere(id)
		}
		return fn(c)
	})
}

func notHere(id fhir.ID) error {
	return fault.As(fault.NotFound, "desk.view", string(id), words.Errorf("This patient is not on this computer. They may have left the ward."))
}
