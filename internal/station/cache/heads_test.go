package cache_test

import (
	"fmt"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// central says what it holds, in one answer that covers everybody.
func central(at record.Position, newest record.Position, compartments map[fhir.ID][]record.Change) record.Heads {
	h := record.Heads{At: record.Cursor{Epoch: "e1", Position: at, Chain: record.Hash{byte(at)}}, End: true}
	for p, all := range compartments {
		h.Heads = append(h.Heads, record.PatientHead{Patient: p, Head: record.HeadOf(all), Newest: newest})
	}
	return h
}

func compare(t *testing.T, c *cache.Cache, h record.Heads) []fhir.ID {
	t.Helper()
	differ, err := c.Compare(bg, h)
	ok(t, err)
	return differ
}

// shown says whether a compartment is yielded, and how much of it.
func shown(t *testing.T, c *cache.Cache, p fhir.ID) (n int, err error) {
	t.Helper()
	ok(t, c.View(bg, func(r cache.Reader) error {
		for _, e := range r.Compartment(p) {
			if e != nil {
				err = e
				return nil
			}
			n++
		}
		return nil
	}))
	return n, err
}

func refill(at record.Position, p fhir.ID, changes ...record.Change) record.Batch {
	b := batch(at, at, changes...)
	b.Chain, b.Refill = record.Hash{byte(at)}, []fhir.ID{p}
	return b
}

// A copy that is not what central holds is not shown, also after a restart,
// until that one patient has been refilled. Nobody else is touched, and unsent
// work about the patient stays.
func TestACopyThatDiffersIsNotShownUntilItIsRefilled(t *testing.T) {
	o := options(t)
	c := open(t, o)
	p1 := []record.Change{patient("p1", 1), potassium("k1", "p1", 2, "6.8")}
	p2 := []record.Change{patient("p2", 1), potassium("k2", "p2", 1, "4.2")}
	ok(t, c.Apply(bg, batch(0, 5, append(p1, p2...)...)))
	ok(t, c.Commit(bg, []record.Mutation{note(1, "p1", "x")}, nil))
	level := map[fhir.ID][]record.Change{"p1": p1, "p2": p2}
	if d := compare(t, c, central(9, 5, level)); len(d) != 0 {
		t.Fatalf("what is level differs: %v", d)
	}
	// The cache lost an allergy on the way, and nobody here can know.
	level["p1"] = append(p1, change(fhir.TypeAllergyIntolerance, "a1", "p1", 1, `{"id":"a1","resourceType":"AllergyIntolerance"}`))
	if d := compare(t, c, central(9, 5, level)); len(d) != 1 || d[0] != "p1" {
		t.Fatalf("differ: %v", d)
	}
	for range 2 {
		if _, err := shown(t, c, "p1"); !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), "fetched again") {
			t.Errorf("the doubtful copy is shown: %v", err)
		}
		if n, err := shown(t, c, "p2"); n != 2 || err != nil {
			t.Errorf("another patient: %d, %v", n, err)
		}
		if d, err := c.Doubtful(); err != nil || len(d) != 1 {
			t.Errorf("in doubt: %v, %v", d, err)
		}
		ok(t, c.Close())
		c = open(t, o)
	}
	ok(t, c.Apply(bg, refill(5, "p1", level["p1"]...)))
	if n, err := shown(t, c, "p1"); n != 3 || err != nil {
		t.Errorf("after the refill: %d, %v", n, err)
	}
	if d := compare(t, c, central(9, 5, level)); len(d) != 0 {
		t.Errorf("after the refill these differ: %v", d)
	}
	if cur, err := c.Cursor(); err != nil || cur.Position != 5 {
		t.Errorf("a refill moved the cursor to %v", cur)
	}
	if left, err := c.Unsent(0, 9); err != nil || len(left) != 1 {
		t.Errorf("unsent after the refill: %d", len(left))
	}
	ok(t, c.Close())
	c = open(t, o)
	<-c.Checked()
	ok(t, c.Damaged())
}

// Two sides that do not stand at comparable places are not compared.
func TestOnlyWhatIsComparableIsCompared(t *testing.T) {
	c := open(t, options(t))
	all := []record.Change{patient("p1", 1)}
	ok(t, c.Apply(bg, batch(0, 5, all...)))
	more := map[fhir.ID][]record.Change{"p1": append(all, potassium("k1", "p1", 1, "4.1"))}
	other := central(9, 5, more)
	other.At.Epoch = "e2"
	for what, h := range map[string]record.Heads{
		"central's word is older than the cursor":   central(4, 4, more),
		"something about the patient is on its way": central(9, 6, more),
		"another epoch": other,
		"no answer":     {},
	} {
		if d := compare(t, c, h); len(d) != 0 {
			t.Errorf("%s: %v", what, d)
		}
	}
	if d := compare(t, c, central(5, 5, more)); len(d) != 1 {
		t.Errorf("comparable: %v", d)
	}
}

// Whoever is missing here, and whoever is here and should not be, is found too:
// one is fetched, the other forgotten; neither hides anything.
func TestMissingAndLeftOverPatientsAreFound(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 5, patient("p1", 1), patient("p3", 1), potassium("k3", "p3", 1, "4.1"))))
	h := central(5, 5, map[fhir.ID][]record.Change{"p1": {patient("p1", 1)}, "p2": {patient("p2", 1)}})
	if d := compare(t, c, h); len(d) != 2 || d[0] != "p2" || d[1] != "p3" {
		t.Fatalf("differ: %v", d)
	}
	if d, err := c.Doubtful(); err != nil || len(d) != 0 {
		t.Errorf("in doubt: %v", d)
	}
	part := h
	part.Heads, part.End, part.UpTo = nil, false, "p2"
	for _, ph := range h.Heads {
		if ph.Patient == "p1" {
			part.Heads = append(part.Heads, ph)
		}
	}
	if d := compare(t, c, part); len(d) != 0 {
		t.Errorf("beyond what the answer covers: %v", d)
	}
	part = central(5, 5, nil)
	part.Asked = []fhir.ID{"p3"}
	if d := compare(t, c, part); len(d) != 1 || d[0] != "p3" {
		t.Errorf("asked about: %v", d)
	}
	b := batch(5, 5)
	b.Forget, b.Refill, b.Chain = []fhir.ID{"p3"}, []fhir.ID{"p2"}, record.Hash{5}
	b.Changes = []record.Change{patient("p2", 1)}
	ok(t, c.Apply(bg, b))
	if d := compare(t, c, h); len(d) != 0 {
		t.Errorf("after the refill: %v", d)
	}
}

// A compartment too large for one transaction is refilled whole, and damage that
// the store itself can see is found by the comparison and mended by the refill.
func TestADamagedAndLargeCompartmentIsMended(t *testing.T) {
	o := options(t)
	c := open(t, o)
	all := []record.Change{patient("p1", 1)}
	for i := range 1500 {
		all = append(all, potassium(fmt.Sprintf("k%d", i), "p1", 1, "4.1"))
	}
	ok(t, c.Apply(bg, batch(0, 5, all...)))
	c.RawDelete("c/p1/Observation/k7")
	level := map[fhir.ID][]record.Change{"p1": all}
	if d := compare(t, c, central(5, 5, level)); len(d) != 1 {
		t.Fatalf("a lost row is not found: %v", d)
	}
	ok(t, c.Apply(bg, refill(5, "p1", all...)))
	if d := compare(t, c, central(5, 5, level)); len(d) != 0 {
		t.Errorf("after the refill: %v", d)
	}
	if n, err := shown(t, c, "p1"); n != len(all) || err != nil {
		t.Errorf("shown: %d, %v", n, err)
	}
	ok(t, c.Close())
	c = open(t, o)
	<-c.Checked()
	ok(t, c.Damaged())
}
