package cache

import (
	"context"
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache/outbox"
)

// rowsAtOnce is how many own mutations one transaction moves: with the largest
// allowed size few fit, so size decides as well.
const rowsAtOnce = 500

// Unsent yields own mutations that central has not receipted, in order of
// sequence, from after on. Mutations are committed in about that order, but
// one with a lower sequence may appear later: whoever sends starts again from
// its oldest unreceipted one.
func (c *Cache) Unsent(after uint64, limit int) ([]record.Mutation, error) {
	const op = "cache.unsent"
	if err := c.life.enter(op); err != nil {
		return nil, err
	}
	defer c.life.leave()
	if !c.toSend.mutations.Load() {
		return nil, nil
	}
	b := c.db.NewTransaction(false)
	defer b.Discard()
	var out []record.Mutation
	err := c.from(b, join('o', ""), keyUnsent(after+1), func(key, plain []byte) (bool, error) {
		var k keptMutation
		if err := record.Decode(plain, &k); err != nil {
			return false, err
		}
		out = append(out, k.Mutation)
		return len(out) < limit, nil
	})
	return out, err
}

// from yields opened rows under a prefix, beginning at a key.
func (c *Cache) from(b *badger.Txn, prefix, start []byte, fn func(key, plain []byte) (bool, error)) error {
	o := badger.DefaultIteratorOptions
	o.PrefetchValues = false
	o.Prefix = prefix
	it := b.NewIterator(o)
	defer it.Close()
	for it.Seek(start); it.Valid(); it.Next() {
		c.reads.Add(it.Item().EstimatedSize())
		key := it.Item().KeyCopy(nil)
		raw, err := it.Item().ValueCopy(nil)
		if err != nil {
			return c.dbFault("cache.read", err)
		}
		_, plain, err := c.box.open(key, raw)
		if err != nil {
			return err
		}
		if more, err := fn(key, plain); err != nil || !more {
			return err
		}
	}
	return nil
}

// Receipted notes central's word. The mutations leave the outbox; they stay
// for the retention window, and stay folded on top of what central has sent
// until that has reached the receipt's position, so that nothing vanishes from
// a screen in between.
//
// A receipt for other content than was written here is fault.Conflict: two
// stations use one identity (a copied disk). Receipts for what is not here
// change nothing.
func (c *Cache) Receipted(ctx context.Context, receipts []record.Receipt) error {
	const op = "cache.receipted"
	end, err := c.writing(op)
	if err != nil {
		return err
	}
	defer end()
	if err := c.space.room(op, needLook); err != nil {
		return err
	}
	return c.receiveAll(ctx, op, receipts)
}

// receiveAll stores receipts in as many commits as they need.
func (c *Cache) receiveAll(ctx context.Context, op string, receipts []record.Receipt) error {
	if len(receipts) == 0 {
		return nil
	}
	for len(receipts) > 0 {
		if err := inTime(ctx, op); err != nil {
			return err
		}
		rest, err := c.receive(receipts)
		if err != nil {
			return err
		}
		receipts = rest
	}
	_, err := c.out.Drop(c.o.Now())
	return err
}

// settled is one mutation that has just had its receipt.
type settled struct {
	seq uint64
	m   record.Mutation
	r   record.Receipt
}

// received is what one transaction stores of central's word.
type received struct {
	at      int64 // ms since 1970
	settled []settled
	entries []outbox.Entry
}

// receive moves as many as fit into one transaction.
func (c *Cache) receive(receipts []record.Receipt) (rest []record.Receipt, err error) {
	t := c.begin()
	in := received{at: c.o.Now().UnixMilli()}
	for len(receipts) > 0 && len(in.settled) < rowsAtOnce && !t.full() {
		if err := t.receiveOne(receipts[0], &in); err != nil {
			t.discard()
			return nil, err
		}
		receipts = receipts[1:]
	}
	if len(in.settled) == 0 {
		t.discard()
		return receipts, nil
	}
	if err := t.commit(); err != nil {
		return nil, err
	}
	return receipts, c.received(in)
}

// receiveWith moves all of these, beside what else the transaction does.
func (t *tx) receiveWith(receipts []record.Receipt) (received, error) {
	in := received{at: t.c.o.Now().UnixMilli()}
	for _, r := range receipts {
		if err := t.receiveOne(r, &in); err != nil {
			return in, err
		}
	}
	return in, nil
}

func (t *tx) receiveOne(r record.Receipt, in *received) error {
	s, ok, err := t.receive(r, in.at)
	if err != nil || !ok {
		return err
	}
	in.settled = append(in.settled, s)
	in.entries = append(in.entries, outbox.Entry{Kind: outbox.KindReceipt, Receipt: outbox.Receipted{Receipt: r, At: in.at}})
	return nil
}

// received is what follows a commit that held receipts.
func (c *Cache) received(in received) error {
	if len(in.settled) == 0 {
		return nil
	}
	// Not synced: a receipt that is lost is asked for again.
	if err := c.out.Append(false, in.entries...); err != nil {
		return err
	}
	patients := map[fhir.ID]bool{}
	for _, s := range in.settled {
		c.settled(s, in.at)
		patients[s.m.Patient] = true
	}
	return c.forgetLeaving(context.Background(), patients)
}

func (c *Cache) settled(s settled, now int64) {
	if c.byPatient[s.m.Patient]--; c.byPatient[s.m.Patient] <= 0 {
		delete(c.byPatient, s.m.Patient)
	}
	c.kept[s.seq] = now
	if s.r.Position > c.meta.Cursor.Position {
		c.awaiting[s.seq] = awaited{s.m.Patient, s.r.Position}
	}
}

func (t *tx) receive(r record.Receipt, now int64) (s settled, ok bool, err error) {
	station, seq, valid := r.Mutation.Station()
	if !valid || station != t.c.o.Station {
		return s, false, fault.New(fault.Invalid, "cache.receipted", string(r.Mutation), "the receipt is another station's")
	}
	var k keptMutation
	if ok, err = t.c.getValue(t.b, keyUnsent(seq), &k); err != nil || !ok {
		return s, false, err
	}
	h, err := k.Mutation.ContentHash()
	if err != nil {
		return s, false, err
	}
	if !r.Content.IsZero() && r.Content != h {
		return s, false, fault.New(fault.Conflict, "cache.receipted", string(r.Mutation),
			"central has something else under this number: another computer uses this station's identity. "+
				"What was written here stays unsent and safe. Call the administrator; this computer must be enrolled again")
	}
	k.Received, k.Position = now, r.Position
	if err := t.keep(seq, k, r); err != nil {
		return s, false, err
	}
	return settled{seq, k.Mutation, r}, true, nil
}

// keep turns an o/ row into a q/ row with its receipt.
func (t *tx) keep(seq uint64, k keptMutation, r record.Receipt) error {
	if err := t.del(keyUnsent(seq)); err != nil {
		return err
	}
	t.m.Unsent--
	if err := t.kept(seq, k, r); err != nil {
		return err
	}
	if r.Position > t.m.Cursor.Position {
		return nil
	}
	t.m.Pending--
	return t.del(keyPending(k.Mutation.Patient, seq))
}

func (t *tx) kept(seq uint64, k keptMutation, r record.Receipt) error {
	t.touched[k.Mutation.Patient] = true
	if err := t.putValue(keyKept(seq), 0, k); err != nil {
		return err
	}
	return t.putValue(keyReceipt(k.Mutation.ID), 0, r)
}

// Reoffer makes everything in the retention window unsent again: central was
// put back to an earlier state. Their receipts count no more.
func (c *Cache) Reoffer(ctx context.Context) error {
	const op = "cache.reoffer"
	end, err := c.writing(op)
	if err != nil {
		return err
	}
	defer end()
	if err := inTime(ctx, op); err != nil {
		return err
	}
	now := c.o.Now()
	if err := c.expire(now); err != nil {
		return err
	}
	state := c.out.State()
	state.Since = now.Add(-c.o.Retention).UnixMilli()
	if err := c.out.Append(true, outbox.Entry{Kind: outbox.KindReoffer, State: state}); err != nil {
		return err
	}
	t := c.begin()
	t.m.Reoffering = true
	if err := t.commit(); err != nil {
		return err
	}
	return c.finishReoffer()
}

// finishReoffer moves the rows; Open carries on where a crash stopped it.
func (c *Cache) finishReoffer() error {
	for c.meta.Reoffering {
		t := c.begin()
		moved, err := t.reofferSome()
		if err != nil {
			t.discard()
			return err
		}
		if len(moved) == 0 {
			t.m.Reoffering = false
		}
		if err := t.commit(); err != nil {
			return err
		}
		for seq, p := range moved {
			delete(c.kept, seq)
			delete(c.awaiting, seq)
			c.byPatient[p]++
		}
	}
	return nil
}

func (t *tx) reofferSome() (map[uint64]fhir.ID, error) {
	moved := map[uint64]fhir.ID{}
	before := t.c.db.NewTransaction(false)
	defer before.Discard()
	err := t.c.from(before, join('q', ""), join('q', ""), func(key, plain []byte) (bool, error) {
		var k keptMutation
		if err := record.Decode(plain, &k); err != nil {
			return false, err
		}
		seq := number(key)
		moved[seq] = k.Mutation.Patient
		return len(moved) < rowsAtOnce && !t.full(), t.reoffer(seq, k)
	})
	return moved, err
}

func (t *tx) reoffer(seq uint64, k keptMutation) error {
	for _, key := range [][]byte{keyKept(seq), keyReceipt(k.Mutation.ID)} {
		if err := t.del(key); err != nil {
			return err
		}
	}
	folded, err := t.has(keyPending(k.Mutation.Patient, seq))
	if err != nil {
		return err
	}
	if folded {
		t.m.Pending--
	}
	return t.unsent(seq, k.Mutation)
}

// expire lets receipted work go whose retention is over, and the segments of
// the outbox file that hold nothing else.
func (c *Cache) expire(now time.Time) error {
	for more := true; more; {
		var err error
		if more, err = c.expireSome(now.Add(-c.o.Retention).UnixMilli()); err != nil {
			return err
		}
	}
	_, err := c.out.Drop(now)
	return err
}

func (c *Cache) expireSome(old int64) (more bool, err error) {
	t := c.begin()
	var gone []uint64
	for seq, at := range c.kept {
		if _, waits := c.awaiting[seq]; waits || at >= old || len(gone) >= rowsAtOnce {
			continue
		}
		if err := t.expire(seq); err != nil {
			t.discard()
			return false, err
		}
		gone = append(gone, seq)
	}
	if len(gone) == 0 {
		t.discard()
		return false, nil
	}
	if err := t.commit(); err != nil {
		return false, err
	}
	for _, seq := range gone {
		delete(c.kept, seq)
	}
	return len(gone) >= rowsAtOnce, nil
}

func (t *tx) expire(seq uint64) error {
	var k keptMutation
	ok, err := t.c.getValue(t.b, keyKept(seq), &k)
	if err != nil || !ok {
		return err
	}
	t.c.base(k.Mutation, -1)
	if v := (versionOf{k.Mutation.Ref, k.Mutation.Base}); v.v > 0 && t.c.bases[v] == 0 {
		if err := t.del(keyBase(v.ref, v.v)); err != nil {
			return err
		}
	}
	if err := t.del(keyKept(seq)); err != nil {
		return err
	}
	return t.del(keyReceipt(k.Mutation.ID))
}
