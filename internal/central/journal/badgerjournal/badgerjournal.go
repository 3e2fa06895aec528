// Package badgerjournal keeps central's journal on one machine's disk, in
// Badger, encrypted and authenticated.
//
// # How
//
// Rows and rules come from package state. An Update runs its function on the
// caller's goroutine, alone, over what is durable and what waits to be; what it
// wrote joins the group that waits. One goroutine writes group after group: one
// Badger commit, synced, with the new head in it, and only then is every Update
// of the group answered. While one group is being synced the next one gathers,
// so that many writers share the cost of a sync.
//
// Badger runs with timestamps of our own ("managed mode"): each commit has one,
// and a View reads at the timestamp of the newest published head. A group that
// is larger than one Badger transaction is written in several synced commits
// under one timestamp, and the head last, by itself: before the head nobody
// reads at that timestamp, and after a crash Open undoes whatever lies beyond
// the head.
//
// Badger's encryption hides rows (keys too) and does not protect them, so each
// value is sealed by AES-256-GCM, bound to its key and its commit's timestamp:
// a value that was changed, moved or taken from another time is fault.Corrupt.
// What a seal cannot show, absence, is shown by the chain of entries, by
// journal.Verify, and at opening by a small file beside Badger that knows how
// far the journal had come.
//
// # Files
//
//	<dir>/badger/   Badger's own
//	<dir>/head.v1   how far the journal has come, in two slots, sealed
//	<dir>/reserve   space held back, given up when the disk is nearly full
//
// # When something is wrong
//
// A full disk would kill the process (Badger writes through memory maps), so
// free space is looked at before every commit, before every table of a merge,
// before opening and before closing (see space): fault.Full, nothing was
// written, reading goes on. A commit that fails for another reason
// leaves it unknown whether it is on disk; the journal then takes no more
// Updates until it is opened again, which settles it. A wrong key is
// fault.Denied, a missing key registry or a journal that is older than head.v1
// says is fault.Corrupt, each with what to do.
package badgerjournal

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/state"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// Options of a journal.
type Options struct {
	// Dir is the journal's own folder.
	Dir string
	// Key is the journal's data key; the keys of its parts are derived from it.
	Key keys.Key
	// Former are the data keys before it, the newest first: rows of theirs are read.
	Former []keys.Key
	// Signer is central's journal key, which signs epochs.
	Signer journal.Signer
	// FormerSigners are the public keys before Signer's, which signed epochs that are
	// still the present one.
	FormerSigners [][]byte
	// Now is central's clock; nil: the machine's.
	Now func() time.Time
	// Reserve is how much free space must stay, in bytes; 0: 256 MiB, or 64
	// MiB where Small. Below it nothing is written.
	Reserve int64
	// Small chooses caches for a demonstration or a test instead of a server.
	Small bool
	// Begin, where set, begins a new epoch at the head found, whatever head.v1
	// says: the way on after a machine was rolled back (CauseRestored), or was
	// emptied on purpose (CauseWiped).
	Begin record.Cause
	// Before are the epochs that a journal made by Create follows: those of the
	// one that was wiped.
	Before []record.Epoch
	// Durable, where set, is handed each entry once it is durable and before any
	// reader sees it, in order. It must be quick and call nothing of the journal's.
	Durable func(record.Entry)

	faults faults
}

// faults are where tests of this package take a hand; nobody else can. What goes
// wrong then stands in the tests: no program holds any of it.
type faults struct {
	badger    func(badger.Options) badger.Options // how Badger is opened
	joined    func(head *record.Cursor)           // after an Update has joined a group
	await     func()                              // instead of waiting for the sync
	free      func(dir string) (uint64, error)    // instead of the file system's free space
	beforePub func()                              // between the parts of a large commit and its head
	commit    func(head record.Cursor) error      // instead of a disk that fails
	rows      func(rows []row, ts uint64) []row   // what is written instead
}

// Journal is an open journal.
type Journal struct {
	o     Options
	db    *badger.DB
	seal  *sealers
	head  *headFile
	space *space

	queue  // Updates on their way
	ending // of the journal

	mu     sync.Mutex // guards what follows
	at     published
	epochs []record.Epoch // the lineage, oldest first
	views  map[uint64]int // running views by timestamp
	idle   *sync.Cond     // signalled when a view ends
	grown  chan struct{}
	closed atomic.Bool
}

// published is the newest durable state.
type published struct {
	ts   uint64
	head record.Cursor
}

var _ journal.Journal = (*Journal)(nil)

// Create makes a new journal in o.Dir, which must be empty or absent, and
// opens it. Its first epoch is signed by o.Signer.
func Create(ctx context.Context, o Options) (*Journal, error) {
	const op = "badgerjournal.create"
	o = o.withDefaults()
	if o.Begin == "" {
		o.Begin = record.CauseFirst
	}
	j, err := startEmpty(ctx, op, o)
	if err != nil {
		return nil, err
	}
	j.epochs = o.Before
	if err := j.start(o.Begin, 0); err != nil {
		_ = j.head.close()
		_ = j.db.Close()
		return nil, err
	}
	j.run()
	return j, nil
}

// startEmpty makes the folders of a new journal. Until it has an epoch it is
// none, and Open refuses it.
func startEmpty(ctx context.Context, op string, o Options) (*Journal, error) {
	if err := ctx.Err(); err != nil {
		return nil, fault.As(fault.Timeout, op, "", err)
	}
	switch found, err := os.ReadDir(o.Dir); {
	case err == nil && len(found) > 0:
		return nil, fault.New(fault.Exists, op, o.Dir, "the folder is not empty; a journal is made in a folder of its own")
	case err != nil && !os.IsNotExist(err):
		return nil, fault.As(fault.Unavailable, op, o.Dir, err)
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, dbFolder), 0o700); err != nil {
		return nil, fault.As(fault.Unavailable, op, o.Dir, err)
	}
	return openFiles(op, o)
}

// Open opens an existing journal.
func Open(ctx context.Context, o Options) (*Journal, error) {
	const op = "badgerjournal.open"
	o = o.withDefaults()
	if err := ctx.Err(); err != nil {
		return nil, fault.As(fault.Timeout, op, "", err)
	}
	if err := looksWhole(op, o.Dir); err != nil {
		return nil, err
	}
	j, err := openFiles(op, o)
	if err != nil {
		return nil, err
	}
	if err := j.load(op); err != nil {
		_ = j.head.close()
		_ = j.db.Close()
		return nil, err
	}
	j.run()
	return j, nil
}

// openFiles opens the files; what they say is read by load.
func openFiles(op string, o Options) (*Journal, error) {
	j := &Journal{o: o, seal: newSealers(o.dataKeys()), views: map[uint64]int{}, grown: make(chan struct{})}
	j.idle = sync.NewCond(&j.mu)
	j.space = newSpace(o)
	if err := j.space.opening(op); err != nil {
		return nil, err
	}
	var err error
	if j.db, err = openDB(op, o, j.space.gate); err != nil {
		return nil, err
	}
	j.head, err = openHeadFile(filepath.Join(o.Dir, headName), keys.NewRing(keys.DeriveEach(headPurpose, o.dataKeys())...))
	if err != nil {
		_ = j.db.Close()
		return nil, err
	}
	return j, nil
}

const headPurpose = "journal head"

func (o Options) dataKeys() []keys.Key { return append([]keys.Key{o.Key}, o.Former...) }

// Rekey seals with another data key from here on, while the journal works; rows of
// the former ones are read as before. The caller has made it durable: at the next
// opening it is Options.Key, and the present one is the first of Options.Former.
// What Badger itself encrypts with moves to the new key then.
func (j *Journal) Rekey(data keys.Key) {
	j.seal.add(data)
	j.head.seal.Add(data.Derive(headPurpose))
}

// Head is the newest durable position with its chain hash.
func (j *Journal) Head() record.Cursor {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.at.head
}

// Grown returns a channel that is closed at the next commit.
func (j *Journal) Grown() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.grown
}

func errClosed(op string) error {
	return fault.New(fault.Unavailable, op, "", "the journal is closed")
}

// View runs fn on a consistent snapshot.
func (j *Journal) View(ctx context.Context, fn func(journal.Reader) error) error {
	const op = "badgerjournal.view"
	if err := ctx.Err(); err != nil {
		return fault.As(fault.Timeout, op, "", err)
	}
	j.mu.Lock()
	if j.closed.Load() {
		j.mu.Unlock()
		return errClosed(op)
	}
	at := j.at
	j.views[at.ts]++
	j.mu.Unlock()
	defer j.endView(at.ts)
	txn := j.db.NewTransactionAt(at.ts, false)
	defer txn.Discard()
	return fn(state.NewReader(&rows{j: j, txn: txn, view: true}, at.head))
}

// endView gives up a snapshot, so that Badger may forget what only it could
// still see.
func (j *Journal) endView(ts uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.views[ts]--; j.views[ts] == 0 {
		delete(j.views, ts)
	}
	j.forget()
	j.idle.Broadcast()
}

// forget tells Badger which versions nobody reads any more. Called with mu
// held.
func (j *Journal) forget() {
	oldest := j.at.ts
	for ts := range j.views {
		oldest = min(oldest, ts)
	}
	j.db.SetDiscardTs(oldest)
}
