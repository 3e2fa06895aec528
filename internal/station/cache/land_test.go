package cache_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// came is what a note becomes when it comes back from central.
func came(m record.Mutation) record.Change {
	ch := change(m.Ref.Type, string(m.Ref.ID), m.Patient, 1, string(m.Ops[0].Value))
	ch.Mutation = m.ID
	return ch
}

// folded are the own entries that lie on top of what central sent.
func folded(t testing.TB, c *cache.Cache, p fhir.ID) (n int) {
	t.Helper()
	ok(t, c.View(bg, func(r cache.Reader) error {
		own, err := r.UnsentFor(p)
		n = len(own)
		return err
	}))
	return n
}

// What was written here comes back with its receipt: one commit, after which it is
// a part of the record and waits for nothing. So it is after a restart.
func TestAnEntryAndItsReceiptLandInOneCommit(t *testing.T) {
	o := options(t)
	c := open(t, o)
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	one, two := note(1, "p1", "slept well"), note(2, "p1", "ate little")
	ok(t, c.Commit(bg, []record.Mutation{one, two}, nil))
	before := c.Commits()
	ok(t, c.Land(bg, []record.Batch{batch(1, 2, came(one)), batch(2, 3, came(two))}, []record.Receipt{receipt(one, 2), receipt(two, 3)}))
	if n := c.Commits() - before; n != 1 {
		t.Errorf("%d commits, want one", n)
	}
	for _, when := range []string{"at once", "after a restart"} {
		if n := c.Count().Unsent; n != 0 || folded(t, c, "p1") != 0 || len(compartment(t, c, "p1")) != 3 {
			t.Errorf("%s: %d unsent, %d folded, %v", when, n, folded(t, c, "p1"), compartment(t, c, "p1"))
		}
		ok(t, c.Close())
		c = open(t, o)
	}
}

// A receipt that waits for more than these batches bring leaves its entry on top
// until that has come.
func TestAReceiptOfALaterPositionKeepsItsEntryOnTop(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	one := note(1, "p1", "slept well")
	ok(t, c.Commit(bg, []record.Mutation{one}, nil))
	ok(t, c.Land(bg, []record.Batch{batch(1, 2)}, []record.Receipt{receipt(one, 3)}))
	if c.Count().Unsent != 0 || folded(t, c, "p1") != 1 {
		t.Errorf("%d unsent, %d folded: it has vanished from the screen", c.Count().Unsent, folded(t, c, "p1"))
	}
	ok(t, c.Land(bg, []record.Batch{batch(2, 3, came(one))}, nil))
	if folded(t, c, "p1") != 0 {
		t.Error("it lies on top of itself")
	}
}

// Both or neither, where the disk fails.
func TestWhereTheDiskFailsNeitherLands(t *testing.T) {
	o := options(t)
	c := open(t, o)
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	one := note(1, "p1", "slept well")
	ok(t, c.Commit(bg, []record.Mutation{one}, nil))
	c.FailCommits(errors.New("input/output error"))
	if err := c.Land(bg, []record.Batch{batch(1, 2, came(one))}, []record.Receipt{receipt(one, 2)}); err == nil {
		t.Fatal("it is said to be stored")
	}
	ok(t, c.Close())
	c = open(t, o)
	at, err := c.Cursor()
	ok(t, err)
	if unsent, err := c.Unsent(0, 9); err != nil || len(unsent) != 1 || at.Position != 1 {
		t.Errorf("at %d with %d unsent, %v", at.Position, len(unsent), err)
	}
}

// What central says of another entry under this number is no reason not to store
// what it says of patients.
func TestAWrongReceiptDoesNotHoldUpABatch(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	one := note(1, "p1", "slept well")
	ok(t, c.Commit(bg, []record.Mutation{one}, nil))
	err := c.Land(bg, []record.Batch{batch(1, 2, potassium("k1", "p1", 1, "6.8"))}, []record.Receipt{receipt(note(1, "p1", "another's"), 2)})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("err = %v, want a conflict", err)
	}
	if c.Count().Unsent != 1 || len(compartment(t, c, "p1")) != 2 {
		t.Errorf("%d unsent, %v", c.Count().Unsent, compartment(t, c, "p1"))
	}
}

// As many receipts as a message takes, of entries as large as they may be, find
// their way beside or behind the batch.
func TestManyLargeReceiptsLandBehindTheirBatch(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	var all []record.Receipt
	var back []record.Change
	for seq := uint64(1); seq <= 8; seq++ {
		m := note(seq, "p1", string(make([]byte, 100<<10)))
		ok(t, c.Commit(context.Background(), []record.Mutation{m}, nil))
		all, back = append(all, receipt(m, 2)), append(back, change(fhir.TypeCommunication, string(m.Ref.ID), "p1", 1, `{"id":"x","resourceType":"Communication"}`))
	}
	ok(t, c.Land(bg, []record.Batch{batch(1, 2, back...)}, all))
	if c.Count().Unsent != 0 || folded(t, c, "p1") != 0 {
		t.Errorf("%d unsent, %d folded", c.Count().Unsent, folded(t, c, "p1"))
	}
}

// Central's word that it has a look costs no commit where something is committed
// anyway, and is stored by itself where nothing is; either way the look is gone from
// what is to be sent at once, and after a restart from the store.
func TestALookGoesWithTheNextCommit(t *testing.T) {
	o := options(t)
	c := open(t, o)
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	gone := func(what string) {
		t.Helper()
		if l, err := c.UnsentLooks(0, 9); err != nil || len(l) != 0 || c.Count().Looks != 0 {
			t.Errorf("%s: %d looks are to be sent, %d counted, %v", what, len(l), c.Count().Looks, err)
		}
	}
	ok(t, c.Commit(bg, nil, [][]byte{look(1)}))
	before := c.Commits()
	ok(t, c.LooksReceived(bg, 1))
	gone("at once")
	ok(t, c.Apply(bg, batch(1, 2, patient("p1", 2))))
	if n := c.Commits() - before; n != 1 || len(c.RawKeys("l/")) != 0 {
		t.Errorf("%d commits, want one; %d looks are still there", n, len(c.RawKeys("l/")))
	}
	ok(t, c.Commit(bg, nil, [][]byte{look(2)}))
	ok(t, c.LooksReceived(bg, 2))
	for end := time.Now().Add(time.Minute); len(c.RawKeys("l/")) > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("where nothing is committed it stays for ever")
		}
	}
	ok(t, c.Close())
	c = open(t, o)
	gone("after a restart")
	if h := c.Health(); len(h.Outbox) > 0 || h.Repaired > 0 {
		t.Errorf("health %+v", h)
	}
}

// Of a whole day's looks all go at once.
func TestManyLooksGoAtOnce(t *testing.T) {
	c := open(t, options(t))
	var all [][]byte
	for n := range 300 {
		all = append(all, look(n))
	}
	ok(t, c.Commit(bg, nil, all))
	ok(t, c.LooksReceived(bg, 299))
	if n := len(c.RawKeys("l/")); n != 1 || c.Count().Looks != 1 {
		t.Errorf("%d looks are left, %d counted; want one", n, c.Count().Looks)
	}
}
