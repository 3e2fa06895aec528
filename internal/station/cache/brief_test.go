package cache_test

import (
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
)

// marks are the present states of these patients' records.
func marks(t *testing.T, c *cache.Cache, patients ...fhir.ID) (list []cache.Brief) {
	t.Helper()
	ok(t, c.View(bg, func(r cache.Reader) error {
		for _, p := range patients {
			m, err := r.Mark(p)
			ok(t, err)
			list = append(list, cache.Brief{Patient: p, Mark: m, Body: []byte("brief of " + p)})
		}
		return nil
	}))
	return list
}

// briefs are those that count now, by patient.
func briefs(t *testing.T, c *cache.Cache) map[fhir.ID]string {
	t.Helper()
	m := map[fhir.ID]string{}
	ok(t, c.View(bg, func(r cache.Reader) error {
		for b, err := range r.Briefs() {
			ok(t, err)
			m[b.Patient] = string(b.Body)
		}
		return nil
	}))
	return m
}

// briefed is a cache with two patients and a brief of each.
func briefed(t *testing.T) *cache.Cache {
	t.Helper()
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, potassium("k1", "p1", 1, "4.1"), potassium("k2", "p2", 1, "4.2"))))
	ok(t, c.KeepBriefs(bg, marks(t, c, "p1", "p2")))
	if m := briefs(t, c); len(m) != 2 || m["p1"] != "brief of p1" || m["p2"] != "brief of p2" {
		t.Fatalf("briefs: %v", m)
	}
	return c
}

func TestABriefGoesWithTheRecordThatItWasMadeOf(t *testing.T) {
	c := briefed(t)
	ok(t, c.Apply(bg, batch(1, 2, potassium("k1", "p1", 2, "6.8"))))
	if m := briefs(t, c); len(m) != 1 || m["p2"] == "" {
		t.Errorf("after a new version for p1: %v", m)
	}
	old := potassium("k2", "p2", 0, "3.9")
	old.Version, old.History = 1, true
	old.Ref.ID = "k9"
	ok(t, c.Apply(bg, batch(2, 3, old)))
	if m := briefs(t, c); len(m) != 0 {
		t.Errorf("after an older version for p2: %v", m)
	}
}

// What was worked out of a record that has changed since is not kept.
func TestABriefThatComesLateIsNotKept(t *testing.T) {
	c := briefed(t)
	late := marks(t, c, "p1", "p2")
	old := potassium("k9", "p1", 1, "3.9")
	old.History = true
	ok(t, c.Apply(bg, batch(1, 2, old))) // the compartment's digest stays
	ok(t, c.KeepBriefs(bg, late))
	if m := briefs(t, c); len(m) != 1 || m["p2"] == "" {
		t.Errorf("briefs: %v", m)
	}
}

// While own work lies on top of what central sent there is no brief.
func TestThereIsNoBriefUnderOwnWork(t *testing.T) {
	c := briefed(t)
	ok(t, c.Commit(bg, []record.Mutation{note(mustSeq(t, c), "p1", "seen")}, nil))
	if m := briefs(t, c); len(m) != 1 || m["p2"] == "" {
		t.Errorf("briefs: %v", m)
	}
	ok(t, c.KeepBriefs(bg, marks(t, c, "p1"))) // by a careless caller
	if m := briefs(t, c); len(m) != 1 {
		t.Errorf("a brief that leaves own work out: %v", m)
	}
}

// Whoever gets at the files can bring back an old brief, or write another; it is
// not taken.
func TestAnOldOrForgedBriefIsNotTaken(t *testing.T) {
	c := briefed(t)
	old, other := c.RawGet("p/p1"), c.RawGet("p/p2")
	if len(old) == 0 || len(other) == 0 {
		t.Fatal("where are the briefs?")
	}
	ok(t, c.Apply(bg, batch(1, 2, potassium("k1", "p1", 2, "6.8"))))
	for what, raw := range map[string][]byte{"an old one": old, "another patient's": other, "bytes": []byte("brief"), "none": {}} {
		c.RawSet("p/p1", raw)
		if m := briefs(t, c); len(m) != 1 || m["p2"] != "brief of p2" {
			t.Errorf("%s: %v", what, m)
		}
	}
}

func mustSeq(t *testing.T, c *cache.Cache) uint64 {
	t.Helper()
	seq, err := c.NextSeq()
	ok(t, err)
	return seq
}
