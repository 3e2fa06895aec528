package cache

import (
	"context"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/fault"
)

// How a call comes in. Whoever reads outside View takes reading; whoever changes the
// store takes writing or writingIn. alone is for those that ask before each of several
// commits whether they may go on. Each returns what ends the call, to be deferred, and
// Close waits until it is; after an error there is nothing to end.

// reading begins a call that reads one state.
func (c *Cache) reading(op string) (b *badger.Txn, end func(), err error) {
	if err := c.life.enter(op); err != nil {
		return nil, nil, err
	}
	b, end = c.state()
	return b, end, nil
}

// readingBeside is reading, with the newest meta row from before the state was taken.
func (c *Cache) readingBeside(op string) (m meta, b *badger.Txn, end func(), err error) {
	if err := c.life.enter(op); err != nil {
		return m, nil, nil, err
	}
	c.mu.Lock()
	m = c.meta.clone()
	c.mu.Unlock()
	b, end = c.state()
	return m, b, end, nil
}

// state takes the newest state for a call that has begun.
func (c *Cache) state() (b *badger.Txn, end func()) {
	b = c.db.NewTransaction(false)
	return b, func() {
		b.Discard()
		c.life.leave()
	}
}

// alone begins a call while which nobody else writes.
func (c *Cache) alone(op string) (end func(), err error) {
	if err := c.life.enter(op); err != nil {
		return nil, err
	}
	c.mu.Lock()
	return func() {
		c.mu.Unlock()
		c.life.leave()
	}, nil
}

// writing is alone, of a store that takes calls. It does not look at a context: that is
// left to those who look at theirs themselves, before each commit or after.
func (c *Cache) writing(op string) (end func(), err error) {
	return c.writingIn(context.Background(), op)
}

// writingIn is writing within a context. It is looked at when the lock is held: whoever
// gave up while others wrote changes nothing.
func (c *Cache) writingIn(ctx context.Context, op string) (end func(), err error) {
	end, err = c.alone(op)
	if err != nil {
		return nil, err
	}
	if err = inTime(ctx, op); err == nil {
		err = c.ready(op)
	}
	if err != nil {
		end()
		return nil, err
	}
	return end, nil
}

// inTime is why a context is over; nil while it is not.
func inTime(ctx context.Context, op string) error {
	return fault.As(fault.Timeout, op, "", ctx.Err())
}
