package cache

import (
	"time"

	"wardlight/internal/tidy"
)

// How often the store is tended, and how long nobody must have written before
// its tables are tidied.
const (
	tendEvery = 5 * time.Second
	idleFor   = time.Minute
	tidyAfter = 4 << 20 // bytes written since the last time
)

// From how many bytes walked over memory is given back, once fewer than quiet
// came in between two looks: a long reading is not disturbed in its middle.
const (
	giveBackAfter = 16 << 20
	quietReads    = 1 << 20
)

// mappedMost is how much of the tables may come into memory before it is given back
// though somebody reads. A ward to which results come all day is never quiet, and a page
// stays once it was read: a copy of a million results would be in memory as a whole.
const mappedMost = 24 << 20

// tend keeps the reserve, lets old receipted work go, writes lists of owners out, tidies Badger's tables
// while nobody writes, and gives back the memory of a long reading.
func (c *Cache) tend() {
	defer c.life.calls.Done()
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	expired, reads, pages := time.Time{}, int64(0), mapped{now: tidy.Mapped}
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
			if n := c.reads.Load(); n > giveBackAfter && n-reads < quietReads || pages.many() {
				c.reads.Store(0)
				tidy.PageOut(c.isTable)
				pages.gone()
			}
			reads = c.reads.Load()
			c.tendLists(now)
			if now.UnixNano()-c.lastPut.Load() > int64(idleFor) && c.writes.Load() > tidyAfter {
				c.tidy()
			}
		}
	}
}

// mapped follows how much of mapped files is in memory: the tables, and the program with
// its libraries, which is much and nobody's here to let go of.
type mapped struct {
	now   func() uint64
	least uint64 // since the tables were let go of
}

// many says whether so much has come since that it is to go again.
func (m *mapped) many() bool {
	now := m.now()
	m.least = min(m.least, now)
	return now > m.least+mappedMost
}

// gone is told that the tables were let go of.
func (m *mapped) gone() { m.least = m.now() }

// tidy merges the tables, where there is room for it and the last time is over.
// It runs by itself: on a disk that fills meanwhile it stands still.
func (c *Cache) tidy() {
	if c.tidied != nil {
		select {
		case <-c.tidied:
		default:
			return
		}
	}
	if c.space.room("cache.tidy", needSnapshot) != nil {
		return
	}
	c.writes.Store(0)
	c.tidied = make(chan struct{})
	go func(done chan struct{}) {
		defer close(done)
		_ = c.db.Flatten(1) // it is tried again after the next writes
	}(c.tidied)
}

func (c *Cache) tendExpired() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ready("cache.tend") == nil {
		_ = c.expire(c.o.Now()) // a failure leaves the rows for the next time
	}
}
