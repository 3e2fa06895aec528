package cache

import (
	"context"
	"maps"
	"slices"

	"wardlight/internal/station/cache/outbox"
)

// Wiped forgets what could bring back what central was emptied of on purpose:
// the kept batches, and own work that had its receipt. Unsent work stays: it
// never was in what was wiped. A crash in between is no harm: the cursor still
// names the old epoch, and the next session begins again.
func (c *Cache) Wiped(ctx context.Context) error {
	for done := false; !done; {
		err := c.noteReturns(ctx, func(t *tx) (err error) {
			done, err = t.dropReturns()
			return err
		})
		if err != nil {
			return err
		}
	}
	return c.forgetReceipted(ctx)
}

// dropReturns lets some of the kept batches go, and says whether that was all.
func (t *tx) dropReturns() (done bool, err error) {
	r := &t.m.Returns
	for n := 0; n < pruneAtOnce && r.First < r.Next; n++ {
		var row keptReturn
		if _, err := t.c.getValue(t.b, keyReturn(r.First), &row); err != nil {
			return false, err
		}
		if err := t.dropReturn(row); err != nil {
			return false, err
		}
	}
	return r.First >= r.Next, t.evidence(evidence{})
}

// forgetReceipted lets all receipted work go, whatever its age.
func (c *Cache) forgetReceipted(ctx context.Context) error {
	gone := c.receipted()
	if len(gone) == 0 {
		return nil
	}
	// The file first: what it still held would be taken back at the next start.
	if err := c.out.Append(true, outbox.Entry{Kind: outbox.KindVoid, Void: gone}); err != nil {
		return err
	}
	for some := range slices.Chunk(gone, rowsAtOnce) {
		err := c.noteReturns(ctx, func(t *tx) error {
			for _, seq := range some {
				if err := t.forgetOne(seq); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		c.mu.Lock()
		for _, seq := range some {
			delete(c.kept, seq)
			delete(c.awaiting, seq)
		}
		c.mu.Unlock()
	}
	return nil
}

func (c *Cache) receipted() []uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.kept))
}

// forgetOne lets one go, also from what is folded onto the screen: the change
// that it waited for will not come.
func (t *tx) forgetOne(seq uint64) error {
	if a, waits := t.c.awaiting[seq]; waits {
		if err := t.del(keyPending(a.patient, seq)); err != nil {
			return err
		}
		t.m.Pending--
		t.touched[a.patient] = true
	}
	return t.expire(seq)
}
