package cache

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"

	"wardlight/internal/fault"
)

// A full disk does not make Badger fail, it ends the program (SIGBUS: Badger
// writes through mapped memory). So the free space is looked at before each
// write, and what can wait stops long before the end. With R the size of the
// reserve file, free space below
//
//	3 R    stops snapshots
//	2 R    stops batches
//	1 R    stops new entries and drafts
//	R / 2  gives up the reserve file: from now on looks, receipts and
//	       Badger's own tidying live on it
//	R / 4  with the reserve given up, stops looks and receipts too
//
// The reserve file is made again above 4 R.
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
	free    func(string) (int64, error)
	mu      sync.Mutex
}

func (s *space) path() string { return filepath.Join(s.dir, "reserve") }

// room is nil or fault.Full. A system that cannot say how much is free stops
// nothing.
func (s *space) room(op string, n need) error {
	free, err := s.free(s.dir)
	if err != nil {
		return nil
	}
	if free < s.reserve/2 {
		free += s.giveUp()
	}
	floor := [...]int64{s.reserve / 4, s.reserve, 2 * s.reserve, 3 * s.reserve}[n]
	if free < floor {
		return errFull(op, free, floor)
	}
	return nil
}

// giveUp removes the reserve file and says how much that freed.
func (s *space) giveUp() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := os.Stat(s.path())
	if err != nil || os.Remove(s.path()) != nil {
		return 0
	}
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
		return nil
	}
	free, err := s.free(s.dir)
	if err != nil || free < 4*s.reserve {
		return nil
	}
	if err := fill(s.path(), s.reserve); err != nil {
		_ = os.Remove(s.path())
		if isDiskFull(err) {
			return nil
		}
		return fault.As(fault.Unavailable, "cache.reserve", s.path(), err)
	}
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
