package cache_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// Whoever can write into the folder puts a memtable in plain text there that
// says "allergy: none known". Badger alone replays it.
func TestAForgedPlainMemtableIsRefused(t *testing.T) {
	o := options(t)
	filled(t, o)
	forged := t.TempDir()
	db, err := badger.Open(cache.PlainProfile(forged))
	ok(t, err)
	ok(t, db.Update(func(t *badger.Txn) error {
		return t.Set([]byte("c/p1/AllergyIntolerance/a1"), []byte(`{"none":"known"}`))
	}))
	mem, err := os.ReadFile(filepath.Join(forged, "00001.mem"))
	ok(t, err)
	ok(t, db.Close())
	ok(t, os.WriteFile(filepath.Join(o.Dir, "badger", "00099.mem"), mem, 0o600))
	if _, err := cache.Open(bg, o); !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), "not written by this program") {
		t.Errorf("err = %v, want corrupt", err)
	}
	setAsideAndGoOn(t, o)
}

// Somebody who can even write into Badger: a value changed, taken from another
// place, put back to what it was, or deleted is never shown as if it were
// right.
func TestATamperedRowIsNeverShown(t *testing.T) {
	const key, other = "c/p1/Observation/k1", "c/p1/Observation/k2"
	for name, tamper := range map[string]func(c *cache.Cache, old []byte){
		"a flipped bit":      func(c *cache.Cache, _ []byte) { v := c.RawGet(key); v[len(v)-20] ^= 4; c.RawSet(key, v) },
		"plain text":         func(c *cache.Cache, _ []byte) { c.RawSet(key, []byte(`{"resourceType":"Observation"}`)) },
		"empty":              func(c *cache.Cache, _ []byte) { c.RawSet(key, nil) },
		"another's value":    func(c *cache.Cache, _ []byte) { c.RawSet(key, c.RawGet(other)) },
		"another version":    func(c *cache.Cache, _ []byte) { v := c.RawGet(key); v[7]++; c.RawSet(key, v) },
		"the version before": func(c *cache.Cache, old []byte) { c.RawSet(key, old) },
		"deleted":            func(c *cache.Cache, _ []byte) { c.RawDelete(key) },
		"the digest deleted": func(c *cache.Cache, _ []byte) { c.RawDelete("d/p1") },
		"an empty digest":    func(c *cache.Cache, _ []byte) { c.RawSet("d/p1", c.RawGet("d/p2")) },
		"everything deleted": func(c *cache.Cache, _ []byte) {
			for _, k := range append(c.RawKeys("c/p1/"), "d/p1") {
				c.RawDelete(k)
			}
		},
		"an owner deleted":    func(c *cache.Cache, _ []byte) { c.RawDelete("t/Observation/k1") },
		"an owner exchanged":  func(c *cache.Cache, _ []byte) { c.RawSet("t/Observation/k1", c.RawGet("t/Patient/p2")) },
		"history deleted":     func(c *cache.Cache, _ []byte) { c.RawDelete(c.RawKeys("h/Observation/k1/")[0]) },
		"unsent work deleted": func(c *cache.Cache, _ []byte) { c.RawDelete(c.RawKeys("u/p1/")[0]) },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			c := open(t, o)
			ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), patient("p2", 1), potassium("k1", "p1", 1, "4.1"), potassium("k2", "p1", 1, "6.8"))))
			old := c.RawGet(key)
			ok(t, c.Apply(bg, batch(1, 2, potassium("k1", "p1", 2, "4.2"))))
			ok(t, c.Commit(bg, []record.Mutation{note(1, "p1", "x")}, nil))
			tamper(c, old)
			ok(t, c.Close())
			c = open(t, o)
			<-c.Checked()
			if strings.Contains(name, "deleted") && !fault.Is(c.Damaged(), fault.Corrupt) {
				t.Errorf("the walk missed it: %v", c.Damaged())
			}
			wantTruthOrRefusal(t, c)
		})
	}
}

// wantTruthOrRefusal reads everything in every way: each answer is what was
// written, or fault.Corrupt.
func wantTruthOrRefusal(t *testing.T, c *cache.Cache) {
	t.Helper()
	ids := []string{}
	got, err := tryCompartment(c, "p1")
	for id := range got {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if err == nil && (!slices.Equal(ids, []string{"Observation/k1", "Observation/k2", "Patient/p1"}) || !strings.Contains(got["Observation/k1"], "4.2")) {
		t.Errorf("the compartment is shown as %v", got)
	}
	if err != nil && !fault.Is(err, fault.Corrupt) {
		t.Errorf("compartment: %v", err)
	}
	_ = c.View(bg, func(r cache.Reader) error {
		ch, found, err := r.Current(fhir.Ref{Type: fhir.TypeObservation, ID: "k1"})
		if err == nil && (!found || !strings.Contains(string(ch.Body), "4.2")) {
			// One row alone cannot tell that it is an old one: that is the
			// compartment's digest's part.
			if _, cerr := tryCompartment(c, "p1"); cerr == nil || !found || ch.Ref.ID != "k1" {
				t.Errorf("current: found %v, %s", found, ch.Body)
			}
		}
		if err != nil && !fault.Is(err, fault.Corrupt) {
			t.Errorf("current: %v", err)
		}
		n := 0
		for _, e := range r.Patients() {
			if err = e; e == nil {
				n++
			}
		}
		if err == nil && n != 2 {
			t.Errorf("%d patients and no error", n)
		}
		n, err = 0, nil
		for _, e := range r.All(fhir.TypeObservation, "") {
			if e != nil {
				err = e
			} else {
				n++
			}
		}
		if err == nil && n != 2 {
			t.Errorf("%d observations and no error", n)
		}
		return nil
	})
}

// "There is none" is not said before the whole store was walked: a deletion
// may have been forged.
func TestAbsenceIsNotBelievedAtOnce(t *testing.T) {
	o := options(t)
	c := open(t, o)
	b := batch(0, 1, change(fhir.TypeAllergyIntolerance, "a1", "p1", 1, `{"resourceType":"AllergyIntolerance","id":"a1"}`))
	for i := range 3000 {
		b.Changes = append(b.Changes, potassium(fmt.Sprintf("k%d", i), "p1", 1, "4.1"))
	}
	ok(t, c.Apply(bg, b))
	c.RawDelete("t/AllergyIntolerance/a1")
	ok(t, c.Close())
	c = open(t, o)
	ok(t, c.View(bg, func(r cache.Reader) error {
		if _, found, err := r.Current(fhir.Ref{Type: fhir.TypeAllergyIntolerance, ID: "a1"}); found || !fault.Is(err, fault.Corrupt) {
			t.Errorf("the allergy that was made to vanish: found %v, %v", found, err)
		}
		return nil
	}))
}

func TestABrokenChainOfLooksIsTold(t *testing.T) {
	for name, tamper := range map[string]func(c *cache.Cache){
		"one left out":   func(c *cache.Cache) { c.RawDelete(cache.LookKey(2)) },
		"the last":       func(c *cache.Cache) { c.RawDelete(cache.LookKey(3)) },
		"another's":      func(c *cache.Cache) { c.RawSet(cache.LookKey(2), c.RawGet(cache.LookKey(1))) },
		"the first gone": func(c *cache.Cache) { c.RawDelete(cache.LookKey(1)) },
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, options(t))
			ok(t, c.Commit(bg, nil, [][]byte{look(1), look(2), look(3)}))
			tamper(c)
			if looks, err := c.UnsentLooks(0, 100); !fault.Is(err, fault.Corrupt) {
				t.Errorf("looks %v, err %v", looks, err)
			}
		})
	}
}
