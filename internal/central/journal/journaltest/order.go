package journaltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

func empty(t *testing.T, m Maker) {
	j := open(t, m)
	if h := j.Head(); h.Position != 0 || !h.Chain.IsZero() || h.Epoch != j.Epoch().ID || h.Epoch == "" {
		t.Errorf("head = %+v, epoch %q", h, j.Epoch().ID)
	}
	if v := verify(t, j); v.Entries != 0 {
		t.Errorf("%d entries", v.Entries)
	}
	view(t, j, func(r journal.Reader) {
		same(t, "all", refs(t, r.All("", "")), nil)
		if _, ok, err := r.Current(fhir.Ref{Type: "Patient", ID: "p"}); ok || err != nil {
			t.Error(ok, err)
		}
	})
}

// gapFree: eight writers at once; each answer is a position of its own, and
// together they are 1 to n.
func gapFree(t *testing.T, m Maker) {
	j := open(t, m)
	const writers, each = 8, 25
	got := make(chan record.Position, writers*each)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				id := fhir.ID(fmt.Sprintf("w%d-%d", w, i))
				e, err := j.Update(context.Background(), func(tx journal.Tx) error {
					if i%5 == 4 {
						return errRefused // failures in between use no position
					}
					return tx.Put(Observation("p1", id, 1, "1"))
				})
				if err == nil {
					got <- e.Position
				} else if !errors.Is(err, errRefused) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	close(got)
	var all []record.Position
	for p := range got {
		all = append(all, p)
	}
	slices.Sort(all)
	for i, p := range all {
		if p != record.Position(i+1) {
			t.Fatalf("position %d stands where %d belongs", p, i+1)
		}
	}
	if v := verify(t, j); v.Entries != writers*each*4/5 || v.Head.Position != j.Head().Position {
		t.Errorf("%d entries, head %d", v.Entries, v.Head.Position)
	}
}

var errRefused = errors.New("the story's own refusal")

// seenAll: while writers run, whoever reads position P has every entry below
// it, and sees what those entries wrote.
func seenAll(t *testing.T, m Maker) {
	j := open(t, m)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := 0; i < 40; i++ {
				id := fhir.ID(fmt.Sprintf("w%d-%d", w, i))
				if _, err := j.Update(context.Background(), func(tx journal.Tx) error { return tx.Put(Observation("p1", id, 1, "1")) }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var readers sync.WaitGroup
	readers.Go(func() {
		var cursor record.Cursor
		for done := false; !done; {
			select {
			case <-stop:
				done = true // one last time, with everything there
			default:
			}
			cursor = follow(t, j, cursor)
		}
		if cursor.Position != 160 {
			t.Errorf("the reader ends at %d", cursor.Position)
		}
	})
	wg.Wait()
	close(stop)
	readers.Wait()
}

// follow reads from a cursor to the head of one view and checks every link.
func follow(t *testing.T, j journal.Journal, from record.Cursor) record.Cursor {
	view(t, j, func(r journal.Reader) {
		for e, err := range r.Entries(from.Position) {
			if err != nil {
				t.Error(err)
				return
			}
			next, _ := record.ChainNext(from.Chain, e)
			if e.Position != from.Position+1 || next != e.Chain {
				t.Errorf("entry %d after %d, chain right: %v", e.Position, from.Position, next == e.Chain)
				return
			}
			if _, ok, err := r.Current(e.Changes[0].Ref); !ok || err != nil {
				t.Error("an entry was seen before what it wrote", err)
			}
			from.Position, from.Chain = e.Position, e.Chain
		}
		if h := r.Head(); h.Position != from.Position || h.Chain != from.Chain {
			t.Errorf("the view's head is %d, its entries end at %d", h.Position, from.Position)
		}
	})
	return from
}

func failedUpdate(t *testing.T, m Maker) {
	j := open(t, m)
	put(t, j, Observation("p1", "o1", 1, "4.1"))
	before := j.Head()
	_, err := j.Update(context.Background(), func(tx journal.Tx) error {
		c := Observation("p1", "o1", 2, "6.8")
		mu, rc := Mutation(c, 1)
		steps := []error{
			tx.Put(c), tx.Put(Observation("p1", "o2", 1, "1")), tx.Receipted(mu, rc), tx.Audit([]byte(`{}`)),
			tx.SetNote("k", []byte("v")), tx.SetInbound(record.Inbound{ID: "m1"}),
		}
		return errors.Join(append(steps, errRefused)...)
	})
	if !errors.Is(err, errRefused) {
		t.Fatal(err)
	}
	if j.Head() != before {
		t.Error("a failed update moved the head")
	}
	view(t, j, func(r journal.Reader) {
		c, _, _ := r.Current(fhir.Ref{Type: "Observation", ID: "o1"})
		if c.Version != 1 {
			t.Error("a failed update's version is there")
		}
		same(t, "compartment", refs(t, r.Compartment("p1")), []string{"Observation/o1"})
		same(t, "index", find(t, r, journal.ByIdentifier, "urn:lab|L-o2"), nil)
		if _, ok, _ := r.Receipt(record.MutationOf("sabcdefghijk2", 1)); ok {
			t.Error("a failed update's receipt is there")
		}
		if _, ok, _ := r.Note("k"); ok {
			t.Error("a failed update's note is there")
		}
		if _, ok, _ := r.Inbound("m1"); ok {
			t.Error("a failed update's message is there")
		}
	})
	if e := put(t, j, Observation("p1", "o1", 2, "5")); e.Position != before.Position+1 {
		t.Errorf("the next position is %d", e.Position)
	}
	verify(t, j)
}

func emptyUpdate(t *testing.T, m Maker) {
	j := open(t, m)
	e := update(t, j, func(journal.Tx) error { return nil })
	if e.Position != 0 || j.Head().Position != 0 {
		t.Errorf("entry %d, head %d", e.Position, j.Head().Position)
	}
}

func ownWrites(t *testing.T, m Maker) {
	j := open(t, m)
	put(t, j, Observation("p1", "o1", 1, "4"), Observation("p1", "o3", 1, "4"))
	update(t, j, func(tx journal.Tx) error {
		if err := putAll(tx, []record.Change{Observation("p1", "o2", 1, "5"), Observation("p1", "o1", 2, "6"), Observation("p2", "o3", 2, "4")}); err != nil {
			return err
		}
		c, ok, err := tx.Current(fhir.Ref{Type: "Observation", ID: "o1"})
		if !ok || err != nil || c.Version != 2 || c.Position != 2 {
			t.Errorf("current = version %d at %d, %v %v", c.Version, c.Position, ok, err)
		}
		same(t, "own compartment", refs(t, tx.Compartment("p1")), []string{"Observation/o1", "Observation/o2"})
		same(t, "all", refs(t, tx.All("Observation", "")), []string{"Observation/o1", "Observation/o2", "Observation/o3"})
		same(t, "own index", find(t, tx, journal.ByIdentifier, "urn:lab|L-o2"), []string{"Observation/o2"})
		if tx.Head().Position != 1 {
			t.Errorf("an update's head is %d before it commits", tx.Head().Position)
		}
		return nil
	})
}

// serial: fifty increments of one number by many hands; none is lost.
func serial(t *testing.T, m Maker) {
	j := open(t, m)
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			for range 10 {
				_, err := j.Update(context.Background(), func(tx journal.Tx) error {
					old, _, err := tx.Note("count")
					if err != nil {
						return err
					}
					n, _ := strconv.Atoi(string(old))
					return tx.SetNote("count", []byte(strconv.Itoa(n+1)))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	view(t, j, func(r journal.Reader) {
		if v, _, _ := r.Note("count"); string(v) != "50" {
			t.Errorf("count = %s", v)
		}
	})
}

func panicking(t *testing.T, m Maker) {
	j := open(t, m)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = j.Update(context.Background(), func(tx journal.Tx) error {
			_ = tx.SetNote("k", []byte("v"))
			panic("the story's own panic")
		})
	}()
	if e := put(t, j, Observation("p1", "o1", 1, "1")); e.Position != 1 {
		t.Errorf("position %d", e.Position)
	}
	view(t, j, func(r journal.Reader) {
		if _, ok, _ := r.Note("k"); ok {
			t.Error("what the panicking update wrote is there")
		}
	})
}

func chain(t *testing.T, m Maker) {
	j := open(t, m)
	var prev record.Hash
	for i := range 3 {
		e := put(t, j, Observation("p1", fhir.ID(fmt.Sprintf("o%d", i)), 1, "1"))
		next, err := record.ChainNext(prev, e)
		if err != nil || next != e.Chain || j.Head().Chain != next {
			t.Fatalf("entry %d: chain %v, want %v, head %v", e.Position, e.Chain, next, j.Head().Chain)
		}
		prev = next
	}
	verify(t, j)
}

// snapshot: a view that began before a write never sees it, however long it
// lasts and however much is written.
func snapshot(t *testing.T, m Maker) {
	j := open(t, m)
	put(t, j, Observation("p1", "o1", 1, "1"))
	view(t, j, func(r journal.Reader) {
		for i := range 30 {
			put(t, j, Observation("p1", "o1", record.Version(i+2), "2"), Observation("p1", fhir.ID(fmt.Sprintf("x%d", i)), 1, "1"))
		}
		c, _, err := r.Current(fhir.Ref{Type: "Observation", ID: "o1"})
		if c.Version != 1 || err != nil {
			t.Errorf("the view sees version %d, %v", c.Version, err)
		}
		same(t, "compartment", refs(t, r.Compartment("p1")), []string{"Observation/o1"})
		n := 0
		for _, err := range r.Entries(0) {
			must(t, err)
			n++
		}
		if n != 1 || r.Head().Position != 1 {
			t.Errorf("%d entries, head %d", n, r.Head().Position)
		}
	})
	view(t, j, func(r journal.Reader) {
		if n := len(refs(t, r.Compartment("p1"))); n != 31 {
			t.Errorf("a later view sees %d resources", n)
		}
	})
}

func grown(t *testing.T, m Maker) {
	j := open(t, m)
	ch := j.Grown()
	select {
	case <-ch:
		t.Fatal("grown before anything was written")
	default:
	}
	update(t, j, func(journal.Tx) error { return nil })
	put(t, j, Observation("p1", "o1", 1, "1"))
	<-ch // hangs where the commit did not close it
	select {
	case <-j.Grown():
		t.Error("a new channel is closed already")
	default:
	}
	// A follower that takes the channel, reads and waits misses nothing.
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 20 {
			_, _ = j.Update(context.Background(), func(tx journal.Tx) error { return tx.Audit([]byte(`{"n":1}`)) })
		}
	})
	for {
		ch := j.Grown()
		if j.Head().Position == 21 {
			break
		}
		<-ch
	}
	wg.Wait()
}

func closed(t *testing.T, m Maker) {
	j := open(t, m)
	put(t, j, Observation("p1", "o1", 1, "1"))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := j.Update(context.Background(), func(tx journal.Tx) error { return tx.SetNote("k", []byte("v")) })
	wantKind(t, "update", err, fault.Unavailable)
	wantKind(t, "view", j.View(context.Background(), func(journal.Reader) error { return nil }), fault.Unavailable)
	if err := j.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

func endedTx(t *testing.T, m Maker) {
	j := open(t, m)
	var kept journal.Tx
	update(t, j, func(tx journal.Tx) error { kept = tx; return tx.SetNote("k", []byte("v")) })
	wantKind(t, "put", kept.Put(Observation("p1", "o1", 1, "1")), fault.Unavailable)
	wantKind(t, "note", kept.SetNote("k", []byte("w")), fault.Unavailable)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := j.Update(ctx, func(tx journal.Tx) error { return tx.SetNote("k", nil) }); err == nil {
		t.Error("an update ran although its context had ended")
	}
}

// large: one update of some megabytes is one entry, whole or not at all.
func large(t *testing.T, m Maker) {
	j := open(t, m)
	pad := string(bytes.Repeat([]byte("0"), 700))
	fill := func(tx journal.Tx) error {
		for i := range 4000 {
			if err := tx.Put(Observation("p1", fhir.ID(fmt.Sprintf("o%05d", i)), 1, "1."+pad)); err != nil {
				return err
			}
		}
		return nil
	}
	if _, err := j.Update(context.Background(), func(tx journal.Tx) error { return errors.Join(fill(tx), errRefused) }); !errors.Is(err, errRefused) {
		t.Fatal(err)
	}
	if e := update(t, j, fill); e.Position != 1 || len(e.Changes) != 4000 {
		t.Fatalf("position %d, %d changes", e.Position, len(e.Changes))
	}
	put(t, j, Observation("p1", "o00007", 2, "2"))
	if v := verify(t, j); v.Changes != 4001 || v.Entries != 2 {
		t.Errorf("%+v", v)
	}
	j = m.Reopen(t, j)
	defer func() { _ = j.Close() }()
	if v := verify(t, j); v.Changes != 4001 {
		t.Errorf("after reopening: %+v", v)
	}
}
