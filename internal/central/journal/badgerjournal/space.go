package badgerjournal

import (
	"os"
	"path/filepath"
	"sync"
	"time"

	"wardlight/internal/fault"
)

// space watches the disk. Badger writes through memory maps, so a full disk
// does not fail a write: it kills the process, at the next opening too. So
// nothing is written while less than the reserve is free, and a file of the
// reserve's size is held back: when somebody else fills the disk it is given
// up, and Badger can finish what it has in memory and in merging. Whoever fills
// the disk, reserve included, within one look of the watch can still kill the
// process; what was answered is on disk then, and opening waits for space.
type space struct {
	dir     string
	reserve uint64
	memory  uint64 // what Badger may have to write without being asked
	free    func(dir string) (uint64, error)

	mu   sync.Mutex
	held bool // the reserve file is there
}

// watchEvery is how often free space is looked at while nothing is written:
// Badger merges tables whenever it likes.
const watchEvery = 100 * time.Millisecond

// watch gives the reserve up in time, until quit.
func (s *space) watch(quit <-chan struct{}) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-quit:
			return
		case <-tick.C:
		}
		s.mu.Lock()
		if free, err := s.free(s.dir); err == nil && s.held && free < s.memory {
			_, _ = s.giveUp()
		}
		s.mu.Unlock()
	}
}

func newSpace(o Options) *space {
	s := &space{dir: o.Dir, reserve: uint64(max(o.Reserve, 0)), memory: uint64(2 * o.memTable()), free: o.faults.free} //nolint:gosec // a free space is never negative
	if s.free == nil {
		s.free = freeSpace
	}
	return s
}

func (s *space) file() string { return filepath.Join(s.dir, reserveName) }

// opening makes sure that Badger can be opened, and holds space back where
// there is enough.
func (s *space) opening(op string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	free, err := s.free(s.dir)
	if err != nil {
		return fault.As(fault.Unavailable, op, s.dir, err)
	}
	if free < s.memory {
		if free, err = s.giveUp(); err != nil || free < s.memory {
			return s.full(op, free)
		}
	}
	s.holdBack(free)
	return nil
}

// writing makes sure that a commit of about this many bytes can be written: to
// Badger's log, to a table, and once more when tables are merged.
func (s *space) writing(op string, size int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	free, err := s.free(s.dir)
	if err != nil {
		return fault.As(fault.Unavailable, op, s.dir, err)
	}
	need := s.reserve + 3*uint64(size) //nolint:gosec // a size is positive
	if !s.held {
		need += s.reserve // what was given up is for finishing, not for going on
	}
	if free >= need {
		s.holdBack(free)
		return nil
	}
	if s.held && free < s.memory {
		_, _ = s.giveUp()
	}
	return s.full(op, free)
}

func (s *space) full(op string, free uint64) error {
	return fault.Newf(fault.Full, op, s.dir, "the disk is nearly full (%d MiB free, %d MiB must stay); nothing was written and nothing is lost: free some space, and central goes on by itself", free>>20, s.reserve>>20)
}

// giveUp frees the reserve and says what is free then.
func (s *space) giveUp() (uint64, error) {
	if err := os.Remove(s.file()); err != nil && !os.IsNotExist(err) { //nolint:gosec // the journal's own folder
		return 0, err
	}
	s.held = false
	return s.free(s.dir)
}

// holdBack makes the reserve file where it is missing and fits easily.
func (s *space) holdBack(free uint64) {
	if s.held {
		return
	}
	if _, err := os.Stat(s.file()); err == nil { //nolint:gosec // the journal's own folder
		s.held = true
		return
	}
	if free < 3*s.reserve {
		return
	}
	f, err := os.OpenFile(s.file(), os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the journal's own folder
	if err != nil {
		return // the check of free space still stands
	}
	err = allocate(f, int64(s.reserve)) //nolint:gosec // came from an int64
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(s.file()) //nolint:gosec // the journal's own folder
	}
	s.held = err == nil
}
