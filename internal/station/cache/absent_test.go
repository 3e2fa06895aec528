package cache_test

import (
	"fmt"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
)

// While a store that was empty is filled it is not looked for what cannot be there;
// what has come is, by whichever way it comes again: a critical result that overtook
// the snapshot, a correction, a result that turns out to be another patient's. And
// when all has come, the store is what it says it is, over a restart.
func TestWhatComesAgainDuringTheFirstFillingIsMet(t *testing.T) {
	o := options(t)
	c := open(t, o)
	ok(t, c.Ahead(bg, []record.Change{patient("p1", 1), potassium("k1", "p1", 1, "6.8")}))
	ok(t, c.ApplyChunks(bg, []record.Chunk{
		chunk("s1", 0, "a", snapshotAt, false, patient("p1", 1), patient("p2", 1), potassium("k1", "p1", 1, "6.8"), potassium("k2", "p1", 1, "4.1"), potassium("k3", "p1", 1, "5.0")),
		chunk("s1", 1, "b", snapshotAt, false, potassium("k2", "p1", 2, "4.4"), potassium("k3", "p2", 2, "5.0")),
	}))
	ok(t, c.ApplyChunk(bg, chunk("s1", 2, "", snapshotAt, true, potassium("k4", "p2", 1, "3.9"))))
	for range 2 {
		one, two := compartment(t, c, "p1"), compartment(t, c, "p2")
		if len(one) != 3 || !strings.Contains(one["Observation/k1"], "6.8") || !strings.Contains(one["Observation/k2"], "4.4") {
			t.Errorf("p1: %v", one)
		}
		if len(two) != 3 || !strings.Contains(two["Observation/k3"], "5.0") || !strings.Contains(two["Observation/k4"], "3.9") {
			t.Errorf("p2: %v", two)
		}
		if n := c.Count(); n.Resources != 6 || n.Patients != 2 {
			t.Errorf("%+v", n)
		}
		<-c.Checked()
		ok(t, c.Damaged())
		ok(t, c.Close())
		c = open(t, o)
	}
}

// What was to be written and was not is looked for once more, and that is all.
func TestAFillingThatFailsAndGoesOn(t *testing.T) {
	c := open(t, options(t))
	first := chunk("s1", 0, "a", snapshotAt, false, patient("p1", 1), potassium("k1", "p1", 1, "4.1"))
	bad := chunk("s1", 1, "b", snapshotAt, false, potassium("k2", "p1", 0, "4.1")) // no version
	if err := c.ApplyChunks(bg, []record.Chunk{first, bad}); err == nil {
		t.Fatal("a change without a version is taken")
	}
	good := chunk("s1", 1, "", snapshotAt, true, potassium("k2", "p1", 1, "4.2"))
	ok(t, c.ApplyChunks(bg, []record.Chunk{first, good}))
	if all := compartment(t, c, "p1"); len(all) != 3 || c.Count().Resources != 3 {
		t.Errorf("%v, %+v", all, c.Count())
	}
}

// Of a filling of a million nothing that was noted is ever called absent, and nearly all
// that is new is known to be; what is remembered of it does not grow.
func TestWhatIsSurelyAbsentOfAMillion(t *testing.T) {
	a := cache.NewAbsent()
	ref := func(n int) fhir.Ref { return fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(fmt.Sprint("o", n))} }
	const many = 1_000_000
	vain := 0
	for n := range many {
		if !a.Sure(ref(n)) {
			vain++
		}
		a.Note(ref(n))
	}
	for n := range many {
		if a.Sure(ref(n)) {
			t.Fatalf("%d was noted and is called absent", n)
		}
	}
	if vain > many/1000 {
		t.Errorf("%d of %d would be looked for in vain", vain, many)
	}
	if testing.AllocsPerRun(1000, func() { a.Note(ref(7)) }) > 3 { // the reference's own
		t.Error("to note one more takes memory")
	}
}
