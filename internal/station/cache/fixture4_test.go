package cache_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

var fourth = flag.Bool("fourth", false, "write testdata/fourth, for a new format only")

const fourthDir = "testdata/fourth"

// A folder of 29 November 2026 in which two lists of owners wait to be written out,
// one of their resources having moved, opens for ever too, and writes them out.
func TestTheFourthCacheStillOpens(t *testing.T) {
	if *fourth {
		makeFourth(t)
	}
	dir := t.TempDir()
	ok(t, os.CopyFS(dir, os.DirFS(fourthDir)))
	o := fixtureOptions(t, dir)
	c := open(t, o)
	holds := func() {
		t.Helper()
		holdsAll(t, c, map[fhir.ID]int{"p1": 20, "p2": 22})
		for n, p := range map[int]fhir.ID{0: "p1", 19: "p1", 2: "p2"} {
			if ch, found := currentOf(t, c, observation("p1", n)); !found || ch.Patient != p {
				t.Errorf("%d: %v, %s", n, found, ch.Patient)
			}
		}
		if len(observations(t, c, "")) != 40 {
			t.Error("some are not listed")
		}
	}
	if c.Format() != 2 || len(c.RawKeys("T/")) != 2 {
		t.Errorf("format %d, %d lists", c.Format(), len(c.RawKeys("T/")))
	}
	holds()
	ok(t, c.Spread())
	holds()
	if c.Format() != 1 || len(c.RawKeys("t/")) != 42 {
		t.Errorf("format %d, %d rows", c.Format(), len(c.RawKeys("t/")))
	}
	c = reopened(t, c, o)
	holds()
}

func makeFourth(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	c := open(t, fixtureOptions(t, dir))
	for i, p := range []fhir.ID{"p1", "p2"} {
		b := batch(record.Position(i), record.Position(i+1), patient(p, 1))
		for n := range 20 {
			b.Changes = append(b.Changes, potassium(fmt.Sprintf("k%s-%d", p, n), p, 1, "4.1"))
		}
		ok(t, c.Apply(bg, b))
	}
	ok(t, c.Apply(bg, batch(2, 3, potassium("kp1-2", "p2", 2, "4.4"))))
	ok(t, c.Close())
	keepFolder(t, dir, fourthDir)
}
