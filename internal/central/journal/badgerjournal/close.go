package badgerjournal

import (
	"sync"
	"time"

	"wardlight/internal/fault"
)

// ending is how far Close has come.
type ending struct {
	mu   sync.Mutex
	end  chan error // what closing Badger gave; nil: it has not begun
	over bool
}

// closePatience is how long Close waits for merges that have no room.
const closePatience = 5 * time.Second

// Close lets the Updates on their way finish, ends running Views, and closes.
// On a disk that is too full for what Badger still has to write it says
// fault.Full and leaves Badger as it is: the process can end and loses nothing
// (what was answered is in Badger's log, synced), or Close can be tried again.
func (j *Journal) Close() error {
	j.ending.mu.Lock()
	defer j.ending.mu.Unlock()
	if j.over {
		return nil
	}
	j.mu.Lock()
	first := !j.closed.Swap(true)
	j.mu.Unlock()
	if first {
		j.stop()
	}
	j.mu.Lock()
	for len(j.views) > 0 {
		j.idle.Wait()
	}
	j.mu.Unlock()
	return j.closeFiles()
}

// closeFiles closes Badger where the disk has room for it, and the head file.
func (j *Journal) closeFiles() error {
	const op = "badgerjournal.close"
	if j.end == nil {
		if err := j.space.closing(op); err != nil {
			return err
		}
		j.end = make(chan error, 1)
		go func() { j.end <- j.db.Close() }()
	}
	for {
		select {
		case err := <-j.end:
			j.over = true
			if e := j.head.close(); err == nil {
				err = e
			}
			return dbErr(fault.Unavailable, op, err)
		case <-time.After(closePatience):
			if j.space.gate.Holding() {
				return j.space.noRoomToEnd(op)
			}
		}
	}
}
