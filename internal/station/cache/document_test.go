package cache_test

import (
	"bytes"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// reportWith is a report that names a document.
func reportWith(t *testing.T, id string, p fhir.ID, content []byte) (record.Change, record.Hash) {
	t.Helper()
	d := fhir.DocumentOf(content, "application/pdf", "")
	body, err := fhir.Make(map[string]any{"id": id, "presentedForm": []any{d.Attachment()}, "resourceType": "DiagnosticReport"})
	ok(t, err)
	return change(fhir.TypeDiagnosticReport, id, p, 1, string(body)), d.Hash
}

func wanted(t *testing.T, c *cache.Cache) (record.Wanted, bool) {
	t.Helper()
	w, there, err := c.WantedDocument()
	ok(t, err)
	return w, there
}

// fetch brings what is wanted, in parts of n bytes, until it is there.
func fetch(t *testing.T, c *cache.Cache, content []byte, n int) {
	t.Helper()
	for {
		w, more := wanted(t, c)
		if !more {
			return
		}
		ok(t, c.KeepPart(bg, w, content[w.Have:min(int(w.Have)+n, len(content))]))
	}
}

func document(c *cache.Cache, p fhir.ID, h record.Hash) (b []byte, err error) {
	err = c.View(bg, func(r cache.Reader) (err error) { b, err = r.Document(p, h); return err })
	return b, err
}

var pages = bytes.Repeat([]byte("what the pathologist saw; "), 9000)

// A document comes in parts, over restarts, and is given out when it is whole and
// adds up, not before.
func TestADocumentComesInPartsOverARestart(t *testing.T) {
	o := options(t)
	c := open(t, o)
	r, h := reportWith(t, "r1", "p1", pages)
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), r)))
	w, there := wanted(t, c)
	if !there || w.Hash != h || w.Size != int64(len(pages)) || w.Have != 0 || w.Ref != r.Ref || w.Patient != "p1" {
		t.Fatalf("wanted %+v, %v", w, there)
	}
	ok(t, c.KeepPart(bg, w, pages[:60_000]))
	ok(t, c.KeepPart(bg, w, pages[:60_000])) // a copy
	if _, err := document(c, "p1", h); !fault.Is(err, fault.NotFound) {
		t.Errorf("given out before it is whole: %v", err)
	}
	ok(t, c.Close())
	c = open(t, o)
	if w, _ = wanted(t, c); w.Have != 60_000 {
		t.Fatalf("after a restart %d bytes are held", w.Have)
	}
	fetch(t, c, pages, 50_000)
	got, err := document(c, "p1", h)
	if err != nil || !bytes.Equal(got, pages) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := document(c, "p2", h); !fault.Is(err, fault.NotFound) {
		t.Errorf("another patient's: %v", err)
	}
	<-c.Checked()
	ok(t, c.Damaged())
}

// What does not add up to the sum that the resource names is dropped, all of it.
func TestAnotherDocumentIsDropped(t *testing.T) {
	o := options(t)
	now := &clock{now: time.UnixMilli(1_795_000_000_000)}
	o.Now = now.Now
	c := open(t, o)
	r, h := reportWith(t, "r1", "p1", pages)
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), r)))
	w, _ := wanted(t, c)
	other := bytes.ToUpper(pages)
	ok(t, c.KeepPart(bg, w, other[:100_000]))
	w.Have = 100_000
	if err := c.KeepPart(bg, w, other[100_000:]); !fault.Is(err, fault.Corrupt) {
		t.Fatalf("it was taken: %v", err)
	}
	if _, there := wanted(t, c); there {
		t.Error("it is asked for again at once")
	}
	now.now = now.now.Add(time.Hour)
	if w, there := wanted(t, c); !there || w.Have != 0 {
		t.Fatalf("later: %+v, %v", w, there)
	}
	fetch(t, c, pages, 1<<20)
	if got, err := document(c, "p1", h); err != nil || !bytes.Equal(got, pages) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// A patient who leaves the scope takes the documents along, whether the batch says
// so or the snapshot lacks them; others' stay.
func TestWhoLeavesTakesTheirDocumentsAlong(t *testing.T) {
	c := open(t, options(t))
	r1, h1 := reportWith(t, "r1", "p1", pages)
	r2, h2 := reportWith(t, "r2", "p2", pages[1:])
	r3, h3 := reportWith(t, "r3", "p3", pages[2:])
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), r1, patient("p2", 1), r2, patient("p3", 1), r3)))
	content := map[record.Hash][]byte{h1: pages, h2: pages[1:], h3: pages[2:]}
	for range 3 {
		w, _ := wanted(t, c)
		ok(t, c.KeepPart(bg, w, content[w.Hash]))
	}
	leave := batch(1, 2)
	leave.Forget = []fhir.ID{"p1"}
	ok(t, c.Apply(bg, leave))
	if _, err := document(c, "p1", h1); !fault.Is(err, fault.NotFound) {
		t.Errorf("of who was forgotten: %v", err)
	}
	last := record.Chunk{Snapshot: "s", Last: true, At: record.Cursor{Position: 3}, Changes: []record.Change{patient("p3", 1), r3}}
	ok(t, c.ApplyChunks(bg, []record.Chunk{last}))
	if _, err := document(c, "p2", h2); !fault.Is(err, fault.NotFound) {
		t.Errorf("of who is not in the snapshot: %v", err)
	}
	if got, err := document(c, "p3", h3); err != nil || !bytes.Equal(got, pages[2:]) {
		t.Errorf("of who stayed: %d bytes, %v", len(got), err)
	}
	if _, there := wanted(t, c); there {
		t.Error("something of who left is still wanted")
	}
	// A part that was under way when they left finds nothing to belong to.
	ok(t, c.KeepPart(bg, record.Wanted{Patient: "p1", Hash: h1, Size: int64(len(pages))}, pages))
	if _, err := document(c, "p1", h1); !fault.Is(err, fault.NotFound) {
		t.Errorf("it came back: %v", err)
	}
}

// The newest comes first; what somebody waits for before that, and only then what
// is large.
func TestWhatIsFetchedFirst(t *testing.T) {
	c := open(t, options(t))
	add := func(at record.Position, id string, size int, central int64) record.Hash {
		r, h := reportWith(t, id, "p1", bytes.Repeat([]byte(id), size))
		r.Times.Central = central
		ok(t, c.Apply(bg, batch(at, at+1, r)))
		return h
	}
	old, newer, large := add(0, "r1", 10, 100), add(1, "r2", 10, 200), add(2, "r3", 3<<20, 300)
	if w, _ := wanted(t, c); w.Hash != newer {
		t.Errorf("first %v, want the newest that is not large", w.Ref)
	}
	c.Ask(old)
	if w, _ := wanted(t, c); w.Hash != old {
		t.Errorf("somebody waits for another: %v", w.Ref)
	}
	c.NoDocument(record.Wanted{Hash: old})
	c.NoDocument(record.Wanted{Hash: newer})
	if w, there := wanted(t, c); there {
		t.Errorf("large ones are fetched unasked: %v", w.Ref)
	}
	c.Ask(large)
	if w, _ := wanted(t, c); w.Hash != large {
		t.Errorf("somebody waits for the large one: %v", w.Ref)
	}
}
