package cache

import (
	"context"
	"errors"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// The store is compared with central patient by patient (record.Head). A sealed
// digest tells that a compartment is what was written here; only central can
// tell that what was written here is what there is. A copy that differs is in
// doubt: it is not shown, also after a restart, until a batch refills it.

// Compare says which of these patients are not held as central holds them, and
// marks their copies as doubtful. It reads the rows themselves, so that damage
// is found as well as a mistake. A patient about whom something changed beyond
// the cursor, or central's word on whom is older than the cursor, is passed
// over.
func (c *Cache) Compare(ctx context.Context, h record.Heads) ([]fhir.ID, error) {
	const op = "cache.compare"
	if err := c.life.enter(op); err != nil {
		return nil, err
	}
	defer c.life.leave()
	b, cur, err := c.comparable(op, h.At)
	if b == nil || err != nil {
		return nil, err
	}
	defer b.Discard()
	var differ, doubt []fhir.ID
	for _, want := range h.Heads {
		if err := inTime(ctx, op); err != nil {
			return nil, err
		}
		if want.Newest > cur.Position {
			continue
		}
		got, err := c.headOf(b, want.Patient)
		if err != nil && !fault.Is(err, fault.Corrupt) {
			return nil, err
		}
		if err == nil && got == want.Head {
			continue
		}
		differ = append(differ, want.Patient)
		if got.Count > 0 || err != nil { // where there is nothing, nothing is shown
			doubt = append(doubt, want.Patient)
		}
	}
	extra, err := c.extra(b, h)
	if err != nil {
		return nil, err
	}
	return append(differ, extra...), c.doubt(ctx, doubt)
}

// comparable opens the state that central's word can be held against; nil where
// there is none.
func (c *Cache) comparable(op string, at record.Cursor) (*badger.Txn, record.Cursor, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cur := c.meta.Cursor
	if err := c.ready(op); err != nil {
		return nil, cur, err
	}
	if at.Epoch != cur.Epoch || cur.Position > at.Position || c.meta.Snapshot != nil || c.meta.Staged > 0 {
		return nil, cur, nil
	}
	return c.db.NewTransaction(false), cur, nil
}

// headOf works a compartment's head out from its rows, and holds them to their
// digest.
func (c *Cache) headOf(b *badger.Txn, p fhir.ID) (record.Head, error) {
	var all []record.Change
	sum := new(digest)
	err := c.scan(b, join('c', string(p), ""), func(item *badger.Item) (bool, error) {
		key := item.KeyCopy(nil)
		raw, err := item.ValueCopy(nil)
		if err != nil {
			return false, c.dbFault("cache.compare", err)
		}
		_, plain, err := c.box.open(key, raw)
		if err != nil {
			return false, err
		}
		var ch record.Change
		if err := record.Decode(plain, &ch); err != nil {
			return false, err
		}
		sum.add(c.box.mark(key, raw))
		all = append(all, ch)
		return true, nil
	})
	if err != nil {
		return record.Head{}, err
	}
	var want digest
	if _, err := c.getValue(b, keyDigest(p), &want); err != nil {
		return record.Head{}, err
	}
	if want.Count != sum.Count || want.Sum != sum.Sum {
		return record.Head{}, damaged("cache.compare", "d", "a patient's record on this computer is not complete")
	}
	return record.HeadOf(all), nil
}

// extra are patients who are held here and not in scope any more, of those whom
// central's word covers.
func (c *Cache) extra(b *badger.Txn, h record.Heads) ([]fhir.ID, error) {
	named := map[fhir.ID]bool{}
	for _, ph := range h.Heads {
		named[ph.Patient] = true
	}
	covered := h.Asked
	if len(covered) == 0 {
		var err error
		if covered, err = c.heldBetween(b, h.After, h.UpTo, h.End); err != nil {
			return nil, err
		}
	}
	var out []fhir.ID
	for _, p := range covered {
		if named[p] || p == "" {
			continue
		}
		_, err := b.Get(keyCurrent(p, fhir.Ref{Type: fhir.TypePatient, ID: p}))
		switch {
		case errors.Is(err, badger.ErrKeyNotFound):
		case err != nil:
			return nil, c.dbFault("cache.compare", err)
		default:
			out = append(out, p)
		}
	}
	return out, nil
}

// heldBetween are the patients with a compartment here, after an id and up to
// another.
func (c *Cache) heldBetween(b *badger.Txn, after, upTo fhir.ID, end bool) (out []fhir.ID, err error) {
	prefix := keyDigest("")
	err = c.scan(b, prefix, func(item *badger.Item) (bool, error) {
		p := fhir.ID(item.Key()[len(prefix):])
		if p > after && (end || p <= upTo) {
			out = append(out, p)
		}
		return end || p <= upTo, nil
	})
	return out, err
}

// doubt marks copies as doubtful.
func (c *Cache) doubt(ctx context.Context, patients []fhir.ID) error {
	if len(patients) == 0 {
		return nil
	}
	return c.noteReturns(ctx, func(t *tx) error {
		for _, p := range patients {
			there, err := t.has(keyDoubt(p))
			if err != nil {
				return err
			}
			if there {
				continue
			}
			if _, err := t.put(keyDoubt(p), 0, nil); err != nil {
				return err
			}
			t.m.Doubtful++
			t.touched[p] = true
		}
		return nil
	})
}

// undoubt takes the mark away.
func (t *tx) undoubt(p fhir.ID) error {
	if t.m.Doubtful == 0 {
		return nil
	}
	there, err := t.has(keyDoubt(p))
	if err != nil || !there {
		return err
	}
	t.m.Doubtful--
	t.touched[p] = true
	return t.del(keyDoubt(p))
}

// Doubtful are the patients whose copies are in doubt.
func (c *Cache) Doubtful() (out []fhir.ID, err error) {
	b, end, err := c.reading("cache.doubtful")
	if err != nil {
		return nil, err
	}
	defer end()
	prefix := keyDoubt("")
	err = c.scan(b, prefix, func(item *badger.Item) (bool, error) {
		out = append(out, fhir.ID(item.Key()[len(prefix):]))
		return true, nil
	})
	return out, err
}

// sure refuses a copy that is in doubt.
func (r Reader) sure(p fhir.ID) error {
	if r.m.Doubtful == 0 {
		return nil
	}
	switch _, err := r.b.Get(keyDoubt(p)); {
	case errors.Is(err, badger.ErrKeyNotFound):
		return nil
	case err != nil:
		return r.c.dbFault("cache.read", err)
	}
	return fault.New(fault.Corrupt, "cache.read", "y", "this computer's copy of this patient's record is not what the server holds; it is not shown, and fetched again as soon as the server can be reached")
}

// clearAll makes room for the compartments that a large batch refills.
func (c *Cache) clearAll(b record.Batch) error {
	for _, p := range b.Refill {
		for done := false; !done; {
			t := c.begin()
			var err error
			if done, err = t.clear(p, pourRows/4); err != nil {
				t.discard()
				return err
			}
			if err := t.commit(); err != nil {
				return err
			}
		}
	}
	for some := b.Changes; len(b.Refill) > 0 && len(some) > 0; {
		n := min(len(some), pourRows/4)
		t := c.begin()
		if err := t.unowned(record.Batch{Refill: b.Refill, Changes: some[:n]}); err != nil {
			t.discard()
			return err
		}
		if err := t.commit(); err != nil {
			return err
		}
		some = some[n:]
	}
	return nil
}

// unowned takes away what says where a refilled resource is, where the resource
// itself is missing: that is what the refill mends.
func (t *tx) unowned(b record.Batch) error {
	if len(b.Refill) == 0 {
		return nil
	}
	for _, ch := range b.Changes {
		item, err := t.b.Get(keyOwner(ch.Ref))
		if errors.Is(err, badger.ErrKeyNotFound) {
			continue
		}
		if err != nil {
			return t.c.dbFault("cache.refill", err)
		}
		raw, err := item.ValueCopy(nil)
		if err != nil {
			return t.c.dbFault("cache.refill", err)
		}
		_, owner, err := t.c.box.open(keyOwner(ch.Ref), raw)
		gone := err != nil
		if !gone {
			there, err := t.has(keyCurrent(fhir.ID(owner), ch.Ref))
			if err != nil {
				return err
			}
			gone = !there
		}
		if !gone {
			continue
		}
		if err := t.del(keyOwner(ch.Ref)); err != nil {
			return err
		}
		if t.m.Current[ch.Ref.Type] > 0 {
			t.m.Current[ch.Ref.Type]--
		}
	}
	return nil
}
