package cache

import (
	"time"

	"wardlight/internal/fault"
)

// closePatience is how long Close waits for merges that have no room.
const closePatience = 5 * time.Second

// Close syncs and closes everything. It waits for running calls. On a disk that
// is too full for what Badger still has to write it says fault.Full and leaves
// Badger as it is, for the program to end: nothing is lost, what was saved is in
// Badger's log and in the outbox file.
func (c *Cache) Close() error {
	if !c.life.end() {
		return nil
	}
	c.mu.Lock() // no writer any more
	defer c.mu.Unlock()
	err := c.closeDB()
	if e := c.out.Close(); err == nil {
		err = e
	}
	if c.count != nil {
		_ = c.count.Sync()
		_ = c.count.Close()
	}
	c.lookKey.close()
	unlock(c.lock)
	if fault.Is(err, fault.Full) {
		return err
	}
	return fault.As(fault.Unavailable, "cache.close", c.o.Dir, err)
}

func (c *Cache) closeDB() error {
	if !c.space.merging() {
		return errNoRoomToEnd()
	}
	ended := make(chan error, 1)
	go func() {
		if c.tidied != nil {
			<-c.tidied
		}
		ended <- c.db.Close()
	}()
	for {
		select {
		case err := <-ended:
			return err
		case <-time.After(closePatience):
			if c.space.gate.Holding() {
				return errNoRoomToEnd()
			}
		}
	}
}

func errNoRoomToEnd() error {
	return fault.New(fault.Full, "cache.close", "", "the disk of this computer is too full to tidy up before the end. "+
		"Everything saved is safe. Free space on the disk; the next start tidies up")
}
