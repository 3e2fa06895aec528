package cache

import (
	"context"
	"errors"
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// The store is compared with central patient by patient (record.Head). A sealed
// digest tells that a compartment is what was written here; only central can
// tell that what was written here is what there is. A copy that differs is in
// doubt: it is not shown, also after a restart, until a batch refills it.
//
// A comparison has three parts. The state is taken in the store's order, between two
// batches; its rows are read beside whatever else goes on, resting while a hand moves;
// and the verdict is given in the store's order again. What came about a patient
// meanwhile lies on top of a copy that differs and mends nothing, so that the verdict
// stands as if it had been given at once. Where the copy itself was filled again or taken
// away meanwhile, it was about something that is gone, and is thrown away.

// comparison is one state of the store that is held against central's word.
type comparison struct {
	h        record.Heads
	cursor   record.Cursor // of the state
	b        *badger.Txn
	suspects []suspect

	replaced map[fhir.ID]bool // whose copies were taken away since; guarded by Cache.mu
	filled   bool             // or everybody's; likewise
}

// suspect is a patient whose copy is not as central holds it, or who should have none.
type suspect struct {
	patient fhir.ID
	hide    bool // there is something that may not be shown
}

// Compare is a whole comparison at once: it says which of these patients are not held as
// central holds them, and marks their copies as doubtful. It reads the rows themselves,
// so that damage is found as well as a mistake. A patient about whom something changed
// beyond the cursor, or central's word on whom is older than the cursor, is passed over.
// It is for few patients: it does not rest.
func (c *Cache) Compare(ctx context.Context, h record.Heads) ([]fhir.ID, error) {
	if err := c.life.enter(opCompare); err != nil {
		return nil, err
	}
	defer c.life.leave()
	k, err := c.comparable(h)
	if k == nil || err != nil {
		return nil, err
	}
	if err := c.readAll(ctx, k, nil); err != nil {
		return nil, err
	}
	differ, _, err := c.settle(ctx, k)
	return differ, err
}

const opCompare = "cache.compare"

// OpenComparison takes the state that central's word is to be held against; ok is false
// where the two do not stand at comparable places. There is one comparison at a time: a
// new one ends an earlier one.
func (c *Cache) OpenComparison(_ context.Context, h record.Heads) (ok bool, err error) {
	if err := c.life.enter(opCompare); err != nil {
		return false, err
	}
	defer c.life.leave()
	k, err := c.comparable(h)
	c.compared.Store(nil)
	c.dropComparison(c.comparing.Swap(k))
	return k != nil, err
}

// dropComparison lets a state go that was not read.
func (c *Cache) dropComparison(k *comparison) {
	if k != nil {
		k.b.Discard()
	}
}

// ReadComparison reads the state that was taken last. It may take seconds while a hand
// moves, and holds up nobody who writes.
func (c *Cache) ReadComparison(ctx context.Context) error {
	if err := c.life.enter(opCompare); err != nil {
		return err
	}
	defer c.life.leave()
	k := c.comparing.Swap(nil)
	if k == nil {
		return errNotCompared()
	}
	if err := c.readAll(ctx, k, c.comparingPace(ctx)); err != nil {
		return err
	}
	c.compared.Store(k)
	return nil
}

// SettleComparison marks the copies that differ as doubtful, and returns whom they are
// of. The copies of those in again were replaced since they were read: they are to be
// compared once more.
func (c *Cache) SettleComparison(ctx context.Context) (differ, again []fhir.ID, err error) {
	if err := c.life.enter(opCompare); err != nil {
		return nil, nil, err
	}
	defer c.life.leave()
	k := c.compared.Swap(nil)
	if k == nil {
		return nil, nil, errNotCompared()
	}
	return c.settle(ctx, k)
}

func errNotCompared() error {
	return fault.New(fault.Conflict, opCompare, "", "no comparison is under way")
}

// comparable opens the state that central's word can be held against; nil where there is
// none.
func (c *Cache) comparable(h record.Heads) (*comparison, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.ready(opCompare); err != nil {
		return nil, err
	}
	cur := c.meta.Cursor
	if h.At.Epoch != cur.Epoch || cur.Position > h.At.Position || c.meta.Snapshot != nil || c.meta.Staged > 0 {
		return nil, nil
	}
	c.followed = &comparison{h: h, cursor: cur, b: c.db.NewTransaction(false), replaced: map[fhir.ID]bool{}}
	return c.followed, nil
}

// comparingPace is how the reading goes: as fast as it can where no hand moves, and at a
// thirty-second of that under a hand. Its bound is far from the time after which a round
// goes on.
func (c *Cache) comparingPace(ctx context.Context) *stride {
	s := c.newStride()
	s.few, s.rested, s.byHand = compareRows, mostRest, mostByHand-mostInCompare
	s.urgent = func() bool { return ctx.Err() != nil || c.life.over() }
	return s
}

const (
	compareRows   = 32 // a millisecond of work: a frame is sixteen
	mostInCompare = 10 * time.Second
)

// readAll finds the suspects, and lets the state go.
func (c *Cache) readAll(ctx context.Context, k *comparison, pace *stride) error {
	defer k.b.Discard()
	for _, want := range k.h.Heads {
		if err := inTime(ctx, opCompare); err != nil {
			return err
		}
		if want.Newest > k.cursor.Position {
			continue
		}
		got, err := c.headOf(k.b, want.Patient, pace)
		if err != nil && !fault.Is(err, fault.Corrupt) {
			return err
		}
		if err != nil || got != want.Head {
			k.suspects = append(k.suspects, suspect{want.Patient, got.Count > 0 || err != nil}) // where there is nothing, nothing is shown
		}
	}
	extra, err := c.extra(k.b, k.h)
	for _, p := range extra {
		k.suspects = append(k.suspects, suspect{patient: p})
	}
	return err
}

// headOf works a compartment's head out from its rows, and holds them to their
// digest.
func (c *Cache) headOf(b *badger.Txn, p fhir.ID, pace *stride) (record.Head, error) {
	var all record.Summing
	sum, marks := new(digest), marker{}
	var ch record.Change
	err := c.scan(b, join('c', string(p), ""), func(item *badger.Item) (bool, error) {
		err := item.Value(func(raw []byte) error {
			_, plain, err := c.box.open(item.Key(), raw)
			if err != nil {
				return err
			}
			ch = record.Change{}
			if err := record.Decode(plain, &ch); err != nil {
				return err
			}
			sum.add(marks.mark(c.box, item.Key(), raw))
			all.Add(ch)
			return nil
		})
		if err == nil && pace.step(item.EstimatedSize()) && c.life.over() {
			err = errClosed(opCompare)
		}
		return true, c.dbFault(opCompare, err)
	})
	if err != nil {
		return record.Head{}, err
	}
	var want digest
	if _, err := c.getValue(b, keyDigest(p), &want); err != nil {
		return record.Head{}, err
	}
	if want.Count != sum.Count || want.Sum != sum.Sum {
		return record.Head{}, damaged(opCompare, "d", "a patient's record on this computer is not complete")
	}
	return all.Head(), nil
}

// settle turns suspects into verdicts. Whoever is in doubt is marked in one commit;
// where nobody is, nothing is written.
func (c *Cache) settle(ctx context.Context, k *comparison) (differ, again []fhir.ID, err error) {
	if len(k.suspects) == 0 {
		return nil, nil, nil
	}
	end, err := c.writingIn(ctx, opCompare)
	if err != nil {
		return nil, nil, err
	}
	defer end()
	c.followed = nil
	t := c.begin()
	differ, again, err = t.settle(k)
	if err != nil || len(t.touched) == 0 {
		t.discard()
		return differ, again, err
	}
	return differ, again, t.commit()
}

// settle marks whose copies differ. In another epoch, and once a filling has begun, the
// verdict is worth nothing: what follows it compares everybody from the beginning.
func (t *tx) settle(k *comparison) (differ, again []fhir.ID, err error) {
	if t.m.Cursor.Epoch != k.h.At.Epoch || k.filled || t.m.Staged > 0 {
		return nil, nil, nil
	}
	for _, s := range k.suspects {
		if k.replaced[s.patient] {
			again = append(again, s.patient)
			continue
		}
		differ = append(differ, s.patient)
		if s.hide {
			if err := t.doubt(s.patient); err != nil {
				return nil, nil, err
			}
		}
	}
	return differ, again, nil
}

// follow tells a comparison that is under way which copies a commit took away.
func (k *comparison) follow(t *tx) {
	if k == nil {
		return
	}
	for _, p := range t.cleared {
		k.replaced[p] = true
	}
	k.filled = k.filled || t.m.Snapshot != nil
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
			return nil, c.dbFault(opCompare, err)
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

// doubt marks a copy as doubtful.
func (t *tx) doubt(p fhir.ID) error {
	there, err := t.has(keyDoubt(p))
	if err != nil || there {
		return err
	}
	if _, err := t.put(keyDoubt(p), 0, nil); err != nil {
		return err
	}
	t.m.Doubtful++
	t.touched[p] = true
	return nil
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
