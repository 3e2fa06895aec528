package badgerjournal

import (
	"os"
	"path/filepath"
	"sync"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/mergeroom"
)

// space watches the disk. Badger writes through memory maps, so a full disk
// does not fail a write: it kills the process, at the next opening too. So
//
//   - nothing is committed while less is free than the reserve and what Badger
//     may write unasked (memory flushed to tables, and merges);
//   - no merge goes on while less is free than what may be written unasked;
//   - a file of the reserve's size is held back. When somebody else fills the
//     disk it is given up, and Badger finishes on it what it has begun.
//
// A disk that others fill to the last block thus finds Badger at rest, as long
// as they need longer for it than Badger to flush what it has in memory. Whoever
// fills it within one look, the reserve included, can still kill the process;
// what was answered is on disk then, and opening waits for space.
type space struct {
	dir     string
	reserve uint64
	flush   uint64 // what Badger may have to write for what it has in memory
	unasked uint64 // that, and merges
	free    func(dir string) (uint64, error)
	gate    *mergeroom.Gate // asks merging

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
			_ = s.merging()
		}
	}
}

func newSpace(o Options) *space {
	db := o.database(nil)
	s := &space{
		dir: o.Dir, free: o.faults.free,
		reserve: uint64(max(o.Reserve, 0)),
		flush:   uint64(mergeroom.Flushing(db)), unasked: uint64(mergeroom.Unasked(db)), //nolint:gosec // sums of sizes
	}
	if s.free == nil {
		s.free = freeSpace
	}
	s.gate = mergeroom.New(s.merging)
	return s
}

func (s *space) file() string { return filepath.Join(s.dir, reserveName) }

// least is what must be free for a commit, besides the commit.
func (s *space) least() uint64 { return max(s.reserve, s.unasked) }

// merging says whether a merge may write a table. Before it says no it gives the
// reserve up. A system that cannot say how much is free stops nothing.
func (s *space) merging() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	free, err := s.free(s.dir)
	if err == nil && s.held && free < s.unasked {
		free, err = s.giveUp()
	}
	return err != nil || free >= s.unasked
}

// opening makes sure that Badger can be opened, and holds space back where
// there is enough.
func (s *space) opening(op string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	free, err := s.free(s.dir)
	if err != nil {
		return fault.As(fault.Unavailable, op, s.dir, err)
	}
	if free < s.flush {
		if free, err = s.giveUp(); err != nil || free < s.flush {
			return s.full(op, free, s.flush)
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
	need := s.least() + 3*uint64(size) //nolint:gosec // a size is positive
	if !s.held {
		need += s.reserve // what was given up is for finishing, not for going on
	}
	if free >= need {
		s.holdBack(free)
		return nil
	}
	if s.held && free < s.unasked {
		_, _ = s.giveUp()
	}
	return s.full(op, free, need)
}

// closing makes sure that Badger can write out what it has in memory, and end
// its merges.
func (s *space) closing(op string) error {
	if s.merging() {
		return nil
	}
	return s.noRoomToEnd(op)
}

func (s *space) noRoomToEnd(op string) error {
	return fault.New(fault.Full, op, s.dir, "the disk is too full to tidy up before the end; nothing is lost, and the next start does it: free some space first")
}

func (s *space) full(op string, free, need uint64) error {
	return fault.Newf(fault.Full, op, s.dir, "the disk is nearly full (%d MiB free, %d MiB are needed); nothing was written and nothing is lost: free some space, and central goes on by itself", free>>20, need>>20)
}

// giveUp frees the reserve and says what is free then.
func (s *space) giveUp() (uint64, error) {
	if err := os.Remove(s.file()); err != nil && !os.IsNotExist(err) { //nolint:gosec // the journal's own folder
		return 0, err
	}
	s.held = false
	return s.free(s.dir)
}

// holdBack makes the reserve file where it is missing or too small (another
// profile's) and fits easily.
func (s *space) holdBack(free uint64) {
	if s.held {
		return
	}
	if info, err := os.Stat(s.file()); err == nil { //nolint:gosec // the journal's own folder
		if s.held = uint64(info.Size()) >= s.reserve; s.held { //nolint:gosec // a size is positive
			return
		}
		if free, err = s.giveUp(); err != nil {
			return
		}
	}
	if free < s.least()+2*s.reserve {
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
