package cache_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
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

// begun opens and reads a comparison, with what happens in between, and settles it after
// what happens then.
func begun(t *testing.T, c *cache.Cache, h record.Heads, inBetween, then func()) (differ, again []fhir.ID) {
	t.Helper()
	if comparable, err := c.OpenComparison(bg, h); err != nil || !comparable {
		t.Fatalf("not comparable: %v", err)
	}
	inBetween()
	ok(t, c.ReadComparison(bg))
	then()
	differ, again, err := c.SettleComparison(bg)
	ok(t, err)
	return differ, again
}

// The state is that of the moment at which the comparison began. Whatever comes after it,
// before its rows are read or before the verdict, is no difference; and what really
// differs is found all the same, also where more came about the very same patient. Whose
// copy was filled again or taken away meanwhile is to be compared again, and nothing is
// said of it.
func TestWhatCameDuringTheComparisonIsNoDifference(t *testing.T) {
	p1 := []record.Change{patient("p1", 1), potassium("k1", "p1", 1, "4.1")}
	right := append(p1[:2:2], potassium("lost", "p1", 1, "6.8"))
	p2 := []record.Change{patient("p2", 1)}
	differs := append(p2[:1:1], potassium("lost2", "p2", 1, "6.1"))
	p3 := []record.Change{patient("p3", 1)}
	h := central(9, 5, map[fhir.ID][]record.Change{"p1": right, "p2": differs, "p3": p3})
	h.Heads = append(h.Heads, record.PatientHead{Patient: "p4", Head: record.HeadOf([]record.Change{patient("p4", 1)}), Newest: 5})
	for name, x := range map[string]struct {
		comes         func(c *cache.Cache)
		differ, again string
	}{
		"nothing":                   {func(*cache.Cache) {}, "p1 p2 p4 out", ""},
		"it is put right":           {func(c *cache.Cache) { ok(t, c.Apply(bg, refill(5, "p1", right...))) }, "p2 p4 out", "p1"},
		"it is refilled as wrongly": {func(c *cache.Cache) { ok(t, c.Apply(bg, refill(5, "p1", p1...))) }, "p2 p4 out", "p1"},
		"somebody else's result": {func(c *cache.Cache) {
			ok(t, c.Apply(bg, batch(5, 12, potassium("new", "p3", 1, "4.0"))))
		}, "p1 p2 p4 out", ""},
		"a result of one that differs": {func(c *cache.Cache) {
			ok(t, c.Apply(bg, batch(5, 12, potassium("new", "p1", 1, "4.0"))))
		}, "p1 p2 p4 out", ""},
		"who was missing":   {func(c *cache.Cache) { ok(t, c.Apply(bg, refill(5, "p4", patient("p4", 1)))) }, "p1 p2 out", "p4"},
		"who was left over": {func(c *cache.Cache) { b := batch(5, 8); b.Forget = []fhir.ID{"out"}; ok(t, c.Apply(bg, b)) }, "p1 p2 p4", "out"},
		"the beginning of a filling": {func(c *cache.Cache) {
			ok(t, c.ApplyChunks(bg, []record.Chunk{{Snapshot: "s", Station: station, At: record.Cursor{Epoch: "e1", Position: 9}, Changes: p3}}))
		}, "", ""},
		"a whole filling": {func(c *cache.Cache) {
			ok(t, c.ApplyChunks(bg, []record.Chunk{{Snapshot: "s", Station: station, At: record.Cursor{Epoch: "e1", Position: 9}, Changes: append(p3, right...), Last: true}}))
		}, "", ""},
	} {
		for _, when := range []string{"before it is read", "before it is settled"} {
			t.Run(name+" "+when, func(t *testing.T) {
				c := open(t, options(t))
				<-c.Checked()
				ok(t, c.Apply(bg, batch(0, 5, append(append(append([]record.Change{patient("out", 1)}, p1...), p2...), p3...)...)))
				comes, nothing := func() { x.comes(c) }, func() {}
				if when == "before it is settled" {
					comes, nothing = nothing, comes
				}
				differ, again := begun(t, c, h, comes, nothing)
				if got := spaced(differ); got != x.differ {
					t.Errorf("differ: %q, want %q", got, x.differ)
				}
				if got := spaced(again); got != x.again {
					t.Errorf("again: %q, want %q", got, x.again)
				}
				marked, err := c.Doubtful()
				ok(t, err)
				for _, p := range []fhir.ID{"p1", "p2", "p3", "p4", "out"} {
					want := slices.Contains(differ, p) && (p == "p1" || p == "p2") // of the others there is nothing that may not be shown
					if slices.Contains(marked, p) != want {
						t.Errorf("%s is in doubt: %v", p, !want)
					}
				}
			})
		}
	}
}

// spaced are ids in order, as words.
func spaced(ids []fhir.ID) string {
	words := make([]string, len(ids))
	for i, p := range ids {
		words[i] = string(p)
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
	return strings.Join(words, " ")
}

// A damaged row is found by the reading of a comparison also where results come all the
// time, of the same patient or of others.
func TestDamageIsNoticedHoweverMuchComes(t *testing.T) {
	c := open(t, options(t))
	<-c.Checked()
	p1 := []record.Change{patient("p1", 1), potassium("k1", "p1", 1, "4.1")}
	ok(t, c.Apply(bg, batch(0, 5, append(p1, patient("p2", 1))...)))
	c.RawDelete("c/p1/Observation/k1")
	at := record.Position(5)
	comes := func() {
		b := batch(at, at+1, potassium(fmt.Sprintf("a%d", at), "p1", 1, "4.0"), potassium(fmt.Sprintf("b%d", at), "p2", 1, "4.0"))
		ok(t, c.Apply(bg, b))
		at++
	}
	h := central(at, at, map[fhir.ID][]record.Change{"p1": p1})
	h.End, h.UpTo = false, "p1"
	if differ, again := begun(t, c, h, comes, comes); !slices.Equal(differ, []fhir.ID{"p1"}) || len(again) != 0 {
		t.Fatalf("differ: %v, again %v", differ, again)
	}
	comes()
	if _, err := shown(t, c, "p1"); !fault.Is(err, fault.Corrupt) {
		t.Errorf("the damaged copy is shown: %v", err)
	}
	if _, err := shown(t, c, "p2"); err != nil {
		t.Errorf("the other: %v", err)
	}
}

// While the reading rests under a hand, whoever writes goes on, and a store that is to be
// closed does not wait for the hand.
func TestTheReadingOfAComparisonHoldsUpNobody(t *testing.T) {
	o := options(t)
	resting := make(chan struct{}, 1<<16)
	var moves atomic.Bool
	o.Hand = func() bool {
		if moves.Load() {
			select {
			case resting <- struct{}{}:
			default:
			}
		}
		return moves.Load()
	}
	c := open(t, o)
	<-c.Checked()
	p1 := []record.Change{patient("p1", 1)}
	for i := range 3000 {
		p1 = append(p1, potassium(fmt.Sprintf("k%d", i), "p1", 1, "4.1"))
	}
	ok(t, c.Apply(bg, batch(0, 5, p1...)))
	moves.Store(true)
	_, err := c.OpenComparison(bg, central(9, 5, map[fhir.ID][]record.Change{"p1": p1}))
	ok(t, err)
	read := make(chan error, 1)
	go func() { read <- c.ReadComparison(bg) }()
	<-resting
	ok(t, c.Apply(bg, batch(5, 6, patient("p2", 1))))
	ok(t, c.Commit(bg, []record.Mutation{note(1, "p1", "x")}, nil))
	select {
	case err := <-read:
		t.Fatalf("it was over before anybody wrote: %v", err)
	default:
	}
	ok(t, c.Close())
	if err := <-read; !fault.Is(err, fault.Unavailable) {
		t.Errorf("the reading of a store that was closed: %v", err)
	}
}

// One comparison is under way at a time, in its order; one that was begun and never read
// does not keep the store open, nor what was in it when it began.
func TestAComparisonHasItsOrder(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 5, patient("p1", 1))))
	none := func(what string, err error) {
		t.Helper()
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	none("read", c.ReadComparison(bg))
	_, _, err := c.SettleComparison(bg)
	none("settled", err)
	missing := central(5, 5, map[fhir.ID][]record.Change{"p1": {patient("p1", 1)}, "p2": {patient("p2", 1)}})
	_, err = c.OpenComparison(bg, missing)
	ok(t, err)
	_, _, err = c.SettleComparison(bg)
	none("settled before it was read", err)
	ok(t, c.ReadComparison(bg))
	_, err = c.OpenComparison(bg, central(5, 5, map[fhir.ID][]record.Change{"p1": {patient("p1", 1)}}))
	ok(t, err)
	_, _, err = c.SettleComparison(bg)
	none("the one before", err)
	ok(t, c.ReadComparison(bg))
	if differ, again, err := c.SettleComparison(bg); err != nil || len(differ)+len(again) != 0 {
		t.Errorf("%v, %v, %v", differ, again, err)
	}
	if comparable, err := c.OpenComparison(bg, central(4, 4, nil)); err != nil || comparable {
		t.Errorf("central's word is older: %v, %v", comparable, err)
	}
	_, err = c.OpenComparison(bg, missing)
	ok(t, err)
	ok(t, c.Close())
}
