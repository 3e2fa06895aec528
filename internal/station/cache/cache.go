package cache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache/outbox"
	"wardlight/internal/trust/keys"
)

// Options say what to open.
type Options struct {
	Dir               string            // the station's folder; the cache makes its own folders in it
	Key               keys.Key          // the data key, out of the slots
	Station           record.StationID  // whose mutations these are
	DeviceSealing     keys.SealIdentity // the station's own identity for the outbox file
	RecoveryRecipient string            // central's recovery recipient, "age1…"
	Reserve           int64             // bytes of the reserve file; 0: 96 MiB
	Retention         time.Duration     // how long receipted work stays; 0: 7 days
	ReturnBytes       int64             // how much of what central signed stays, to be given back; 0: 64 MiB
	Now               func() time.Time  // nil: time.Now
	Anchor            Anchor            // remembers outside the folder; nil: none
	// Asked, where set, is called before each question to the store, on the goroutine
	// that asks: for a check of who waits for a disk. It is called at once by many.
	Asked func(op string)
	// Hand, where set, says whether somebody's hand moves at this computer: what nobody
	// waits for rests meanwhile. It is asked often, on any goroutine.
	Hand func() bool
	// FreeSpace says how many bytes are free where dir is; nil asks the system.
	FreeSpace func(dir string) (int64, error)
}

// The defaults.
const (
	DefaultReserve   = 96 << 20 // more than Badger writes unasked, see space
	DefaultRetention = 7 * 24 * time.Hour
	DefaultReturns   = 64 << 20
)

// MaxChange is the largest version of a resource that the cache takes,
// encoded: two of them fit into one transaction, the new one and the one that
// it replaces. Attachments travel as blobs of their own.
const MaxChange = 512 << 10

// Anchor remembers a few bytes outside the station's folder, in the keyring:
// if the whole folder is put back to an older state, the anchor tells, and no
// sequence number is used twice.
type Anchor interface {
	Load(ctx context.Context) ([]byte, error) // fault.NotFound: nothing yet
	Save(ctx context.Context, b []byte) error
}

// Cache is an open store. All methods are safe for concurrent use; after Close
// they return fault.Unavailable.
type Cache struct {
	o     Options
	box   box
	audit keys.Key
	db    *badger.DB
	out   *outbox.Outbox
	lock  *os.File
	space *space
	count *os.File // commits.v1

	lookKey lookKey

	mu   sync.Mutex // held by whoever writes
	meta meta       // as on the disk; guarded by mu

	viewMu sync.RWMutex // held for writing while a staged batch is moved in

	qmu   sync.Mutex
	queue []*job

	work // what follows from the rows and is kept in memory

	news   news
	opened opened
	loose  looseProof
	owners atomic.Pointer[owners] // nil: no list waits
	newest atomic.Pointer[openMeta]
	shelf  shelf
	heard  heard
	toSend toSend
	health Health
	seq    sequence
	life   life
	broken atomic.Pointer[fault.Error]
	// commitTxn is (*badger.Txn).Commit; tests make it fail.
	commitTxn func(*badger.Txn) error
	scrub     chan struct{} // closed when the walk through the store is done
	damage    atomic.Pointer[error]
	waiting   atomic.Int64 // who waits for the walk's end
	walked    atomic.Int64 // how long it took, in nanoseconds; 0: it is not over
	writes    atomic.Int64 // bytes since the last flatten
	reads     atomic.Int64 // bytes walked over since memory was last given back
	lastPut   atomic.Int64
	tidied    chan struct{} // closed when the tables are tidy; nil: never begun; tend's own
}

// work is guarded by Cache.mu, except for reading through Count.
type work struct {
	byPatient map[fhir.ID]int    // unsent mutations
	awaiting  map[uint64]awaited // receipted, not yet in what central has sent back
	bases     map[versionOf]int  // versions that kept mutations are based on
	kept      map[uint64]int64   // q/ rows: when receipted
	absent    absent
	listing   bool // what is begun lists owners
}

type awaited struct {
	patient fhir.ID
	at      record.Position
}

type versionOf struct {
	ref fhir.Ref
	v   record.Version
}

// Health is what Open found and what has happened since, for status lines and
// doctor.
type Health struct {
	Fresh      bool     // there was no cache
	RolledBack bool     // the folder, or its last commits, are older than they were before
	Reimported int      // own mutations that came back from the outbox file
	Repaired   int      // own mutations that had to be written into the outbox file again
	Outbox     []string // damage in the outbox file, in words
	Anchor     string   // why the anchor could not be used; "" where it was, or there is none
	Damage     error    // what the walk through the store found
	// Walk is how long that walk took, with its rests; 0: it is not over.
	Walk time.Duration
}

// Counts are for status lines.
type Counts struct {
	Resources, Patients, Unsent, Looks int
}

// Health says how the store is.
func (c *Cache) Health() Health {
	c.life.tell("cache.health")
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.health
	if p := c.damage.Load(); p != nil {
		h.Damage = *p
	}
	h.Walk = time.Duration(c.walked.Load())
	return h
}

// Count says how much there is.
func (c *Cache) Count() Counts {
	c.life.tell("cache.count") // whoever writes holds what it waits for
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.meta
	return Counts{Resources: int(m.total()), Patients: int(m.Patients), Unsent: int(m.Unsent), Looks: int(m.LookSeq - max(m.LookForward, c.heard.upTo.Load()))} //nolint:gosec // counts of what fits on this disk
}

// Cursor is how far the cache holds everything in its scope; the zero Cursor
// is an empty cache.
func (c *Cache) Cursor() (record.Cursor, error) {
	c.life.tell("cache.cursor")
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.ready("cache.cursor"); err != nil {
		return record.Cursor{}, err
	}
	return c.meta.Cursor, nil
}

// ready says whether the store takes calls.
func (c *Cache) ready(op string) error {
	if c.life.over() {
		return errClosed(op)
	}
	if p := c.broken.Load(); p != nil {
		return fault.Newf(fault.Unavailable, op, "", "writing to this computer's disk failed. "+
			"What was saved before is safe. Start the program again; if it happens again, use another computer and call the administrator: %w", error(p))
	}
	return nil
}

func errClosed(op string) error {
	return fault.New(fault.Unavailable, op, "", "the cache is closed")
}

// fail ends all writing: after a failed write nobody knows what is on the
// disk.
func (c *Cache) fail(err error) {
	var fe *fault.Error
	if errors.As(err, &fe) {
		c.broken.CompareAndSwap(nil, fe)
	}
}

func (c *Cache) badgerDir() string { return badgerDir(c.o.Dir) }

// isTable says whether a mapped file is one of this cache's tables. Badger maps them,
// so that whoever has read all of them once, as the walk does, would keep the whole
// cache in memory.
func (c *Cache) isTable(path string) bool {
	return filepath.Ext(path) == ".sst" && filepath.Dir(path) == c.badgerDir()
}

func badgerDir(dir string) string { return filepath.Join(dir, "badger") }
func outboxDir(dir string) string { return filepath.Join(dir, "outbox") }

// life counts running calls, so that Close can wait for them.
type life struct {
	mu     sync.Mutex
	calls  sync.WaitGroup
	closed bool
	stop   chan struct{}
	asked  func(op string) // Options.Asked
}

// tell says that somebody asks.
func (l *life) tell(op string) {
	if l.asked != nil {
		l.asked(op)
	}
}

func (l *life) enter(op string) error {
	l.tell(op)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errClosed(op)
	}
	l.calls.Add(1)
	return nil
}

func (l *life) leave() { l.calls.Done() }

// pause waits, but not beyond the end.
func (l *life) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-l.stop:
	case <-t.C:
	}
}

func (l *life) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// end refuses new calls and waits for the running ones; false: it was over.
func (l *life) end() bool {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return false
	}
	l.closed = true
	close(l.stop)
	l.mu.Unlock()
	l.calls.Wait()
	return true
}
