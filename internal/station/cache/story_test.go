package cache_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

func TestABatchMovesDataAndCursorTogether(t *testing.T) {
	o := options(t)
	c := open(t, o)
	if cur, err := c.Cursor(); err != nil || cur != (record.Cursor{}) {
		t.Fatalf("a new cache stands at %v, %v", cur, err)
	}
	ok(t, c.Apply(bg, batch(0, 3, patient("p1", 1), potassium("k1", "p1", 1, "4.1"), change(fhir.TypePractitioner, "g.mensah", "", 1, `{"id":"g.mensah","resourceType":"Practitioner"}`))))
	if err := c.Apply(bg, batch(0, 4)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a batch from elsewhere: %v, want conflict", err)
	}
	ok(t, c.Close())

	c = open(t, o)
	cur, err := c.Cursor()
	ok(t, err)
	if cur.Position != 3 || cur.Epoch != "e1" || cur.Chain != (record.Hash{3}) {
		t.Errorf("after opening again the cursor is %v", cur)
	}
	if got := compartment(t, c, "p1"); len(got) != 2 || !strings.Contains(got["Observation/k1"], `"value":4.1`) {
		t.Errorf("compartment: %v", got)
	}
	if got := compartment(t, c, ""); len(got) != 1 {
		t.Errorf("without a patient: %v", got)
	}
	if n := c.Count(); n.Resources != 3 || n.Patients != 1 {
		t.Errorf("count: %+v", n)
	}
	ok(t, c.View(bg, func(r cache.Reader) error {
		ch, found, err := r.Current(fhir.Ref{Type: fhir.TypeObservation, ID: "k1"})
		if !found || ch.Version != 1 || ch.Author.Sender != "lab" {
			t.Errorf("current: %v %v", ch, found)
		}
		_, found, err2 := r.Current(fhir.Ref{Type: fhir.TypeObservation, ID: "none"})
		if found || err2 != nil {
			t.Errorf("what never was: %v, %v", found, err2)
		}
		return err
	}))
}

func TestAnOlderVersionNeverReplacesANewer(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, potassium("k1", "p1", 1, "6.1"))))
	ok(t, c.Apply(bg, batch(1, 2, potassium("k1", "p1", 3, "4.3"))))
	ok(t, c.Apply(bg, batch(2, 3, potassium("k1", "p1", 2, "6.2"))))
	if got := compartment(t, c, "p1")["Observation/k1"]; !strings.Contains(got, "4.3") {
		t.Errorf("in force: %s", got)
	}
	lost := potassium("k1", "p1", 4, "9.9")
	lost.History = true
	ok(t, c.Apply(bg, batch(3, 4, lost)))
	if got := compartment(t, c, "p1")["Observation/k1"]; !strings.Contains(got, "4.3") {
		t.Errorf("a version that never was current is in force: %s", got)
	}
	// The chart shows what was corrected.
	var versions []record.Version
	ok(t, c.View(bg, func(r cache.Reader) error {
		for ch, err := range r.History(fhir.Ref{Type: fhir.TypeObservation, ID: "k1"}) {
			if err != nil {
				return err
			}
			versions = append(versions, ch.Version)
		}
		return nil
	}))
	if !slices.Equal(versions, []record.Version{1, 2, 4}) {
		t.Errorf("history: %v", versions)
	}
}

func TestABatchTooLargeForOneTransaction(t *testing.T) {
	o := options(t)
	c := open(t, o)
	b := batch(0, 9, patient("p1", 1))
	for i := 0; i < 4000; i++ {
		b.Changes = append(b.Changes, potassium(fmt.Sprintf("k%04d", i), "p1", 1, "4.1"))
	}
	done := make(chan struct{})
	go func() { // nobody ever sees a part of it
		defer close(done)
		for {
			n := len(compartment(t, c, "p1"))
			if n == 4001 {
				return
			}
			if n != 0 {
				t.Errorf("half a batch is visible: %d resources", n)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	ok(t, c.Apply(bg, b))
	<-done
	ok(t, c.Apply(bg, record.Batch{Epoch: "e1", From: 9, To: 10, Forget: []fhir.ID{"p1"}}))
	if n := c.Count(); n.Resources != 0 || n.Patients != 0 {
		t.Errorf("after forgetting: %+v", n)
	}
	ok(t, c.Close())
	c = open(t, o)
	<-c.Checked()
	ok(t, c.Damaged())
	if got := patients(t, c); len(got) != 0 {
		t.Errorf("patients: %v", got)
	}
}

func TestForgettingWaitsForUnsentWork(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), potassium("k1", "p1", 1, "4.1"), patient("p2", 1))))
	m := note(1, "p1", "to be sent first")
	ok(t, c.Commit(bg, []record.Mutation{m}, nil))
	leave := batch(1, 2)
	leave.Forget = []fhir.ID{"p1", "p2"}
	ok(t, c.Apply(bg, leave))
	if got := patients(t, c); !slices.Equal(got, []fhir.ID{"p1"}) {
		t.Fatalf("patients: %v, want only the one with unsent work", got)
	}
	ok(t, c.View(bg, func(r cache.Reader) error {
		if leaving, err := r.Leaving("p1"); !leaving || err != nil {
			t.Errorf("leaving: %v, %v", leaving, err)
		}
		return nil
	}))
	ok(t, c.Receipted(bg, []record.Receipt{receipt(m, 2)}))
	if got := patients(t, c); len(got) != 0 {
		t.Errorf("after the receipt: %v", got)
	}
	// Somebody who comes back meanwhile stays.
	ok(t, c.Apply(bg, batch(2, 3, patient("p1", 2))))
	m = note(2, "p1", "again")
	ok(t, c.Commit(bg, []record.Mutation{m}, nil))
	leave = batch(3, 4)
	leave.Forget = []fhir.ID{"p1"}
	ok(t, c.Apply(bg, leave))
	ok(t, c.Apply(bg, batch(4, 5, patient("p1", 3))))
	ok(t, c.Receipted(bg, []record.Receipt{receipt(m, 5)}))
	if got := patients(t, c); !slices.Equal(got, []fhir.ID{"p1"}) {
		t.Errorf("came back, but: %v", got)
	}
}

func chunk(name string, index uint32, next string, at record.Cursor, last bool, changes ...record.Change) record.Chunk {
	return record.Chunk{Snapshot: name, Index: index, Next: next, At: at, Last: last, Changes: changes, Station: station}
}

func TestASnapshotGoesOnWhereItStopped(t *testing.T) {
	o := options(t)
	c := open(t, o)
	at := record.Cursor{Epoch: "e1", Position: 70, Chain: record.Hash{7}}
	ok(t, c.ApplyChunk(bg, chunk("s1", 0, "tok1", at, false, patient("p1", 1))))
	ok(t, c.ApplyChunk(bg, chunk("s1", 1, "tok2", at, false, potassium("k1", "p1", 2, "4.4"))))
	ok(t, c.Close())
	c = open(t, o)
	name, next, under, err := c.SnapshotState()
	if name != "s1" || next != "tok2" || !under || err != nil {
		t.Fatalf("state: %q %q %v %v", name, next, under, err)
	}
	ok(t, c.ApplyChunk(bg, chunk("s1", 1, "tok2", at, false, potassium("k1", "p1", 2, "4.4")))) // again
	if err := c.ApplyChunk(bg, chunk("s1", 3, "", at, true)); !fault.Is(err, fault.Conflict) {
		t.Errorf("a chunk was left out: %v, want conflict", err)
	}
	if cur, _ := c.Cursor(); cur.Position != 0 {
		t.Errorf("the cursor moved before the last chunk: %v", cur)
	}
	ok(t, c.ApplyChunk(bg, chunk("s1", 2, "", at, true, patient("p2", 1))))
	if cur, _ := c.Cursor(); cur != at {
		t.Errorf("cursor: %v", cur)
	}
	if _, _, under, _ := c.SnapshotState(); under {
		t.Error("the snapshot has ended")
	}
	// The tail brings again what the snapshot already held.
	ok(t, c.Apply(bg, batch(70, 71, potassium("k1", "p1", 1, "9.9"))))
	if got := compartment(t, c, "p1")["Observation/k1"]; !strings.Contains(got, "4.4") {
		t.Errorf("in force: %s", got)
	}
}

// Chunks that come together share a commit, and come to the same as one by one.
func TestChunksAreStoredTogether(t *testing.T) {
	o := options(t)
	c := open(t, o)
	at := record.Cursor{Epoch: "e1", Position: 70, Chain: record.Hash{7}}
	before := c.Commits()
	var list []record.Chunk
	for n := range uint32(6) {
		list = append(list, chunk("s1", n, fmt.Sprint("tok", n+1), at, false, potassium(fmt.Sprint("k", n), "p1", 1, "4.4")))
	}
	ok(t, c.ApplyChunks(bg, list))
	if n := c.Commits() - before; n != 2 {
		t.Errorf("%d commits, want one that begins the snapshot and one for all chunks", n)
	}
	// What was stored before and what comes next may come together; a gap not.
	again := append(list[4:], chunk("s1", 6, "tok7", at, false, patient("p1", 1)))
	ok(t, c.ApplyChunks(bg, again))
	gap := []record.Chunk{chunk("s1", 7, "tok8", at, false, patient("p2", 1)), chunk("s1", 9, "", at, true)}
	if err := c.ApplyChunks(bg, gap); !fault.Is(err, fault.Conflict) {
		t.Errorf("a gap: %v, want conflict", err)
	}
	if _, next, _, err := c.SnapshotState(); next != "tok7" || err != nil {
		t.Errorf("it goes on at %q, %v", next, err)
	}
	ok(t, c.ApplyChunks(bg, []record.Chunk{gap[0], chunk("s1", 8, "", at, true)}))
	if cur, _ := c.Cursor(); cur != at {
		t.Errorf("cursor: %v", cur)
	}
	ok(t, c.Close())
	c = open(t, o)
	if got := compartment(t, c, "p1"); len(got) != 7 {
		t.Errorf("%d resources of 7: %v", len(got), got)
	}
	<-c.Checked()
	ok(t, c.Damaged())
}

func TestASnapshotOverAFullCacheRemovesWhatItLacks(t *testing.T) {
	for _, epoch := range []string{"e1", "e2"} {
		t.Run(epoch, func(t *testing.T) {
			o := options(t)
			c := open(t, o)
			ok(t, c.Apply(bg, batch(0, 5, patient("p1", 1), potassium("k1", "p1", 9, "9.9"), potassium("gone", "p1", 1, "1.1"), patient("p2", 1), patient("p3", 1))))
			ok(t, c.Commit(bg, []record.Mutation{note(1, "p3", "unsent")}, nil))
			at := record.Cursor{Epoch: epoch, Position: 4}
			ok(t, c.ApplyChunk(bg, chunk("s", 0, "x", at, false, patient("p1", 1))))
			ok(t, c.ApplyChunk(bg, chunk("s", 1, "", at, true, potassium("k1", "p1", 2, "4.4"))))
			got := compartment(t, c, "p1")
			if len(got) != 2 || got["Observation/gone"] != "" {
				t.Errorf("p1 holds %v", got)
			}
			// Within one epoch the higher number is newer; another epoch counts anew.
			want := map[string]string{"e1": "9.9", "e2": "4.4"}[epoch]
			if !strings.Contains(got["Observation/k1"], want) {
				t.Errorf("in force: %s, want %s", got["Observation/k1"], want)
			}
			if got := patients(t, c); !slices.Equal(got, []fhir.ID{"p1", "p3"}) {
				t.Errorf("patients: %v, want p1 and the one with unsent work", got)
			}
			ok(t, c.Close())
			c = open(t, o)
			<-c.Checked()
			ok(t, c.Damaged())
		})
	}
}

func TestWhoWasTouched(t *testing.T) {
	c := open(t, options(t))
	grown := c.Grown()
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), patient("p2", 1))))
	select {
	case <-grown:
	default:
		t.Fatal("a commit woke nobody")
	}
	all, loose, gen := c.Touched(0)
	if !slices.Equal(all, []fhir.ID{"p1", "p2"}) || !loose {
		t.Errorf("from the beginning: %v %v", all, loose)
	}
	ok(t, c.Apply(bg, batch(1, 2, patient("p2", 2))))
	ok(t, c.Commit(bg, []record.Mutation{note(1, "p3", "x")}, nil))
	ids, loose, next := c.Touched(gen)
	if !slices.Equal(ids, []fhir.ID{"p2", "p3"}) || loose || next <= gen {
		t.Errorf("since: %v %v %d", ids, loose, next)
	}
	if ids, loose, _ := c.Touched(next); len(ids) != 0 || loose {
		t.Errorf("nothing happened, and yet: %v %v", ids, loose)
	}
	grown = c.Grown()
	ok(t, c.SetDraft(bg, "u", "k", []byte("x")))
	select {
	case <-grown:
		t.Error("a draft is nobody's news")
	default:
	}
	ok(t, c.Commit(bg, nil, [][]byte{look(1)}))
	select {
	case <-grown:
	default:
		t.Error("a look must wake whoever sends looks")
	}
}

// What waits for a reader is counted, and who of them got a critical result is named,
// each time once.
func TestWhatWaitsForAReader(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), patient("p2", 1), patient("p3", 1))))
	_, _, gen := c.Touched(0)
	urgent := potassium("k1", "p2", 1, "6.8")
	urgent.Tags = []string{record.TagCritical}
	ok(t, c.Apply(bg, batch(1, 2, patient("p1", 2), urgent)))
	changed, critical, seen, known := c.Waiting(gen, gen)
	if changed != 2 || !slices.Equal(critical, []fhir.ID{"p2"}) || !known {
		t.Errorf("%d changed, critical for %v, known %v", changed, critical, known)
	}
	ok(t, c.Apply(bg, batch(2, 3, patient("p3", 2))))
	if changed, critical, _, known = c.Waiting(gen, seen); changed != 3 || len(critical) > 0 || !known {
		t.Errorf("later %d changed, critical for %v, known %v", changed, critical, known)
	}
	if _, _, now, _ := c.Waiting(gen, gen); now <= seen {
		t.Errorf("the generation is %d, after %d", now, seen)
	}
	if _, _, _, known = c.Waiting(0, 0); known {
		t.Error("what changed since ever is said to be known")
	}
}

func TestAResourceThatMovesToAnotherPatient(t *testing.T) {
	o := options(t)
	c := open(t, o)
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), patient("p2", 1), potassium("k1", "p1", 1, "4.1"))))
	ok(t, c.Apply(bg, batch(1, 2, potassium("k1", "p2", 2, "4.1"))))
	if n1, n2 := len(compartment(t, c, "p1")), len(compartment(t, c, "p2")); n1 != 1 || n2 != 2 {
		t.Errorf("p1 holds %d, p2 %d", n1, n2)
	}
	ok(t, c.Close())
	c = open(t, o)
	<-c.Checked()
	ok(t, c.Damaged())
}

func TestAllOfAKind(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p2", 1), patient("p1", 1), potassium("k1", "p1", 1, "4.1"), patient("p3", 1))))
	all := func(after fhir.ID) (ids []fhir.ID) {
		ok(t, c.View(bg, func(r cache.Reader) error {
			for ch, err := range r.All(fhir.TypePatient, after) {
				if err != nil {
					return err
				}
				ids = append(ids, ch.Ref.ID)
			}
			return nil
		}))
		return ids
	}
	if got := all(""); !slices.Equal(got, []fhir.ID{"p1", "p2", "p3"}) {
		t.Error(got)
	}
	if got := all("p1"); !slices.Equal(got, []fhir.ID{"p2", "p3"}) {
		t.Error(got)
	}
}

func TestAfterCloseEverythingIsRefused(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Close())
	ok(t, c.Close())
	for name, err := range map[string]error{
		"apply":  c.Apply(bg, batch(0, 1)),
		"commit": c.Commit(bg, nil, [][]byte{look(1)}),
		"view":   c.View(bg, func(cache.Reader) error { return nil }),
		"draft":  c.SetDraft(bg, "u", "k", nil),
	} {
		if !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
