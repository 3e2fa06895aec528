// Package rawlog keeps every message that central received, byte for byte, in
// a folder of its own, before anything else is done with it. It is what a
// restored central is fed from, and what "raw bytes kept" means.
//
// # How
//
// Records are appended to segment files and never changed. A record is sealed
// (AES-256-GCM) under its segment's own key and bound to its place, and framed
// by its length and a SHA-256 over the frame, so that an end which a crash tore
// off is told from a record. Append returns when the record is on disk: one
// goroutine writes and syncs, and callers that come meanwhile share the next
// sync. A full segment gets an index beside it, so that a message is found by
// its SHA-256 without keeping all of them in memory; an index can be rebuilt.
//
//	raw-00000001.v1    a segment
//	raw-00000001.idx   its index, once the segment is full
//	raw-00000002.torn-1234   an end that a crash tore off, put aside
//	lock               held while the log is open
//	revoked.v1         not the log's: central's list of revoked computers, of those
//	                   with another key, and of senders that were taken off, which
//	                   has to outlive the journal as well
//	accounts.v1        nor is this: how every account stood last
//
// # Promises
//
//   - What Append answered is found again by Find and Records, after kill -9
//     and after a power cut.
//   - A torn end is put aside, never thrown away, and reported by Torn.
//   - A changed byte is fault.Corrupt for that record; the others stay readable.
//     (In the very last record it cannot be told from a torn end.)
//   - The folder holds nothing else: a folder with other files in it, such as
//     the journal's, is refused. A full disk is fault.Full and changes nothing.
//
// A Log is safe for concurrent use.
package rawlog

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"sync"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// Options of a log.
type Options struct {
	// Dir is the log's own folder, best on another disk than the journal's. It
	// is made where it is missing.
	Dir string
	// Key is the log's key: of the segments that are begun.
	Key keys.Key
	// Former are the keys before it, the newest first: of segments that are there.
	Former []keys.Key
	// Now is central's clock; nil: the machine's.
	Now func() time.Time
	// Segment is the size, in bytes, after which a new segment is begun; 0: 64
	// MiB.
	Segment int64

	ring  *ring                                      // Key and Former
	write func(f *os.File, b []byte, at int64) error // tests: a disk that fails
	sync  func(f *os.File) error
}

// MaxMessage bounds one message. It is above what the listener accepts.
const MaxMessage = 32 << 20

// Hash is the SHA-256 of a message's raw bytes.
type Hash = [sha256.Size]byte

// Place is where a record stands.
type Place struct {
	Segment uint32
	Offset  int64
}

// Record is one message as received.
type Record struct {
	Place    Place
	Received int64 // ms since 1970, central
	Channel  string
	Hash     Hash
	Raw      []byte
}

// Torn is an end of a segment that was no whole record: a crash came before
// its sync, so nobody was answered for it. Its bytes are in File.
type Torn struct {
	Place Place
	Bytes int64
	File  string
}

// Log is an open log.
type Log struct {
	o    Options
	lock *os.File

	torn    []Torn // found when opening, like damaged
	damaged []Place

	mu     sync.Mutex
	active *segment // being appended to
	next   *batch   // gathering
	end    int64    // where the next record of the active segment will stand, batches on their way included
	moving bool     // the batch on its way fills the segment: the next one begins another
	fresh  bool     // another segment begins in any case, because the key is another
	down   error

	wake, quit, ended chan struct{}
}

// Open opens the log in o.Dir, or makes it.
func Open(ctx context.Context, o Options) (*Log, error) {
	const op = "rawlog.open"
	o.defaults()
	if err := ctx.Err(); err != nil {
		return nil, fault.As(fault.Timeout, op, o.Dir, err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fault.As(fault.Unavailable, op, o.Dir, err)
	}
	numbers, err := segments(op, o.Dir)
	if err != nil {
		return nil, err
	}
	l := &Log{o: o, wake: make(chan struct{}, 1), quit: make(chan struct{}), ended: make(chan struct{})}
	if l.lock, err = lockFile(filepath.Join(o.Dir, lockName)); err != nil {
		return nil, err
	}
	if err := l.load(numbers); err != nil {
		_ = l.lock.Close()
		return nil, err
	}
	l.next = newBatch()
	go l.run()
	return l, nil
}

func (o *Options) defaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.ring = &ring{}
	for _, k := range slices.Backward(append([]keys.Key{o.Key}, o.Former...)) {
		o.ring.add(k)
	}
	o.Key, o.Former = keys.Key{}, nil // held by the ring alone
	if o.Segment <= 0 {
		o.Segment = 64 << 20
	}
	if o.write == nil {
		o.write = func(f *os.File, b []byte, at int64) error { _, err := f.WriteAt(b, at); return err }
	}
	if o.sync == nil {
		o.sync = (*os.File).Sync
	}
}

const lockName = "lock"

var (
	segmentName = regexp.MustCompile(`^raw-(\d{8})\.v1$`)
	otherName   = regexp.MustCompile(`^(lock|lost\+found|revoked\.v1|accounts\.v1|raw-\d{8}\.(idx|idx\.new|torn-\d+))$`)
)

// segments lists the segments of a folder, in order, and refuses a folder that
// holds anything else.
func segments(op, dir string) ([]uint32, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fault.As(fault.Unavailable, op, dir, err)
	}
	var numbers []uint32
	for _, f := range files {
		m := segmentName.FindStringSubmatch(f.Name())
		if m == nil {
			if !otherName.MatchString(f.Name()) {
				return nil, fault.New(fault.Invalid, op, dir, "the folder holds other files; the raw log wants a folder of its own, so that whatever happens to the journal cannot happen to it")
			}
			continue
		}
		n, err := strconv.ParseUint(m[1], 10, 32)
		if err != nil {
			return nil, fault.As(fault.Corrupt, op, f.Name(), err)
		}
		numbers = append(numbers, uint32(n))
	}
	sort.Slice(numbers, func(i, j int) bool { return numbers[i] < numbers[j] })
	for i, n := range numbers {
		if n != uint32(i)+1 {
			return nil, fault.Newf(fault.Corrupt, op, dir, "the segment %d is missing; put it back", i+1)
		}
	}
	return numbers, nil
}

// load opens the newest segment, or makes the first.
func (l *Log) load(numbers []uint32) (err error) {
	if len(numbers) == 0 {
		l.active, err = makeSegment(&l.o, 1)
		if err == nil {
			l.end = l.active.size
		}
		return err
	}
	newest := numbers[len(numbers)-1]
	s, err := openSegment(&l.o, newest)
	if fault.Is(err, fault.Corrupt) && s != nil && s.headless {
		// Its making was interrupted: it never held a record.
		if l.torn, err = s.putAside(l.torn, 0); err == nil {
			s, err = makeSegment(&l.o, newest)
		}
	}
	if err != nil {
		return err
	}
	for _, n := range numbers[:len(numbers)-1] {
		damaged, err := ensureIndex(&l.o, n)
		if err != nil {
			_ = s.f.Close()
			return err
		}
		l.damaged = append(l.damaged, damaged...)
	}
	good, err := s.scan(func(t tag, at int64) { s.index[t] = at }, func(at int64) { l.damaged = append(l.damaged, Place{newest, at}) })
	if err == nil && good < s.size {
		l.torn, err = s.putAside(l.torn, good)
	}
	if err != nil {
		_ = s.f.Close()
		return err
	}
	l.active, l.end = s, s.size
	l.fresh = s.tags != l.o.ring.all()[0].Derive(tagsPurpose) // the key was changed, and nothing came since
	l.moving = l.fresh || l.end >= l.o.Segment
	return nil
}

// ring are the log's keys, the newest first. A segment is sealed by one of them, which
// its header tells.
type ring struct {
	mu   sync.Mutex
	keys []*keys.Kept
}

// all are copies of them.
func (r *ring) all() []keys.Key {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]keys.Key, len(r.keys))
	for i, k := range r.keys {
		list[i] = k.Key()
	}
	return list
}

func (r *ring) add(k keys.Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = append([]*keys.Kept{keys.KeepKey(&k)}, r.keys...)
}

// Rekey begins another segment under another key with the next message, while the log
// works. The caller has made the key durable: at the next opening it is Options.Key, and
// the present one the first of Options.Former.
func (l *Log) Rekey(k keys.Key) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.stopped(); err != nil {
		return err
	}
	l.o.ring.add(k)
	l.fresh, l.moving = true, true
	l.nudge()
	return nil
}

// Torn says which ends were found torn when the log was opened.
func (l *Log) Torn() []Torn { return l.torn }

// Damaged says which records were found damaged when the log was opened. Full
// segments with an index are not read then; reading them tells.
func (l *Log) Damaged() []Place { return l.damaged }

// Close writes what is on its way and closes the log.
func (l *Log) Close() error {
	l.mu.Lock()
	select {
	case <-l.quit:
		l.mu.Unlock()
		return nil
	default:
	}
	close(l.quit)
	l.mu.Unlock()
	<-l.ended
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down == nil {
		l.down = errClosed
	}
	err := l.active.f.Close()
	if e := l.lock.Close(); err == nil {
		err = e
	}
	return fault.As(fault.Unavailable, "rawlog.close", l.o.Dir, err)
}

var errClosed = fault.New(fault.Unavailable, "rawlog", "", "the raw log is closed")

func segmentFile(dir string, n uint32) string {
	return filepath.Join(dir, fmt.Sprintf("raw-%08d.v1", n))
}

func indexFile(dir string, n uint32) string {
	return filepath.Join(dir, fmt.Sprintf("raw-%08d.idx", n))
}
