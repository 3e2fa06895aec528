package hub

import (
	"context"
	"slices"
	"sync"
	"time"

	"wardlight/sync/wire"
)

// Each session's windows bound what may wait for one station. A thousand stations
// that read nothing would fill a thousand windows all the same, so there is a bound
// over all of them together: what central holds of batches, deltas, chunks and parts
// of documents from before it reads them until the last byte has been handed to the
// system.
//
// Room is given in the order in which it was asked for. Where there is none, a
// session that holds nothing is given a little at once all the same (leastSize): so
// whoever reads goes on, in small pieces, however many others do not. What is read
// ends with a whole entry, and may be leastSize more than its room; so the bound is
// exceeded by two of those for each station at most. What turns out to be bigger is
// dropped, waits for as much room, and is read again. Who lets nothing through for
// Timing.Stall while others wait is sent away.
//
// What is urgent (ahead) does not wait for room: there is one of them at a time, of
// aheadBytes. What is short is not counted; the sender's queue bounds it.
type unsent struct {
	mu      sync.Mutex
	limit   int
	held    int
	items   map[any]item
	claims  map[*claim]bool
	waiting []*request
}

// item is counted once, however many stations it is for.
type item struct{ bytes, holders int }

// claim is one session's part of it.
type claim struct {
	of    *unsent
	items map[any]int // how often it holds each
	moved time.Time   // when something went out last, or began to wait where nothing did
	end   func()      // sends the station away
	over  bool
}

// request waits for room.
type request struct {
	claim *claim
	key   any
	want  int
	least int      // what is enough where there is no room; 0: nothing less
	got   chan int // buffered: is given at most once
}

func newUnsent(limit int) *unsent {
	return &unsent{limit: limit, items: map[any]item{}, claims: map[*claim]bool{}}
}

// enter makes a session's claim; end is called in a goroutine of its own.
func (u *unsent) enter(end func()) *claim {
	c := &claim{of: u, items: map[any]int{}, end: end}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.claims[c] = true
	return c
}

// bytes is what is held now.
func (u *unsent) bytes() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.held
}

// take waits for room for want bytes, and returns how many it may be: want, or,
// where there is no room and the session holds nothing, least. Two that name one key
// share its room. scarce is called where there is less than want just now.
func (c *claim) take(ctx context.Context, key any, want, least int, stall time.Duration, scarce func()) (int, error) {
	u := c.of
	r := &request{claim: c, key: key, want: min(want, u.limit), least: least, got: make(chan int, 1)}
	u.mu.Lock()
	u.waiting = append(u.waiting, r)
	u.serve()
	u.mu.Unlock()
	select {
	case n := <-r.got:
		if n < r.want {
			scarce()
		}
		return n, nil
	default:
		scarce()
	}
	t := time.NewTicker(stall)
	defer t.Stop()
	for {
		select {
		case n := <-r.got:
			return n, nil
		case <-t.C:
			u.clear(stall)
		case <-ctx.Done():
			u.withdraw(r)
			return 0, context.Cause(ctx)
		}
	}
}

// serve gives room to those who wait, in order.
func (u *unsent) serve() {
	room := true
	u.waiting = slices.DeleteFunc(u.waiting, func(r *request) bool {
		n := 0
		switch {
		case r.claim.over:
			return true // its context ends as well
		case room && u.fits(r):
			n = r.want
		case r.least > 0 && len(r.claim.items) == 0:
			n = min(r.least, r.want)
		default:
			room = false // who comes later does not take it away
			return false
		}
		r.claim.add(r.key, n)
		r.got <- n
		return true
	})
}

// fits says whether there is room for a request, or whether somebody has taken as
// much for the same reading.
func (u *unsent) fits(r *request) bool {
	if it := u.items[r.key]; it.holders > 0 {
		return it.bytes >= r.want
	}
	return u.held+r.want <= u.limit
}

func (u *unsent) withdraw(r *request) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.waiting = slices.DeleteFunc(u.waiting, func(o *request) bool { return o == r })
	select {
	case <-r.got: // at the same moment
		r.claim.remove(r.key)
	default:
	}
	u.serve()
}

// clear sends away whoever holds something and has let nothing through for so long.
func (u *unsent) clear(stall time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.claims {
		if len(c.items) > 0 && time.Since(c.moved) >= stall {
			go c.end()
		}
	}
}

// grow says whether there is room for need bytes where less was taken, and takes it.
func (c *claim) grow(key any, need int) bool {
	u := c.of
	u.mu.Lock()
	defer u.mu.Unlock()
	it := u.items[key]
	more := max(need-it.bytes, 0)
	if u.held+more > u.limit || c.over {
		return more == 0
	}
	it.bytes += more
	u.held += more
	u.items[key] = it
	return true
}

// hold counts what cannot wait any more, in the place of what was taken for it
// (nil: nothing was).
func (c *claim) hold(key any, n int, instead any) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.over {
		return
	}
	c.add(key, n)
	if instead != nil {
		c.remove(instead)
		c.of.serve()
	}
}

// drop gives back what take or hold counted.
func (c *claim) drop(key any) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if !c.over {
		c.remove(key)
		c.of.serve()
	}
}

// goesOn notes that something went out.
func (c *claim) goesOn() {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.moved = time.Now() //nolint:forbidigo // the runner is no rules package: it has a clock
}

// leave gives everything back.
func (c *claim) leave() {
	u := c.of
	u.mu.Lock()
	defer u.mu.Unlock()
	for key, times := range c.items {
		for range times {
			c.remove(key)
		}
	}
	c.over = true
	delete(u.claims, c)
	u.serve()
}

func (c *claim) add(key any, n int) {
	if len(c.items) == 0 {
		c.moved = time.Now() //nolint:forbidigo // the runner is no rules package: it has a clock
	}
	c.items[key]++
	it := c.of.items[key]
	if it.holders++; it.holders == 1 {
		it.bytes = n
		c.of.held += n
	}
	c.of.items[key] = it
}

func (c *claim) remove(key any) {
	if c.items[key]--; c.items[key] == 0 {
		delete(c.items, key)
	}
	it := c.of.items[key]
	if it.holders--; it.holders > 0 {
		c.of.items[key] = it
		return
	}
	delete(c.of.items, key)
	c.of.held -= it.bytes
}

// weight is how many bytes of a message are counted; 0: it is short.
func weight(m wire.Message) int {
	switch m := m.(type) {
	case *wire.Batch:
		return len(m.Body)
	case *wire.Delta:
		return m.Size()
	case *wire.Chunk:
		return len(m.Body)
	case *wire.Document:
		return len(m.Part)
	case *wire.Ahead:
		return len(m.Body)
	}
	return 0
}
