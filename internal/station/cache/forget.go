package cache

import (
	"context"
	"errors"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
)

// scan walks the keys under a prefix, with their values on request. It reads
// the state before the current transaction: iterating over a transaction's own
// writes sorts all of them each time.
func (c *Cache) scan(b *badger.Txn, prefix []byte, fn func(item *badger.Item) (more bool, err error)) error {
	o := badger.DefaultIteratorOptions
	o.PrefetchValues = false // values lie beside their keys
	o.Prefix = prefix
	it := b.NewIterator(o)
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		c.reads.Add(it.Item().EstimatedSize())
		more, err := fn(it.Item())
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// forget erases a patient's compartment, at most max rows of it; done is
// false where rows are left. Where unsent work about the patient exists it
// only marks the patient as leaving.
func (t *tx) forget(p fhir.ID, max int) (done bool, err error) {
	if p == "" {
		return true, nil
	}
	if t.c.byPatient[p] > 0 {
		_, err := t.put(keyLeaving(p), 0, nil)
		return true, err
	}
	before := t.rows
	if done, err := t.dropDocuments(p, max); err != nil || !done {
		return done, err
	}
	return t.clear(p, max-(t.rows-before))
}

// clear is forget for a compartment that is to be filled again, or to go: unsent
// work lies elsewhere and stays.
func (t *tx) clear(p fhir.ID, max int) (done bool, err error) {
	before := t.c.db.NewTransaction(false)
	defer before.Discard()
	start := t.rows
	done = true
	err = t.c.scan(before, join('c', string(p), ""), func(item *badger.Item) (bool, error) {
		if t.rows-start >= max {
			done = false
			return false, nil
		}
		return true, t.erase(before, item.KeyCopy(nil), p)
	})
	if err != nil || !done {
		return done, err
	}
	err = t.c.scan(before, join('k', string(p), ""), func(item *badger.Item) (bool, error) {
		key := item.KeyCopy(nil)
		// Where the resource came to be after all, its versions go with it.
		if _, err := before.Get(keyOwner(refOf(key))); errors.Is(err, badger.ErrKeyNotFound) {
			if err := t.dropVersions(before, refOf(key)); err != nil {
				return false, err
			}
		}
		return true, t.del(key)
	})
	if err != nil {
		return false, err
	}
	t.touched[p] = true
	d, err := t.digest(p)
	if err != nil {
		return false, err
	}
	*d = digest{dirty: true} // whatever it was: nothing is left
	if err := t.undoubt(p); err != nil {
		return false, err
	}
	if err := t.fill(p, FilledWhole); err != nil {
		return false, err
	}
	return true, t.del(keyLeaving(p))
}

// erase removes one current resource with its older versions.
func (t *tx) erase(before *badger.Txn, key []byte, p fhir.ID) error {
	ref := refOf(key)
	item, err := before.Get(key)
	if err != nil {
		return t.c.dbFault("cache.forget", err)
	}
	raw, err := item.ValueCopy(nil)
	if err != nil {
		return t.c.dbFault("cache.forget", err)
	}
	if err := t.took(p, key, raw); err != nil {
		return err
	}
	if t.m.Current[ref.Type] > 0 {
		t.m.Current[ref.Type]--
	}
	t.touched[p] = true
	if err := t.del(key); err != nil {
		return err
	}
	if err := t.del(keyOwner(ref)); err != nil {
		return err
	}
	return t.dropVersions(before, ref)
}

// dropHistory is dropVersions for a resource whose older versions belong to
// another epoch.
func (t *tx) dropHistory(ref fhir.Ref) error {
	before := t.c.db.NewTransaction(false)
	defer before.Discard()
	return t.dropVersions(before, ref)
}

func (t *tx) dropVersions(before *badger.Txn, ref fhir.Ref) error {
	err := t.c.scan(before, join('h', string(ref.Type), string(ref.ID), ""), func(item *badger.Item) (bool, error) {
		if t.m.History > 0 {
			t.m.History--
		}
		return true, t.del(item.KeyCopy(nil))
	})
	if err != nil {
		return err
	}
	return t.c.scan(before, join('b', string(ref.Type), string(ref.ID), ""), func(item *badger.Item) (bool, error) {
		return true, t.del(item.KeyCopy(nil))
	})
}

// forgetLeaving erases those whose last unsent work has just been receipted.
func (c *Cache) forgetLeaving(ctx context.Context, patients map[fhir.ID]bool) error {
	for p := range patients {
		if p == "" || c.byPatient[p] > 0 {
			continue
		}
		t := c.begin()
		leaving, err := t.has(keyLeaving(p))
		t.discard()
		if err != nil {
			return err
		}
		if leaving {
			if err := c.forgetAll(ctx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetAll erases a compartment in as many transactions as it needs, hidden
// from readers until it is gone.
func (c *Cache) forgetAll(ctx context.Context, p fhir.ID) error {
	if err := c.spread(); err != nil {
		return err
	}
	c.viewMu.Lock()
	defer c.viewMu.Unlock()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		t := c.begin()
		done, err := t.forget(p, pourRows/4)
		if err != nil {
			t.discard()
			return err
		}
		if err := t.commit(); err != nil || done {
			return err
		}
	}
}
