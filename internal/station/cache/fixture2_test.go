package cache_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

var second = flag.Bool("second", false, "write testdata/second, for a new format only")

const secondDir = "testdata/second"

// A folder of 28 November 2026, with kept batches, a proof of the cursor, a copy
// in doubt and work of an earlier identity, opens for ever too.
func TestTheSecondCacheStillOpens(t *testing.T) {
	if *second {
		makeSecond(t)
	}
	dir := t.TempDir()
	ok(t, os.CopyFS(dir, os.DirFS(secondDir)))
	c := open(t, fixtureOptions(t, dir))
	<-c.Checked()
	ok(t, c.Damaged())
	if got := returned(t, c, "e2"); len(got) != 2 || got[0].To != 3 || string(got[1].Sig) != "signature of e1 7" {
		t.Errorf("kept: %+v", got)
	}
	p, there, err := c.Proof()
	ok(t, err)
	if !there || p.Chunk || len(p.Trail) != 2 || p.Trail[0].Position != 7 || !strings.Contains(string(p.Sig), "e1 9") {
		t.Errorf("proof: %v, trail %v, %q", there, p.Trail, p.Sig)
	}
	if d, err := c.Doubtful(); err != nil || len(d) != 1 || d[0] != "p2" {
		t.Errorf("in doubt: %v, %v", d, err)
	}
	if _, err := shown(t, c, "p2"); !fault.Is(err, fault.Corrupt) {
		t.Errorf("the copy in doubt is shown: %v", err)
	}
	left, err := c.Unsent(0, 9)
	ok(t, err)
	if len(left) != 1 || left[0].Was == nil || left[0].Was.ID != "szzzzzzzzzzzz-9" {
		t.Errorf("unsent: %+v", left)
	}
}

func makeSecond(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	c := open(t, fixtureOptions(t, dir))
	ok(t, c.Apply(bg, from("e1", batch(0, 3, patient("p1", 1), patient("p2", 1)))))
	ok(t, c.Apply(bg, from("e1", batch(3, 7, potassium("k1", "p1", 1, "4.1")))))
	ok(t, c.Apply(bg, from("e1", batch(7, 9))))
	m := note(1, "p1", "written again")
	m.Was = &record.Was{ID: "szzzzzzzzzzzz-9", Content: record.Hash{7}}
	ok(t, c.Commit(bg, []record.Mutation{signed(m)}, nil))
	h := record.Heads{At: record.Cursor{Epoch: "e1", Position: 9}, Heads: []record.PatientHead{{Patient: "p2", Head: record.Head{Count: 9}}}}
	if d := compare(t, c, h); len(d) != 1 {
		t.Fatal("nobody is in doubt")
	}
	ok(t, c.Close())
	keepFolder(t, dir, secondDir)
}
