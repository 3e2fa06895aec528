package cache

import (
	"time"
)

// How often the store is tended, and how long nobody must have written before
// its tables are tidied.
const (
	tendEvery = 5 * time.Second
	idleFor   = time.Minute
	tidyAfter = 4 << 20 // bytes written since the last time
)

// tend keeps the reserve, lets old receipted work go, and tidies Badger's
// tables while nobody writes.
func (c *Cache) tend() {
	defer c.life.calls.Done()
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	expired := time.Time{}
	for {
		select {
		case <-c.life.stop:
			return
		case now := <-tick.C:
			// The space is looked at without a write too: others fill disks.
			if c.space.room("cache.tend", needLook) == nil {
				_ = c.space.keepReserve()
			}
			if now.Sub(expired) > time.Hour {
				expired = now
				c.tendExpired()
			}
			if now.UnixNano()-c.lastPut.Load() > int64(idleFor) && c.writes.Load() > tidyAfter {
				c.writes.Store(0)
				_ = c.db.Flatten(1) // it is tried again after the next writes
			}
		}
	}
}

func (c *Cache) tendExpired() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ready("cache.tend") == nil {
		_ = c.expire(c.o.Now()) // a failure leaves the rows for the next time
	}
}
