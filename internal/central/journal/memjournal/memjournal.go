// Package memjournal is a journal in memory, for tests and for simulation: it
// keeps every promise of package journal for as long as the process lives, is
// deterministic (no goroutine, clock or randomness of its own), and can be
// crashed.
//
// What stands for the disk is one immutable map of rows: an Update works on a
// new map and installs it at the end, so a failed one leaves nothing behind
// and a View is a pointer. Opening a crashed journal gives what its "disk"
// held.
package memjournal

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/state"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Point is a moment in a commit at which a test may let things fail.
type Point uint8

// The points.
const (
	BeforeCommit Point = 1 // nothing is durable yet: the Update never happened
	AfterCommit  Point = 2 // all is durable, and the caller never hears of it
)

// Options of a journal. The zero value is a journal whose clock stands at 0
// and whose epoch is unsigned.
type Options struct {
	// Now is central's clock, in milliseconds since 1970.
	Now func() int64
	// Epoch is the journal's epoch; zero: the unsigned epoch "memory".
	Epoch record.Epoch
	// NewEpoch makes the epochs that Begin starts, signed; nil: unsigned ones.
	NewEpoch func(cause record.Cause, parent string, at record.Position) record.Epoch
	// Fault, where set, is asked at each point of each commit. An error stops
	// the journal there as if central had crashed: that Update and all later
	// calls answer Unavailable, until Reopen.
	Fault func(Point, record.Entry) error
	// Unsynced is a planted fault: Update returns before anything is durable,
	// and only Sync makes it so.
	Unsynced bool
}

// disk is what survives a crash.
type disk struct {
	rows state.Map
	head record.Cursor
}

// Journal is one journal in memory.
type Journal struct {
	o      Options
	update sync.Mutex // held by the one Update that runs

	mu     sync.Mutex     // guards what follows
	now    disk           // what readers see
	synced disk           // what a crash leaves
	epochs []record.Epoch // the lineage, oldest first
	grown  chan struct{}
	down   error
}

var _ journal.Journal = (*Journal)(nil)

// New makes an empty journal.
func New(o Options) *Journal {
	if o.Now == nil {
		o.Now = func() int64 { return 0 }
	}
	j := &Journal{o: o, epochs: []record.Epoch{o.Epoch}, grown: make(chan struct{})}
	if o.Epoch.ID == "" {
		j.epochs[0] = record.Epoch{ID: "memory", Cause: record.CauseFirst}
	}
	j.now.head.Epoch = j.epochs[0].ID
	j.synced = j.now
	return j
}

// Reopen opens what j left behind, as central does after a crash or a stop. j
// itself answers Unavailable from now on.
func (j *Journal) Reopen() *Journal {
	j.update.Lock()
	defer j.update.Unlock()
	j.stop(fault.New(fault.Unavailable, "memjournal", "", "the journal was opened anew"))
	n := New(j.o)
	j.mu.Lock()
	defer j.mu.Unlock()
	n.epochs = j.epochs
	n.now, n.synced = j.synced, j.synced
	return n
}

// Restored begins a new epoch at the present head, as `restore` does.
func (j *Journal) Restored(e record.Epoch) *Journal {
	n := j.Reopen()
	n.epochs = append(slices.Clip(n.epochs), e)
	n.now.head.Epoch = e.ID
	n.synced = n.now
	return n
}

// At is a new journal that holds only what j held up to a position: central
// from yesterday's backup.
func (j *Journal) At(ctx context.Context, p record.Position, e record.Epoch) (*Journal, error) {
	o := j.o
	o.Epoch = e
	n := New(o)
	// A backup knows no epoch that began after it; one that is rolled back
	// silently goes on in its own.
	n.epochs = slices.DeleteFunc(j.Epochs(), func(b record.Epoch) bool { return b.At > p || b.ID == e.ID })
	n.epochs = append(n.epochs, e)
	err := j.View(ctx, func(r journal.Reader) error {
		for entry, err := range r.Entries(0) {
			if err != nil {
				return err
			}
			if entry.Position > p {
				return nil
			}
			if err := n.replay(entry); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

func (j *Journal) replay(entry record.Entry) error {
	tx := state.Begin(nil, j.now.rows, j.now.head, entry.Received)
	if err := tx.Replay(entry); err != nil {
		return err
	}
	e, rows, _, err := tx.Finish()
	if err != nil {
		return err
	}
	if e.Chain != entry.Chain {
		return fault.Newf(fault.Corrupt, "memjournal.replay", "", "entry %d does not give its chain hash", e.Position)
	}
	j.install(rows, e)
	return nil
}

// Sync makes durable what an Unsynced journal holds.
func (j *Journal) Sync() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.synced = j.now
}

// Epoch is the journal's incarnation.
func (j *Journal) Epoch() record.Epoch {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.epochs[len(j.epochs)-1]
}

// Epochs is the lineage, oldest first.
func (j *Journal) Epochs() []record.Epoch {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.epochs)
}

// Begin starts a new epoch.
func (j *Journal) Begin(ctx context.Context, cause record.Cause, at record.Position) (record.Epoch, error) {
	j.update.Lock()
	defer j.update.Unlock()
	d, err := j.snapshot(ctx)
	if err != nil {
		return record.Epoch{}, err
	}
	if at > d.head.Position {
		return record.Epoch{}, fault.Newf(fault.Invalid, "memjournal.begin", "", "an epoch cannot begin at %d: the journal ends at %d", at, d.head.Position)
	}
	e := record.Epoch{ID: fmt.Sprintf("memory-%d", len(j.epochs)+1), Cause: cause, Parent: d.head.Epoch, At: at}
	if j.o.NewEpoch != nil {
		e = j.o.NewEpoch(cause, d.head.Epoch, at)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.epochs = append(slices.Clip(j.epochs), e)
	j.now.head.Epoch = e.ID
	j.synced = j.now
	close(j.grown)
	j.grown = make(chan struct{})
	return e, nil
}

// Head is the newest position with its chain hash.
func (j *Journal) Head() record.Cursor {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.now.head
}

// Grown returns a channel that is closed at the next commit.
func (j *Journal) Grown() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.grown
}

// stop makes all later calls answer err; the first reason stays.
func (j *Journal) stop(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.down == nil {
		j.down = err
	}
}

// snapshot is what readers see, or why there is nothing to see.
func (j *Journal) snapshot(ctx context.Context) (disk, error) {
	if err := ctx.Err(); err != nil {
		return disk{}, fault.As(fault.Timeout, "memjournal", "", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.now, j.down
}

// View runs fn on a consistent snapshot.
func (j *Journal) View(ctx context.Context, fn func(journal.Reader) error) error {
	d, err := j.snapshot(ctx)
	if err != nil {
		return err
	}
	return fn(state.NewReader(&state.Layer{Top: d.rows}, d.head))
}

// Update runs fn and commits what it wrote as one entry. fn may not call
// Update itself.
func (j *Journal) Update(ctx context.Context, fn func(journal.Tx) error) (record.Entry, error) {
	j.update.Lock()
	defer j.update.Unlock()
	d, err := j.snapshot(ctx)
	if err != nil {
		return record.Entry{}, err
	}
	tx := state.Begin(nil, d.rows, d.head, j.o.Now())
	defer tx.Abort()
	if err := fn(tx); err != nil {
		return record.Entry{}, err
	}
	e, rows, wrote, err := tx.Finish()
	if err != nil || !wrote {
		return record.Entry{}, err
	}
	if err := j.at(BeforeCommit, e); err != nil {
		return record.Entry{}, err
	}
	j.install(rows, e)
	if err := j.at(AfterCommit, e); err != nil {
		return record.Entry{}, err
	}
	return e, nil
}

// at asks the test whether central crashes here.
func (j *Journal) at(p Point, e record.Entry) error {
	if j.o.Fault == nil {
		return nil
	}
	err := j.o.Fault(p, e)
	if err != nil {
		err = fault.As(fault.Unavailable, "memjournal.update", "", err)
		j.stop(err)
	}
	return err
}

// install makes an entry visible and durable.
func (j *Journal) install(rows state.Map, e record.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.now.rows = rows
	j.now.head.Position, j.now.head.Chain = e.Position, e.Chain
	if !j.o.Unsynced {
		j.synced = j.now
	}
	close(j.grown)
	j.grown = make(chan struct{})
}

// Close makes all later calls answer Unavailable. What the journal held can
// still be opened with Reopen.
func (j *Journal) Close() error {
	j.stop(fault.New(fault.Unavailable, "memjournal", "", "the journal is closed"))
	return nil
}
