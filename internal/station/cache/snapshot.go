package cache

import (
	"context"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// ApplyChunk is ApplyChunks for one.
func (c *Cache) ApplyChunk(ctx context.Context, ch record.Chunk) error {
	return c.ApplyChunks(ctx, []record.Chunk{ch})
}

// ApplyChunks commits chunks of a snapshot that follow one another, in as few
// transactions as hold them: a sync costs more than what one chunk brings.
// Chunk 0 begins a snapshot, whatever ran before; every other must be the one
// that comes next, else it is fault.Conflict (an earlier one that comes again
// changes nothing). What has come is visible at once. The last chunk removes
// what the snapshot lacks and moves the cursor. After an error some of them may
// be there: SnapshotState says how far.
//
// Unsent work is never touched, and neither is a resource of a patient about
// whom there is some.
func (c *Cache) ApplyChunks(ctx context.Context, list []record.Chunk) error {
	const op = "cache.applychunks"
	end, err := c.writing(op)
	if err != nil {
		return err
	}
	defer end()
	n := 0
	for _, ch := range list {
		n += max(len(ch.Changes), len(ch.Encoded))
	}
	c.makeLists(n)
	defer c.endLists()
	var t *tx
	for _, ch := range list {
		next, err := c.addChunk(ctx, op, t, ch)
		if err != nil {
			return err
		}
		t = next
	}
	if t == nil {
		return nil
	}
	return t.commit()
}

// addChunk writes a chunk into an open transaction, nil for none, and returns
// the one that is open after it. After an error none is.
func (c *Cache) addChunk(ctx context.Context, op string, t *tx, ch record.Chunk) (*tx, error) {
	due, err := c.dueChunk(ctx, op, t, ch)
	if err != nil || !due {
		if err != nil && t != nil {
			t.discard()
			t = nil
		}
		return t, err
	}
	if ch.Index == 0 {
		if t != nil {
			if err := t.commit(); err != nil {
				return nil, err
			}
			t = nil
		}
		if err := c.beginSnapshot(ch); err != nil {
			return nil, err
		}
	}
	if t == nil {
		t = c.begin()
	}
	if err := t.beginFilling(ch.Changes); err != nil {
		t.discard()
		return nil, err
	}
	if t, err = c.pour(t, ch.Changes, ch.Encoded); err != nil {
		return nil, err
	}
	if err := t.filled(ch); err != nil {
		t.discard()
		return nil, err
	}
	if ch.Last {
		return nil, c.endSnapshot(t, ch)
	}
	t.m.Snapshot.Next, t.m.Snapshot.Index, t.m.Snapshot.At = ch.Next, ch.Index+1, ch.At
	return t, nil
}

// dueChunk says whether a chunk is the one that comes next; false: it came
// before.
func (c *Cache) dueChunk(ctx context.Context, op string, t *tx, ch record.Chunk) (bool, error) {
	if err := c.mayChunk(ctx, op, ch); err != nil {
		return false, err
	}
	s := c.meta.Snapshot
	if t != nil {
		s = t.m.Snapshot
	}
	if ch.Index > 0 && (s == nil || s.Name != ch.Snapshot || ch.Index > s.Index) {
		return false, fault.Newf(fault.Conflict, op, "", "chunk %d is not the one that comes next", ch.Index)
	}
	return ch.Index == 0 || ch.Index == s.Index, nil
}

func (c *Cache) mayChunk(ctx context.Context, op string, ch record.Chunk) error {
	switch {
	case ctx.Err() != nil:
		return fault.As(fault.Timeout, op, "", ctx.Err())
	case ch.Station != "" && ch.Station != c.o.Station:
		return fault.New(fault.Invalid, op, string(ch.Station), "the chunk is for another station")
	case ch.Snapshot == "" || len(ch.Snapshot) > 256 || len(ch.Next) > 4096:
		return fault.New(fault.Invalid, op, "", "the chunk names no snapshot")
	}
	for _, x := range ch.Changes {
		if err := checkChange(op, x); err != nil {
			return err
		}
	}
	if c.meta.Staged > 0 {
		if err := c.finishStaged(); err != nil {
			return err
		}
	}
	return c.space.room(op, needSnapshot)
}

func (c *Cache) beginSnapshot(ch record.Chunk) error {
	if err := c.clearPrefix([]byte("s/")); err != nil {
		return err
	}
	t := c.begin()
	cur := t.m.Cursor
	t.m.Snapshot = &snapshot{
		Name: ch.Snapshot, At: ch.At, Sweep: t.m.total() > 0,
		Replace: t.m.total() > 0 && cur.Epoch != ch.At.Epoch,
	}
	return t.commit()
}

// see notes that the running snapshot holds ref. force says that what is in
// force comes from another epoch and must give way, whatever its number.
func (t *tx) see(ref fhir.Ref, cur *row) (force bool, err error) {
	s := t.m.Snapshot
	if s == nil || !s.Sweep || t.m.Staged > 0 {
		return false, nil
	}
	seen, err := t.has(keySeen(ref))
	if err != nil || seen {
		return false, err
	}
	_, err = t.put(keySeen(ref), 0, nil)
	return s.Replace && cur != nil, err
}

// endSnapshot commits the last chunk's rows, sweeps, and moves the cursor. A
// crash in between leaves the snapshot waiting for its last chunk again.
func (c *Cache) endSnapshot(t *tx, ch record.Chunk) error {
	sweep := t.m.Snapshot.Sweep
	if sweep {
		if err := t.commit(); err != nil {
			return err
		}
		if err := c.spread(); err != nil {
			return err
		}
		if err := c.sweep(); err != nil {
			return err
		}
		if err := c.sweepDocuments(); err != nil {
			return err
		}
		t = c.begin()
	}
	if err := t.land(ch.At.Position); err != nil {
		t.discard()
		return err
	}
	if err := t.evidence(evidence{Body: ch.Signed, Sig: ch.Sig, Chunk: true}); err != nil {
		t.discard()
		return err
	}
	t.m.Cursor, t.m.Snapshot = ch.At, nil
	if err := t.commit(); err != nil {
		return err
	}
	c.landed(ch.At.Position)
	c.absent.end()
	if sweep {
		return c.clearPrefix([]byte("s/"))
	}
	return nil
}

// sweep removes every resource that the snapshot lacks.
func (c *Cache) sweep() error {
	b := c.db.NewTransaction(false)
	defer b.Discard()
	t := c.begin()
	defer func() { t.discard() }()
	err := c.scan(b, []byte("t/"), func(item *badger.Item) (bool, error) {
		ref := refOf(item.Key())
		seen, err := t.has(keySeen(ref))
		if err != nil || seen {
			return true, err
		}
		cur, err := c.current(b, nil, ref)
		if err != nil || cur == nil {
			return true, err
		}
		if c.byPatient[cur.patient] > 0 {
			if cur.patient == "" || ref.Type != fhir.TypePatient {
				return true, nil
			}
			_, err := t.put(keyLeaving(cur.patient), 0, nil)
			return true, err
		}
		if err := t.erase(b, cur.key, cur.patient); err != nil {
			return false, err
		}
		if t.full() {
			if err := t.commit(); err != nil {
				return false, err
			}
			t = c.begin()
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	return t.commit()
}

// SnapshotState says which snapshot is under way and the token that asks for
// its next chunk; ok is false where none is.
func (c *Cache) SnapshotState() (name, next string, ok bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.ready("cache.snapshotstate"); err != nil {
		return "", "", false, err
	}
	s := c.meta.Snapshot
	if s == nil || s.Index == 0 {
		return "", "", false, nil
	}
	return s.Name, s.Next, true, nil
}
