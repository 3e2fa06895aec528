package cache

import (
	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// A batch that is too large for one transaction takes three steps. It is
// written in pieces beside the data (staged). One small commit says that the
// pieces are valid (published): from here on the batch is durable, and a crash
// changes nothing, because Open carries on. Then it is moved into place in
// several transactions, while no new View begins.

// pieceSize is how much of a staged batch lies in one row.
const pieceSize = 512 << 10

func (c *Cache) applyStaged(b record.Batch) error {
	// No View begins between the publishing commit and the end.
	c.viewMu.Lock()
	defer c.viewMu.Unlock()
	if err := c.publish(b); err != nil {
		return err
	}
	return c.moveIn(b)
}

// publish does the first two steps.
func (c *Cache) publish(b record.Batch) error {
	const op = "cache.apply"
	all, err := record.Encode(b)
	if err != nil {
		return err
	}
	// The pieces, then the rows: twice the batch, and Badger's tidying.
	if free, err := c.space.free(c.o.Dir); err == nil && free < 4*int64(len(all))+c.space.least() {
		return errFull(op, free, 4*int64(len(all))+c.space.least())
	}
	n := uint64(0)
	for at := 0; at < len(all); at += pieceSize {
		t := c.begin()
		_, err := t.put(keyPiece(n), uint64(len(all)), all[at:min(at+pieceSize, len(all))])
		if err != nil {
			t.discard()
			return err
		}
		if err := t.commit(); err != nil {
			return err
		}
		n++
	}
	if err := c.keepPieces(b); err != nil {
		return err
	}
	t := c.begin()
	if err := t.keepIndex(b); err != nil {
		t.discard()
		return err
	}
	t.m.Staged = n
	return t.commit()
}

// finishStaged carries on with a published batch, and clears away the pieces
// of one that was never published.
func (c *Cache) finishStaged() error {
	if c.meta.Staged == 0 {
		return c.clearPrefix([]byte("g/"))
	}
	var all []byte
	b := c.db.NewTransaction(false)
	defer b.Discard()
	for n := uint64(0); n < c.meta.Staged; n++ {
		_, plain, size, ok, err := c.get(b, keyPiece(n))
		if err != nil {
			return err
		}
		if !ok || n == 0 && size == 0 {
			return damaged("cache.open", "g", "a piece of a staged batch is missing")
		}
		all = append(all, plain...)
	}
	var batch record.Batch
	if err := record.Decode(all, &batch); err != nil {
		return fault.Wrap("cache.open", "g", err)
	}
	c.viewMu.Lock()
	defer c.viewMu.Unlock()
	return c.moveIn(batch)
}

// moveIn writes a published batch into place; the caller holds viewMu.
func (c *Cache) moveIn(b record.Batch) error {
	if len(b.Forget)+len(b.Refill) > 0 {
		if err := c.spread(); err != nil {
			return err
		}
	}
	for _, p := range b.Forget {
		for done := false; !done; {
			t := c.begin()
			var err error
			if done, err = t.forget(p, pourRows/4); err != nil {
				t.discard()
				return err
			}
			if err := t.commit(); err != nil {
				return err
			}
		}
	}
	if err := c.clearAll(b); err != nil {
		return err
	}
	t, err := c.pour(c.begin(), b.Changes, nil)
	if err != nil {
		return err
	}
	if err := t.cameWhole(b.Changes); err != nil {
		t.discard()
		return err
	}
	if err := t.land(b.To); err != nil {
		t.discard()
		return err
	}
	t.m.Cursor, t.m.Snapshot, t.m.Staged = b.Cursor(), nil, 0
	if err := t.commit(); err != nil {
		return err
	}
	c.landed(b.To)
	return c.clearPrefix([]byte("g/"))
}

// pour writes changes into an open transaction and as many more as they need,
// and returns the last one open. Where they are there as they came, each is kept
// as it came.
func (c *Cache) pour(t *tx, changes []record.Change, came []record.Encoded) (*tx, error) {
	for i, ch := range changes {
		// The version that ch replaces is written again, as history.
		if t.full() || t.rows > 0 && t.size+2*len(ch.Body) > pourBytes+MaxChange/2 {
			if err := t.commit(); err != nil {
				return nil, err
			}
			t = c.begin()
		}
		if err := t.change(ch, cameAs(came, changes, i)); err != nil {
			t.discard()
			return nil, err
		}
	}
	if !t.full() {
		return t, nil
	}
	if err := t.commit(); err != nil {
		return nil, err
	}
	return c.begin(), nil
}

// clearPrefix deletes every row under a prefix that nothing refers to.
func (c *Cache) clearPrefix(prefix []byte) error {
	for {
		var keys [][]byte
		b := c.db.NewTransaction(false)
		err := c.scan(b, prefix, func(item *badger.Item) (bool, error) {
			keys = append(keys, item.KeyCopy(nil))
			return len(keys) < pourRows, nil
		})
		b.Discard()
		if err != nil || len(keys) == 0 {
			return err
		}
		t := c.begin()
		for _, k := range keys {
			if err := t.del(k); err != nil {
				t.discard()
				return err
			}
		}
		if err := t.commit(); err != nil {
			return err
		}
	}
}
