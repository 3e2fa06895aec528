package cache_test

import (
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// large gives batches the bytes that central signed, of a size.
func large(size int, batches ...record.Batch) []record.Batch {
	for i := range batches {
		batches[i].Signed, batches[i].Sig = make([]byte, size), []byte{1}
	}
	return batches
}

// TestALongTailIsAFewCommits: batches that wait go to the disk together, each
// with its own cursor in what it leaves, and an own entry that one of them brings
// back is landed once.
func TestALongTailIsAFewCommits(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	first, second := note(1, "p1", "slept"), note(2, "p1", "ate")
	ok(t, c.Commit(bg, []record.Mutation{first, second}, nil))
	ok(t, c.Receipted(bg, []record.Receipt{receipt(first, 3), receipt(second, 4)}))
	before := cache.Commits(c)
	tail := large(60<<10,
		batch(1, 2, patient("p2", 1)), batch(2, 3, potassium("k1", "p1", 1, "4.1")), batch(3, 4, potassium("k2", "p2", 1, "4.2")),
		batch(4, 6, potassium("k3", "p2", 1, "4.3")), batch(6, 7, patient("p2", 2)))
	ok(t, c.Apply(bg, tail...))
	if n := cache.Commits(c) - before; n != 1 {
		t.Errorf("five batches of 60 KiB were %d commits", n)
	}
	if at, _ := c.Cursor(); at.Position != 7 {
		t.Errorf("the cursor stands at %d", at.Position)
	}
	if n := c.Count(); n.Resources != 5 || n.Patients != 2 {
		t.Errorf("it holds %+v", n)
	}
	if folded, awaited := cache.Folded(c); folded != 0 || awaited != 0 {
		t.Errorf("%d entries are folded in, %d awaited, though both are in what central sent", folded, awaited)
	}
}

// TestWhoeverErasesComesFirst: what a batch of the same run has just brought is
// erased like everything else.
func TestWhoeverErasesComesFirst(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	leaves, back := batch(2, 3), batch(3, 4, patient("p2", 2))
	leaves.Forget = []fhir.ID{"p2"}
	ok(t, c.Apply(bg, large(100, batch(1, 2, patient("p2", 1), potassium("k1", "p2", 1, "6.9")), leaves, back)...))
	if n := c.Count(); n.Resources != 2 || n.Patients != 2 {
		t.Errorf("it holds %+v; the potassium had left with its patient", n)
	}
}

// TestARunStopsWhereItDoesNotFollow: the batches before stay, with their cursor.
func TestARunStopsWhereItDoesNotFollow(t *testing.T) {
	c := open(t, options(t))
	err := c.Apply(bg, large(100, batch(0, 1, patient("p1", 1)), batch(1, 2, patient("p2", 1)), batch(5, 6, patient("p3", 1)))...)
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("a gap: %v", err)
	}
	if at, _ := c.Cursor(); at.Position != 2 || c.Count().Patients != 2 {
		t.Errorf("it stands at %d with %+v", at.Position, c.Count())
	}
}
