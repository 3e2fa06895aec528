package cache_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// from is a batch as it comes off the wire: with the bytes that central signed.
func from(epoch string, b record.Batch) record.Batch {
	b.Epoch = epoch
	body, err := b.SigningBytes()
	if err != nil {
		panic(err)
	}
	// A newer central's body holds more than this program knows.
	b.Signed, b.Sig = append(body, 0), fmt.Appendf(nil, "signature of %s %d", epoch, b.To)
	return b
}

// returned gives back everything that an epoch lacks, and lists it.
func returned(t *testing.T, c *cache.Cache, epoch string) (out []record.Return) {
	t.Helper()
	for {
		r, there, err := c.NextReturn(epoch)
		ok(t, err)
		if !there {
			return out
		}
		out = append(out, r)
		ok(t, c.Returned(bg, epoch, r.Number))
	}
}

// What central signed stays, byte for byte, through a restart, and is given
// back once to each epoch that lacks it.
func TestSignedBatchesAreKeptAsTheyCame(t *testing.T) {
	o := options(t)
	c := open(t, o)
	first := from("e1", batch(0, 3, patient("p1", 1), potassium("k1", "p1", 1, "4.1")))
	empty := from("e1", batch(3, 5))
	second := from("e1", batch(5, 6, potassium("k1", "p1", 2, "4.2")))
	for _, b := range []record.Batch{first, empty, second} {
		ok(t, c.Apply(bg, b))
	}
	ok(t, c.Close())
	c = open(t, o)
	if got := returned(t, c, "e1"); len(got) != 0 {
		t.Errorf("%d batches are given back to the epoch that they came from", len(got))
	}
	got := returned(t, c, "e2")
	if len(got) != 2 || got[0].To != 3 || got[1].To != 6 {
		t.Fatalf("given back: %+v", got)
	}
	for i, want := range []record.Batch{first, second} {
		if !bytes.Equal(got[i].Body, want.Signed) || !bytes.Equal(got[i].Sig, want.Sig) {
			t.Errorf("batch %d is not what central signed", i)
		}
	}
	ok(t, c.Close())
	c = open(t, o)
	if len(returned(t, c, "e2")) != 0 {
		t.Error("they are given back twice to one epoch")
	}
	if len(returned(t, c, "e3")) != 2 {
		t.Error("a second restore does not get them")
	}
	<-c.Checked()
	ok(t, c.Damaged())
}

// A computer that gets a new identity takes along what central had signed for the
// old one, and gives it back as that one would have, before its own; also what was
// too large for one row, and nothing whose days are over.
func TestANewIdentityInheritsWhatCentralHadSigned(t *testing.T) {
	o := options(t)
	old := open(t, o)
	var many []record.Change
	for i := range 2000 {
		many = append(many, potassium(fmt.Sprintf("k%d", i), "p1", 1, "4.1"))
	}
	large := from("e1", batch(0, 1, many...))
	small := from("e1", batch(1, 2, potassium("k1", "p1", 2, "4.2")))
	ok(t, old.Apply(bg, large))
	ok(t, old.Apply(bg, small))
	kept, err := old.Keepsakes()
	ok(t, err)
	if len(kept) != 2 {
		t.Fatalf("%d are kept", len(kept))
	}
	expired := kept[0]
	expired.Kept -= (8 * 24 * time.Hour).Milliseconds()

	next := options(t)
	c := open(t, next)
	ok(t, c.Inherit(bg, append([]cache.Keepsake{expired}, kept...)))
	own := from("e1", batch(0, 3, patient("p2", 1)))
	ok(t, c.Apply(bg, own))
	if err := c.Inherit(bg, kept); !fault.Is(err, fault.Conflict) {
		t.Errorf("inherited twice: %v", err)
	}
	ok(t, c.Close())
	c = open(t, next)
	<-c.Checked()
	ok(t, c.Damaged())
	got := returned(t, c, "e2")
	want := []record.Batch{large, small, own}
	if len(got) != len(want) {
		t.Fatalf("%d are given back, %d expected", len(got), len(want))
	}
	for i, b := range want {
		if !bytes.Equal(got[i].Body, b.Signed) || !bytes.Equal(got[i].Sig, b.Sig) || got[i].To != b.To {
			t.Errorf("batch %d is not what central signed", i)
		}
	}
}

// The proof is central's own word on the cursor, whether the last thing that
// came was a batch, an empty one, or the end of a snapshot.
func TestTheProofIsWhatCentralSignedAtTheCursor(t *testing.T) {
	c := open(t, options(t))
	if _, there, err := c.Proof(); there || err != nil {
		t.Fatalf("an empty cache proves something: %v", err)
	}
	last := record.Chunk{
		Snapshot: "s", Last: true, At: record.Cursor{Epoch: "e1", Position: 2, Chain: record.Hash{2}}, Station: station,
		Changes: []record.Change{patient("p1", 1)}, Signed: []byte("the last chunk"), Sig: []byte("its signature"),
	}
	ok(t, c.ApplyChunk(bg, last))
	steps := []record.Batch{from("e1", batch(2, 3, potassium("k1", "p1", 1, "4.1"))), from("e1", batch(3, 4)), from("e1", batch(4, 9, potassium("k1", "p1", 2, "4.3")))}
	prove := func(body, sig []byte, chunk bool, trail ...record.Position) {
		t.Helper()
		p, there, err := c.Proof()
		ok(t, err)
		var got []record.Position
		for _, pt := range p.Trail {
			got = append(got, pt.Position)
		}
		if !there || !bytes.Equal(p.Body, body) || !bytes.Equal(p.Sig, sig) || p.Chunk != chunk || fmt.Sprint(got) != fmt.Sprint(trail) {
			t.Errorf("proof: %v %q %q chunk %v trail %v, want trail %v", there, p.Body, p.Sig, p.Chunk, got, trail)
		}
	}
	prove(last.Signed, last.Sig, true)
	ok(t, c.Apply(bg, steps[0]))
	prove(steps[0].Signed, steps[0].Sig, false, 3)
	ok(t, c.Apply(bg, steps[1]))
	prove(steps[1].Signed, steps[1].Sig, false, 3)
	ok(t, c.Apply(bg, steps[2]))
	prove(steps[2].Signed, steps[2].Sig, false, 9, 3)
}

// A batch too large for one transaction is kept like any other.
func TestALargeBatchIsKeptInPieces(t *testing.T) {
	o := options(t)
	c := open(t, o)
	var many []record.Change
	for i := range 2000 {
		many = append(many, potassium(fmt.Sprintf("k%d", i), "p1", 1, "4.1"))
	}
	b := from("e1", batch(0, 1, many...))
	ok(t, c.Apply(bg, b))
	ok(t, c.Close())
	c = open(t, o)
	if got := returned(t, c, "e2"); len(got) != 1 || !bytes.Equal(got[0].Body, b.Signed) {
		t.Fatalf("%d batches are kept", len(got))
	}
	<-c.Checked()
	ok(t, c.Damaged())
}

// What is kept is bounded by age and by bytes; the newest always stays.
func TestKeptBatchesAreBounded(t *testing.T) {
	now := time.UnixMilli(1795312800000)
	o := options(t)
	o.Now = func() time.Time { return now }
	o.ReturnBytes = 5000
	c := open(t, o)
	at := record.Position(0)
	bring := func() {
		at++
		ok(t, c.Apply(bg, from("e1", batch(at-1, at, potassium("k1", "p1", record.Version(at), "4.1")))))
	}
	for range 12 {
		bring()
	}
	got := returned(t, c, "e2")
	if len(got) < 3 || len(got) > 5 || got[len(got)-1].To != 12 {
		t.Errorf("%d batches are kept in 5000 bytes", len(got))
	}
	now = now.Add(8 * 24 * time.Hour)
	bring()
	if got := returned(t, c, "e3"); len(got) != 1 || got[0].To != 13 {
		t.Errorf("after eight days: %d batches", len(got))
	}
	<-c.Checked()
	ok(t, c.Damaged())
}

// Central was emptied on purpose: neither kept batches nor work that had its
// receipt come back, not at once, not after a restart and not after a later
// restore. What had not been sent is offered.
func TestWhatWasWipedStaysWiped(t *testing.T) {
	o := options(t)
	c := open(t, o)
	ok(t, c.Apply(bg, from("e1", batch(0, 3, patient("p1", 1)))))
	for i := range 4 {
		ok(t, c.Commit(bg, []record.Mutation{note(uint64(i+1), "p1", "x")}, nil))
	}
	ok(t, c.Receipted(bg, []record.Receipt{receipt(note(1, "p1", "x"), 3), receipt(note(2, "p1", "x"), 4), receipt(note(3, "p1", "x"), 5)}))
	ok(t, c.Wiped(bg))
	for range 2 {
		ok(t, c.Reoffer(bg))
		left, err := c.Unsent(0, 10)
		ok(t, err)
		if len(left) != 1 || left[0].ID != record.MutationOf(station, 4) {
			t.Errorf("offered after a wipe: %d", len(left))
		}
		if got := returned(t, c, "e3"); len(got) != 0 {
			t.Errorf("%d batches are given back after a wipe", len(got))
		}
		<-c.Checked()
		ok(t, c.Damaged())
		ok(t, c.Close())
		c = open(t, o)
	}
	ok(t, c.View(bg, func(r cache.Reader) error {
		own, err := r.UnsentFor("p1")
		if len(own) != 1 {
			t.Errorf("%d own entries are on the screen", len(own))
		}
		return err
	}))
}
