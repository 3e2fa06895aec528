package cache_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// whole reads a record.
func whole(t testing.TB, c *cache.Cache, p fhir.ID) (all []record.Change) {
	t.Helper()
	ok(t, c.View(bg, func(r cache.Reader) error {
		all = nil
		for ch, err := range r.Compartment(p) {
			if err != nil {
				return err
			}
			all = append(all, ch)
		}
		return nil
	}))
	return all
}

// at is where a resource's bytes lie in memory; nil where it is not in the record.
func at(all []record.Change, id fhir.ID) *byte {
	for _, ch := range all {
		if ch.Ref.ID == id {
			return &ch.Body[0]
		}
	}
	return nil
}

// A record that is looked at stays open: when one entry comes, that entry is
// opened and nothing else, whether it is new, a new version, or another's from
// now on.
func TestOnlyWhatCameIsOpened(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), patient("p2", 1), potassium("k1", "p1", 1, "4.1"), potassium("k2", "p1", 1, "4.2"))))
	whole(t, c, "p1")
	before := whole(t, c, "p1")
	steps := []struct {
		what string
		with record.Change
		want int
	}{
		{"a new result", potassium("k3", "p1", 1, "4.3"), 4},
		{"a correction", potassium("k2", "p1", 2, "6.8"), 4},
		{"one that was another's", potassium("k2", "p2", 3, "6.8"), 3},
	}
	for i, s := range steps {
		ok(t, c.Apply(bg, batch(record.Position(i+1), record.Position(i+2), s.with)))
		all := whole(t, c, "p1")
		if len(all) != s.want || at(all, "k1") != at(before, "k1") || at(all, "p1") != at(before, "p1") {
			t.Errorf("%s: %d resources; those that nothing happened to were opened again", s.what, len(all))
		}
		if now := at(all, s.with.Ref.ID); s.with.Patient == "p1" && (now == nil || now == at(before, s.with.Ref.ID)) {
			t.Errorf("%s: the record does not say it", s.what)
		}
	}
}

// A record of which it is known that it will be read again is remembered when it is read
// first: a chart that is opened is read for who may see it, and then for what is in it.
func TestAnExpectedRecordIsReadOnce(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), potassium("k1", "p1", 1, "4.1"), patient("p2", 1))))
	c.Expect("p1")
	if first, again := whole(t, c, "p1"), whole(t, c, "p1"); at(first, "k1") != at(again, "k1") {
		t.Error("it was read from the store twice")
	}
	if first, again := whole(t, c, "p2"), whole(t, c, "p2"); at(first, "p2") == at(again, "p2") {
		t.Error("a record that nobody expects was remembered at once")
	}
}

// Who reads an earlier state has that state, although a later one is remembered.
func TestWhoReadsAnEarlierStateHasIt(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), potassium("k1", "p1", 1, "4.1"))))
	whole(t, c, "p1")
	whole(t, c, "p1")
	ok(t, c.View(bg, func(r cache.Reader) error {
		ok(t, c.Apply(bg, batch(1, 2, potassium("k1", "p1", 2, "6.8"))))
		for ch, err := range r.Compartment("p1") {
			if err != nil || ch.Ref.ID == "k1" && ch.Version != 1 {
				t.Errorf("version %d, %v: a reader's state has changed under it", ch.Version, err)
			}
		}
		return nil
	}))
	if all := whole(t, c, "p1"); all[0].Version != 2 {
		t.Errorf("version %d after the commit", all[0].Version)
	}
}

// Whatever happens to records, what is remembered of them is what the store says.
func TestWhatIsRememberedIsWhatIsStored(t *testing.T) {
	c := open(t, options(t))
	rng := rand.New(rand.NewPCG(7, 7))
	who := []fhir.ID{"p1", "p2", "p3"}
	versions := map[string]record.Version{}
	next := func(id string) record.Version { versions[id]++; return versions[id] }
	for i := range record.Position(200) {
		p := who[rng.IntN(len(who))]
		b := batch(i, i+1, patient(p, next(string(p))))
		for range rng.IntN(3) {
			id := fmt.Sprintf("k%d", rng.IntN(12))
			b.Changes = append(b.Changes, potassium(id, who[rng.IntN(len(who))], next(id), fmt.Sprintf("4.%d", i)))
		}
		if rng.IntN(10) == 0 {
			b.Forget = []fhir.ID{who[rng.IntN(len(who))]}
		}
		ok(t, c.Apply(bg, b))
		remembered := map[fhir.ID][]record.Change{}
		for _, p := range who {
			remembered[p] = whole(t, c, p)
		}
		if i%5 != 0 {
			continue // what follows forgets, and what is taken along is to be seen too
		}
		c.ForgetOpened()
		for _, p := range who {
			if stored := whole(t, c, p); !reflect.DeepEqual(stored, remembered[p]) {
				t.Fatalf("after batch %d %s has %d resources in memory and %d in the store, or they differ", i, p, len(remembered[p]), len(stored))
			}
		}
	}
}

// However many records are read again and again, what is remembered is bounded; and
// a walk through everybody takes no room.
func TestRememberedRecordsAreBounded(t *testing.T) {
	c := open(t, options(t))
	const patients, each = 60, 80
	for n := range record.Position(patients) {
		p := fhir.ID(fmt.Sprintf("p%d", n))
		b := batch(n, n+1, patient(p, 1))
		for k := range each {
			b.Changes = append(b.Changes, potassium(fmt.Sprintf("%s-%d", p, k), p, 1, "4.1"))
		}
		ok(t, c.Apply(bg, b))
	}
	walk := func() {
		for n := range patients {
			whole(t, c, fhir.ID(fmt.Sprintf("p%d", n)))
		}
	}
	if walk(); c.OpenedBytes() > 0 {
		t.Errorf("%d bytes are remembered of what was read once", c.OpenedBytes())
	}
	walk()
	walk()
	if n := c.OpenedBytes(); n > 2*cache.MaxOpened || n < cache.MaxOpened/2 {
		t.Errorf("%d bytes are remembered, want up to %d", n, 2*cache.MaxOpened)
	}
}

// Where the store stands is read from the store, too: what is remembered counts only
// where the very row lies there that was written last.
func TestWhereTheStoreStandsIsWhatItSays(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	earlier := c.RawGet("m")
	ok(t, c.Apply(bg, batch(1, 2, patient("p2", 1))))
	stands := func() (at record.Position, err error) {
		err = c.View(bg, func(r cache.Reader) error { at = r.Cursor().Position; return nil })
		return at, err
	}
	if at, err := stands(); at != 2 || err != nil {
		t.Errorf("at %d, %v", at, err)
	}
	c.RawSet("m", earlier)
	if at, err := stands(); at != 1 || err != nil {
		t.Errorf("an earlier row lies there, and it is said to stand at %d, %v", at, err)
	}
	c.RawSet("m", []byte("a row that nobody sealed"))
	if at, err := stands(); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a forged row: at %d, %v", at, err)
	}
}
