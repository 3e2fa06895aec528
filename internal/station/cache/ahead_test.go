package cache_test

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// A critical result overtakes a tail: it is there at once, the cursor stays,
// and the batch that brings it in its turn changes nothing more.
func TestWhatOvertakesIsThereAtOnceAndComesAgain(t *testing.T) {
	o := options(t)
	c := open(t, o)
	ok(t, c.Apply(bg, batch(0, 5, patient("p1", 1), potassium("k1", "p1", 1, "4.1"))))
	ok(t, c.Ahead(bg, []record.Change{patient("p1", 1), potassium("k1", "p1", 3, "6.8")}))
	if got := compartment(t, c, "p1")["Observation/k1"]; !strings.Contains(got, "6.8") {
		t.Errorf("in force: %s", got)
	}
	if cur, err := c.Cursor(); err != nil || cur.Position != 5 {
		t.Errorf("the cursor is %v, %v", cur, err)
	}
	ok(t, c.Apply(bg, batch(5, 6, potassium("k1", "p1", 2, "5.0"))))
	ok(t, c.Apply(bg, batch(6, 9, potassium("k1", "p1", 3, "6.8"))))
	if got := compartment(t, c, "p1")["Observation/k1"]; !strings.Contains(got, "6.8") {
		t.Errorf("in force at the end: %s", got)
	}
	if err := c.Ahead(bg, []record.Change{{Ref: fhir.Ref{Type: "Observation", ID: "x"}}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a change without a version: %v", err)
	}
	ok(t, c.Close())
	c = open(t, o)
	<-c.Checked()
	ok(t, c.Damaged())
}

// It overtakes a snapshot too, and the snapshot's end does not sweep it away.
func TestWhatOvertakesASnapshotStays(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 5, patient("p1", 1), potassium("gone", "p1", 1, "4.1"))))
	at := record.Cursor{Epoch: "e1", Position: 7}
	ok(t, c.ApplyChunk(bg, chunk("s", 0, "x", at, false, patient("p2", 1))))
	ok(t, c.Ahead(bg, []record.Change{patient("p1", 1), potassium("k1", "p1", 1, "6.8")}))
	ok(t, c.ApplyChunk(bg, chunk("s", 1, "", at, true, patient("p1", 1))))
	got := compartment(t, c, "p1")
	if !strings.Contains(got["Observation/k1"], "6.8") || got["Observation/gone"] != "" {
		t.Errorf("p1 holds %v", got)
	}
}
