package cache

import (
	"context"

	"wardlight/internal/clinical/record"
)

// Ahead commits critical results that overtook a snapshot or a long tail. They
// are visible at once, as a chunk's are; an older version never replaces a
// newer; the cursor stays, and what is before it comes again in its turn.
func (c *Cache) Ahead(ctx context.Context, changes []record.Change) error {
	const op = "cache.ahead"
	end, err := c.writingIn(ctx, op)
	if err != nil {
		return err
	}
	defer end()
	for _, ch := range changes {
		if err := checkChange(op, ch); err != nil {
			return err
		}
	}
	if c.meta.Staged > 0 {
		if err := c.finishStaged(); err != nil {
			return err
		}
	}
	if err := c.space.room(op, needBatch); err != nil {
		return err
	}
	t := c.begin()
	if err := t.beginFilling(changes); err != nil {
		t.discard()
		return err
	}
	t, err = c.pour(t, changes, nil)
	if err != nil {
		return err
	}
	return t.commit()
}
