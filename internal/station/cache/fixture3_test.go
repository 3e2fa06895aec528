package cache_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"wardlight/internal/fault"
)

var third = flag.Bool("third", false, "write testdata/third, for a new format only")

const thirdDir = "testdata/third"

// fixedPages is what is in the third fixture: never to be changed.
var fixedPages = bytes.Repeat([]byte("page of 28 November 2026; "), 400)

// A folder of 28 November 2026 with documents, one whole and one of which a part has
// come, opens for ever too; and the one goes on where it stopped.
func TestTheThirdCacheStillOpens(t *testing.T) {
	if *third {
		makeThird(t)
	}
	dir := t.TempDir()
	ok(t, os.CopyFS(dir, os.DirFS(thirdDir)))
	c := open(t, fixtureOptions(t, dir))
	<-c.Checked()
	ok(t, c.Damaged())
	_, whole := reportWith(t, "r1", "p1", fixedPages)
	if got, err := document(c, "p1", whole); err != nil || !bytes.Equal(got, fixedPages) {
		t.Errorf("the whole one: %d bytes, %v", len(got), err)
	}
	half := append([]byte("another: "), fixedPages...)
	_, sum := reportWith(t, "r2", "p2", half)
	w, there := wanted(t, c)
	if !there || w.Hash != sum || w.Patient != "p2" || w.Have != 4000 || w.Size != int64(len(half)) || w.Ref.ID != "r2" {
		t.Fatalf("wanted: %+v, %v", w, there)
	}
	if _, err := document(c, "p2", sum); !fault.Is(err, fault.NotFound) {
		t.Errorf("half of one is given out: %v", err)
	}
	fetch(t, c, half, 3000)
	if got, err := document(c, "p2", sum); err != nil || !bytes.Equal(got, half) {
		t.Errorf("the other, when the rest has come: %d bytes, %v", len(got), err)
	}
}

func makeThird(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	c := open(t, fixtureOptions(t, dir))
	whole, _ := reportWith(t, "r1", "p1", fixedPages)
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), whole)))
	fetch(t, c, fixedPages, 3000)
	half := append([]byte("another: "), fixedPages...)
	other, _ := reportWith(t, "r2", "p2", half)
	ok(t, c.Apply(bg, batch(1, 2, patient("p2", 1), other)))
	w, _ := wanted(t, c)
	ok(t, c.KeepPart(bg, w, half[:4000]))
	ok(t, c.Close())
	keepFolder(t, dir, thirdDir)
}
