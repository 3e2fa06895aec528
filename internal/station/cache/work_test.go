package cache_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

func TestFromWritingToReceiptToSeeingItBack(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1))))
	seq, err := c.NextSeq()
	ok(t, err)
	m := note(seq, "p1", "slept well")
	ok(t, c.Commit(bg, []record.Mutation{m}, [][]byte{look(1)}, cache.Fact{Key: "offset", Value: []byte("12")}))
	if got := unsentSeqs(t, c); !slices.Equal(got, []uint64{seq}) {
		t.Fatalf("unsent: %v", got)
	}
	folded := func() (n int, sent bool) {
		ok(t, c.View(bg, func(r cache.Reader) error {
			muts, err := r.UnsentFor("p1")
			n = len(muts)
			_, sent, _ = r.Receipt(m.ID)
			return err
		}))
		return n, sent
	}
	if n, sent := folded(); n != 1 || sent {
		t.Errorf("before the receipt: folded %d, sent %v", n, sent)
	}
	// The receipt overtakes the batch: the note must not vanish from the screen.
	ok(t, c.Receipted(bg, []record.Receipt{receipt(m, 3)}))
	if n, sent := folded(); n != 1 || !sent || len(unsentSeqs(t, c)) != 0 {
		t.Errorf("receipted, not back yet: folded %d, sent %v", n, sent)
	}
	ok(t, c.Apply(bg, batch(1, 3, change(fhir.TypeCommunication, string(m.ID), "p1", 1, `{}`))))
	if n, _ := folded(); n != 0 {
		t.Errorf("back from central and folded again: %d", n)
	}
	if f, err := c.Fact("offset"); string(f) != "12" || err != nil {
		t.Errorf("fact: %q %v", f, err)
	}
	ok(t, c.SetFact(bg, "offset", nil))
	if f, _ := c.Fact("offset"); f != nil {
		t.Errorf("a removed fact: %q", f)
	}
}

func TestWhatIsCommittedTwiceIsThereOnce(t *testing.T) {
	c := open(t, options(t))
	m := note(1, "p1", "once")
	ok(t, c.Commit(bg, []record.Mutation{m}, nil))
	ok(t, c.Commit(bg, []record.Mutation{m}, nil))
	if got := unsentSeqs(t, c); len(got) != 1 {
		t.Errorf("unsent: %v", got)
	}
	if err := c.Commit(bg, []record.Mutation{note(1, "p1", "other"), note(2, "p1", "x")}, [][]byte{look(1)}); !fault.Is(err, fault.Conflict) {
		t.Errorf("another content under one number: %v", err)
	}
	if got := unsentSeqs(t, c); len(got) != 1 {
		t.Errorf("a refused commit left something: %v", got)
	}
	if looks, _ := c.UnsentLooks(0, 9); len(looks) != 0 {
		t.Errorf("a refused commit left a look: %v", looks)
	}
	for name, m := range map[string]record.Mutation{
		"unsigned":       {ID: "sabcdefghijk2-9", Ref: m.Ref, Ops: m.Ops},
		"another's":      signed(record.Mutation{ID: "sother-9", Ref: m.Ref, Ops: m.Ops}),
		"far too large":  signed(record.Mutation{ID: "sabcdefghijk2-9", Ref: m.Ref, Ops: []record.Op{{Kind: record.OpPut, Value: make([]byte, 600<<10)}}}),
		"no operations.": signed(record.Mutation{ID: "sabcdefghijk2-9", Ref: m.Ref}),
	} {
		if err := c.Commit(bg, []record.Mutation{m}, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

func TestACopiedDiskIsNoticed(t *testing.T) {
	c := open(t, options(t))
	m := note(1, "p1", "written here")
	ok(t, c.Commit(bg, []record.Mutation{m}, nil))
	if err := c.Receipted(bg, []record.Receipt{receipt(note(1, "p1", "written elsewhere"), 4)}); !fault.Is(err, fault.Conflict) {
		t.Errorf("err = %v, want conflict", err)
	}
	if got := unsentSeqs(t, c); len(got) != 1 {
		t.Errorf("what was written here must stay unsent: %v", got)
	}
}

func TestTheBaseOfUnsentWorkStays(t *testing.T) {
	clk := &clock{time.UnixMilli(1795312800000)}
	o := options(t)
	o.Now = clk.Now
	c := open(t, o)
	ref := fhir.Ref{Type: fhir.TypeTask, ID: "t1"}
	task := func(v record.Version) record.Change {
		return change(fhir.TypeTask, "t1", "p1", v, fmt.Sprintf(`{"v":%d}`, v))
	}
	ok(t, c.Apply(bg, batch(0, 1, task(1))))
	m := note(1, "p1", "on version 1")
	m.Ref, m.Base = ref, 1
	m = signed(m)
	ok(t, c.Commit(bg, []record.Mutation{m}, nil))
	for v := record.Version(2); v < 12; v++ {
		ok(t, c.Apply(bg, batch(record.Position(v-1), record.Position(v), task(v))))
	}
	ok(t, c.Close())
	c = open(t, o)
	base := func(v record.Version) (found bool) {
		ok(t, c.View(bg, func(r cache.Reader) error {
			ch, ok, err := r.Base(ref, v)
			found = ok && string(ch.Body) == fmt.Sprintf(`{"v":%d}`, v)
			return err
		}))
		return found
	}
	if !base(1) {
		t.Error("the version that unsent work is based on is gone")
	}
	if base(2) {
		t.Error("an old version that nobody needs is kept")
	}
	if !base(11) || !base(10) {
		t.Error("the current version, or the one before, cannot be a base")
	}
	ok(t, c.Receipted(bg, []record.Receipt{receipt(m, 11)}))
	if !base(1) {
		t.Error("receipted work may be offered again; its base must stay for the retention window")
	}
	clk.now = clk.now.Add(8 * 24 * time.Hour)
	ok(t, c.Close())
	c = open(t, o)
	if base(1) {
		t.Error("the base outlives the retention window")
	}
}

func TestARestoredCentralIsOfferedTheWindowAgain(t *testing.T) {
	clk := &clock{time.UnixMilli(1795312800000)}
	o := options(t)
	o.Now = clk.Now
	c := open(t, o)
	old, young, unsent := note(1, "p1", "old"), note(2, "p1", "young"), note(3, "p1", "unsent")
	ok(t, c.Commit(bg, []record.Mutation{old}, nil))
	ok(t, c.Receipted(bg, []record.Receipt{receipt(old, 1)}))
	clk.now = clk.now.Add(6 * 24 * time.Hour)
	ok(t, c.Commit(bg, []record.Mutation{young, unsent}, nil))
	ok(t, c.Receipted(bg, []record.Receipt{receipt(young, 2)}))
	clk.now = clk.now.Add(2 * 24 * time.Hour)
	ok(t, c.Apply(bg, batch(0, 2)))
	ok(t, c.Close())
	c = open(t, o) // the old one's window ends here
	if got := unsentSeqs(t, c); !slices.Equal(got, []uint64{3}) {
		t.Fatalf("unsent: %v", got)
	}
	ok(t, c.Reoffer(bg))
	if got := unsentSeqs(t, c); !slices.Equal(got, []uint64{2, 3}) {
		t.Errorf("offered again: %v, want 2 and 3", got)
	}
	ok(t, c.Close())
	c = open(t, o)
	if got := unsentSeqs(t, c); !slices.Equal(got, []uint64{2, 3}) {
		t.Errorf("after opening again: %v", got)
	}
	ok(t, c.View(bg, func(r cache.Reader) error {
		if _, found, _ := r.Receipt(young.ID); found {
			t.Error("a receipt of before still counts")
		}
		return nil
	}))
	ok(t, c.Receipted(bg, []record.Receipt{receipt(young, 3), receipt(unsent, 4)}))
	if n := c.Count(); n.Unsent != 0 {
		t.Errorf("count: %+v", n)
	}
}

func TestLooksAreAChainUntilCentralHasThem(t *testing.T) {
	o := options(t)
	c := open(t, o)
	for i := 1; i <= 5; i++ {
		ok(t, c.Commit(bg, nil, [][]byte{look(i)}))
	}
	ok(t, c.Close())
	c = open(t, o)
	looks, err := c.UnsentLooks(0, 100)
	ok(t, err)
	if len(looks) != 5 || looks[4].Seq != 5 || looks[4].Prev != looks[3].MAC || looks[0].Station != station {
		t.Fatalf("looks: %+v", looks)
	}
	ok(t, c.LooksReceived(bg, 3))
	looks, err = c.UnsentLooks(0, 1)
	if len(looks) != 1 || looks[0].Seq != 4 || err != nil {
		t.Errorf("after the receipt: %+v, %v", looks, err)
	}
	if err := c.LooksReceived(bg, 99); !fault.Is(err, fault.Invalid) {
		t.Errorf("more than were made: %v", err)
	}
	ok(t, c.Close())
	c = open(t, o)
	ok(t, c.Commit(bg, nil, [][]byte{look(6)}))
	looks, err = c.UnsentLooks(4, 100)
	if len(looks) != 2 || looks[0].Seq != 5 || looks[1].Prev != looks[0].MAC || err != nil {
		t.Errorf("the chain goes on: %+v, %v", looks, err)
	}
}

func TestADraftIsItsAuthorsAndSurvives(t *testing.T) {
	o := options(t)
	c := open(t, o)
	ok(t, c.SetDraft(bg, "g.mensah", "note/p1", []byte("Patient says")))
	ok(t, c.SetDraft(bg, "g.mensah", "note/p2", []byte("x")))
	ok(t, c.SetDraft(bg, "a.khan", "note/p1", []byte("mine")))
	ok(t, c.DropDraft(bg, "g.mensah", "note/p2"))
	ok(t, c.Close())
	c = open(t, o)
	all, err := c.Drafts("g.mensah")
	if len(all) != 1 || all[0].Key != "note/p1" || string(all[0].Body) != "Patient says" || all[0].Saved.IsZero() || err != nil {
		t.Errorf("drafts: %+v, %v", all, err)
	}
	if d, found, err := c.Draft("a.khan", "note/p1"); string(d.Body) != "mine" || !found || err != nil {
		t.Errorf("draft: %+v %v %v", d, found, err)
	}
	if _, found, _ := c.Draft("nobody", "note/p1"); found {
		t.Error("a draft of somebody who wrote none")
	}
	if err := c.SetDraft(bg, "a/b", "k", nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("a user name with a slash: %v", err)
	}
}

// Many people write at once: every number once, nothing lost, fewer syncs than
// commits.
func TestManyWritersAtOnce(t *testing.T) {
	o := options(t)
	c := open(t, o)
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 20 {
				seq, err := c.NextSeq()
				if err == nil {
					err = c.Commit(bg, []record.Mutation{note(seq, fhir.ID(fmt.Sprintf("p%d", w)), "x")}, [][]byte{look(i)})
				}
				if err != nil {
					t.Error(err)
				}
			}
		}()
	}
	wg.Wait()
	ok(t, c.Close())
	c = open(t, o)
	if got := unsentSeqs(t, c); len(got) != 320 || got[0] != 1 || got[319] != 320 {
		t.Errorf("%d unsent", len(got))
	}
	looks, err := c.UnsentLooks(0, 1000)
	if len(looks) != 320 || err != nil {
		t.Errorf("%d looks, %v", len(looks), err)
	}
	if h := c.Health(); h.Reimported+h.Repaired > 0 || len(h.Outbox) > 0 || h.RolledBack {
		t.Errorf("health: %+v", h)
	}
}
