package cache

import (
	"maps"
	"slices"

	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache/outbox"
)

// openOutbox opens the outbox file and brings it and Badger together. Each of
// the two may lack what the other has: Badger was set aside, or lost its last
// commits; or the file was damaged. What either has is in both afterwards.
func (c *Cache) openOutbox() error {
	out, contents, err := outbox.Open(outbox.Options{
		Dir: outboxDir(c.o.Dir), Station: c.o.Station, Identity: c.o.DeviceSealing,
		Recovery: c.o.RecoveryRecipient, Retention: c.o.Retention, Now: c.o.Now,
	})
	if err != nil {
		return err
	}
	c.out = out
	for _, d := range contents.Damage {
		if !d.Torn { // a torn end is what a power cut leaves; if it was more, see below
			c.health.Outbox = append(c.health.Outbox, d.File+": "+d.Words)
		}
	}
	if out.Next() < c.meta.OutboxNext {
		c.health.Outbox = append(c.health.Outbox, "entries are missing at the end; they were written again from the cache")
	}
	file := read(contents, c.o.Station)
	if file.strangers > 0 {
		c.health.Outbox = append(c.health.Outbox, "there are entries of another station; central's recovery key opens them")
	}
	mine, err := c.ownRows()
	if err != nil {
		return err
	}
	if err := c.takeFromFile(file, mine); err != nil {
		return err
	}
	if err := c.giveToFile(file, mine); err != nil {
		return err
	}
	if err := c.rejoinLooks(file); err != nil {
		return err
	}
	return c.expire(c.o.Now())
}

// filed is what the outbox file adds up to.
type filed struct {
	muts      map[uint64]record.Mutation
	receipts  map[uint64]outbox.Receipted
	looks     map[uint64]record.Look
	strangers int
}

func read(contents outbox.Contents, station record.StationID) filed {
	f := filed{muts: map[uint64]record.Mutation{}, receipts: map[uint64]outbox.Receipted{}, looks: map[uint64]record.Look{}}
	for _, e := range contents.Entries {
		switch e.Kind {
		case outbox.KindMutation:
			if s, seq, ok := e.Mutation.ID.Station(); ok && s == station {
				f.muts[seq] = e.Mutation
			} else {
				f.strangers++
			}
		case outbox.KindReceipt:
			if s, seq, ok := e.Receipt.Receipt.Mutation.Station(); ok && s == station {
				f.receipts[seq] = e.Receipt
			}
		case outbox.KindLook:
			f.looks[e.Look.Seq] = e.Look
		case outbox.KindVoid:
			for _, seq := range e.Void {
				delete(f.muts, seq)
			}
		case outbox.KindReoffer:
			maps.DeleteFunc(f.receipts, func(_ uint64, r outbox.Receipted) bool { return r.At >= e.State.Since })
		default: // says nothing about single pieces of work
		}
	}
	return f
}

// own is one own mutation as Badger has it.
type own struct {
	row  keptMutation
	sent bool
}

// ownRows reads all own mutations, and rebuilds what is kept in memory about
// them.
func (c *Cache) ownRows() (map[uint64]own, error) {
	b := c.db.NewTransaction(false)
	defer b.Discard()
	mine := map[uint64]own{}
	for _, sent := range []bool{false, true} {
		prefix := join('o', "")
		if sent {
			prefix = join('q', "")
		}
		err := c.from(b, prefix, prefix, func(key, plain []byte) (bool, error) {
			var k keptMutation
			if err := record.Decode(plain, &k); err != nil {
				return false, err
			}
			seq := number(key)
			mine[seq] = own{k, sent}
			c.remember(seq, k, sent)
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return mine, nil
}

func (c *Cache) remember(seq uint64, k keptMutation, sent bool) {
	c.base(k.Mutation, +1)
	if !sent {
		c.byPatient[k.Mutation.Patient]++
		return
	}
	c.kept[seq] = k.Received
	if k.Position > c.meta.Cursor.Position {
		c.awaiting[seq] = awaited{k.Mutation.Patient, k.Position}
	}
}

// takeFromFile writes into Badger what only the file has.
func (c *Cache) takeFromFile(f filed, mine map[uint64]own) error {
	old := c.o.Now().Add(-c.o.Retention).UnixMilli()
	t := c.begin()
	t.m.LastSeq = max(t.m.LastSeq, c.out.State().LastSeq)
	for _, seq := range slices.Sorted(maps.Keys(f.muts)) {
		if t.full() {
			if err := t.commit(); err != nil {
				return err
			}
			t = c.begin()
		}
		o, here := mine[seq]
		r, sent := f.receipts[seq]
		if here && (o.sent || !sent) || !here && sent && r.At < old {
			continue
		}
		if err := c.takeOne(t, seq, f.muts[seq], o, here, r, sent); err != nil {
			t.discard()
			return err
		}
	}
	if t.rows == 0 && t.m.LastSeq == c.meta.LastSeq {
		t.discard()
		return nil
	}
	return t.commit()
}

func (c *Cache) takeOne(t *tx, seq uint64, m record.Mutation, o own, here bool, r outbox.Receipted, sent bool) error {
	k := keptMutation{Mutation: m}
	if !here {
		c.health.Reimported++
		if err := t.unsent(seq, m); err != nil {
			return err
		}
		c.base(m, +1)
		if !sent {
			c.byPatient[m.Patient]++
		}
	}
	if !sent {
		return nil
	}
	if here {
		k = o.row
		if c.byPatient[k.Mutation.Patient]--; c.byPatient[k.Mutation.Patient] <= 0 {
			delete(c.byPatient, k.Mutation.Patient)
		}
	}
	k.Received, k.Position = r.At, r.Receipt.Position
	c.kept[seq] = k.Received
	if k.Position > c.meta.Cursor.Position {
		c.awaiting[seq] = awaited{m.Patient, k.Position}
	}
	return t.keep(seq, k, r.Receipt)
}

// giveToFile writes into the file what only Badger has.
func (c *Cache) giveToFile(f filed, mine map[uint64]own) error {
	b := c.db.NewTransaction(false)
	defer b.Discard()
	var entries []outbox.Entry
	for _, seq := range slices.Sorted(maps.Keys(mine)) {
		o := mine[seq]
		if _, there := f.muts[seq]; there && (!o.sent || f.receipts[seq].At > 0) {
			continue
		} else if !there {
			c.health.Repaired++
			entries = append(entries, outbox.Entry{Kind: outbox.KindMutation, Mutation: o.row.Mutation})
		}
		if o.sent {
			var r record.Receipt
			if ok, err := c.getValue(b, keyReceipt(o.row.Mutation.ID), &r); err != nil {
				return err
			} else if ok {
				entries = append(entries, outbox.Entry{Kind: outbox.KindReceipt, Receipt: outbox.Receipted{Receipt: r, At: o.row.Received}})
			}
		}
		if len(entries) >= 16 {
			if err := c.out.Append(true, entries...); err != nil {
				return err
			}
			entries = nil
		}
	}
	if len(entries) == 0 {
		return nil
	}
	return c.out.Append(true, entries...)
}

// rejoinLooks does the same for the looks. The longer chain goes on.
func (c *Cache) rejoinLooks(f filed) error {
	state := c.out.State()
	t := c.begin()
	if state.LookSeq > t.m.LookSeq {
		t.m.LookSeq, t.m.LookMAC = state.LookSeq, state.LookMAC
	}
	forward := max(state.LookForward, t.m.LookForward)
	here, missing, err := c.looksHere(f, forward)
	if err == nil {
		t, err = c.levelLooks(t, f, forward, here)
	}
	if err != nil {
		t.discard()
		return err
	}
	changed := forward != t.m.LookForward || t.rows > 0 || t.m.LookSeq != c.meta.LookSeq
	t.m.LookForward = forward
	if !changed {
		t.discard()
	} else if err := t.commit(); err != nil {
		return err
	}
	c.out.Advance(outbox.State{LastSeq: c.meta.LastSeq, LookSeq: c.meta.LookSeq, LookMAC: c.meta.LookMAC, LookForward: c.meta.LookForward})
	if len(missing) == 0 {
		return nil
	}
	return c.out.Append(true, missing...)
}

// looksHere finds the looks that Badger holds, and those of them that the file
// lacks.
func (c *Cache) looksHere(f filed, forward uint64) (here map[uint64]bool, missing []outbox.Entry, err error) {
	b := c.db.NewTransaction(false)
	defer b.Discard()
	here = map[uint64]bool{}
	err = c.from(b, join('l', ""), join('l', ""), func(key, plain []byte) (bool, error) {
		seq := number(key)
		here[seq] = true
		var l record.Look
		if err := record.Decode(plain, &l); err != nil {
			return false, err
		}
		if _, there := f.looks[seq]; !there && seq > forward {
			missing = append(missing, outbox.Entry{Kind: outbox.KindLook, Look: l})
		}
		return true, nil
	})
	return here, missing, err
}

// levelLooks deletes the looks that central has and writes those that only the
// file has, in as many transactions as they need; it returns the last one
// open.
func (c *Cache) levelLooks(t *tx, f filed, forward uint64, here map[uint64]bool) (*tx, error) {
	all := maps.Clone(here)
	for seq := range f.looks {
		all[seq] = true
	}
	for _, seq := range slices.Sorted(maps.Keys(all)) {
		if t.full() {
			if err := t.commit(); err != nil {
				return t, err
			}
			t = c.begin()
		}
		var err error
		switch {
		case seq <= forward && here[seq]:
			err = t.del(keyLook(seq))
		case seq > forward && !here[seq]:
			err = t.putValue(keyLook(seq), 0, f.looks[seq])
		}
		if err != nil {
			return t, err
		}
	}
	return t, nil
}
