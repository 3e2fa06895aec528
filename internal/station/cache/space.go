package cache

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"wardlight/internal/fault"
	"wardlight/internal/mergeroom"
)

// A full disk does not make Badger fail, it ends the program (SIGBUS: Badger
// writes through mapped memory). So the free space is looked at before each
// write, and what can wait stops long before the end. With R the size of the
// reserve file or, where that is more, U (what Badger may be writing unasked:
// its memory into tables, and merges), free space below
//
//	3 R  stops snapshots
//	2 R  stops batches
//	1 R  stops new entries and drafts
//	U    gives up the reserve file: from now on looks, receipts and merges
//	     live on it, and what stopped needs its size more to go on; with the
//	     reserve given up, merges stand still
//	U/3  (what is in memory) stops looks and receipts, opening, and closing
//
// The reserve file is made again above 4 R. Where merges stand and level 0 has
// filled up meanwhile, everything stops: a writer would wait for ever.
type need int

const (
	needLook     need = iota // looks, receipts, facts
	needEntry                // what people write
	needBatch                // what central sends
	needSnapshot             // what central sends again
)

// space guards one folder.
type space struct {
	dir     string
	reserve int64
	flush   int64 // what Badger has to write for what it holds in memory
	unasked int64 // that, and merges
	free    func(string) (int64, error)
	gate    *mergeroom.Gate // asks merging
	stalled func() bool     // level 0 takes no more tables; nil: nobody knows yet
	held    atomic.Bool     // the reserve file is there
	mu      sync.Mutex      // held by whoever makes or removes it
}

func newSpace(o Options) *space {
	db := profile(o.Dir, o.Key)
	s := &space{dir: o.Dir, reserve: o.Reserve, free: o.FreeSpace, flush: mergeroom.Flushing(db), unasked: mergeroom.Unasked(db)}
	s.gate = mergeroom.New(s.merging)
	return s
}

func (s *space) path() string { return filepath.Join(s.dir, "reserve") }

// room is nil or fault.Full. A system that cannot say how much is free stops
// nothing.
func (s *space) room(op string, n need) error {
	free, err := s.looked()
	if err != nil {
		return nil
	}
	r := s.least()
	floor := [...]int64{s.flush, r, 2 * r, 3 * r}[n]
	if n > needLook && !s.held.Load() {
		floor += s.reserve // what was given up is for finishing, not for going on
	}
	if free < floor {
		return errFull(op, free, floor)
	}
	if s.gate.Holding() && s.stalled != nil && s.stalled() {
		return errFull(op, free, s.unasked)
	}
	return nil
}

// least is R.
func (s *space) least() int64 { return max(s.reserve, s.unasked) }

// looked is how much is free, after the reserve was given up where it had to be.
func (s *space) looked() (int64, error) {
	free, err := s.free(s.dir)
	if err == nil && free < s.unasked {
		free += s.giveUp()
	}
	return free, err
}

// merging says whether a merge may write a table.
func (s *space) merging() bool {
	free, err := s.looked()
	return err != nil || free >= s.unasked
}

// giveUp removes the reserve file and says how much that freed.
func (s *space) giveUp() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := os.Stat(s.path())
	if err != nil || os.Remove(s.path()) != nil {
		return 0
	}
	s.held.Store(false)
	return info.Size()
}

// beforeOpen refuses to open on a full disk: opening alone would end the
// program.
func (s *space) beforeOpen() error {
	return s.room("cache.open", needLook)
}

// keepReserve makes the reserve file where there is none and room enough. Not
// having one is no failure: the limits hold without it.
func (s *space) keepReserve() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if info, err := os.Stat(s.path()); err == nil && info.Size() == s.reserve {
		s.held.Store(true)
		return nil
	}
	free, err := s.free(s.dir)
	if err != nil || free < 4*s.least() {
		return nil
	}
	if err := fill(s.path(), s.reserve); err != nil {
		_ = os.Remove(s.path())
		if isDiskFull(err) {
			return nil
		}
		return fault.As(fault.Unavailable, "cache.reserve", s.path(), err)
	}
	s.held.Store(true)
	return nil
}

// fill makes a file of real blocks, not a hole.
func fill(path string, size int64) error {
	f, err := os.Create(path) //nolint:gosec // the station's own folder
	if err != nil {
		return err
	}
	if err = allocate(f, size); err != nil {
		_, err = f.Seek(0, io.SeekStart)
		chunk := make([]byte, 1<<20)
		for at := int64(0); at < size && err == nil; at += int64(len(chunk)) {
			_, err = f.Write(chunk[:min(int64(len(chunk)), size-at)])
		}
	}
	return errors.Join(err, f.Close())
}

func errFull(op string, free, needed int64) error {
	const mb = 1 << 20
	measure := ""
	if needed > 0 {
		measure = " (" + itoa(free/mb) + " MB left, " + itoa((needed+mb-1)/mb) + " MB needed)"
	}
	return fault.New(fault.Full, op, "", "the disk of this computer is nearly full"+measure+". "+
		"Everything saved before is safe. This was not saved. "+
		"Free space on the disk, or use another computer; then do it again")
}
