package cache_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
)

// filledByLists is a store with two patients of 40 results each, whose owners are
// only listed.
func filledByLists(t *testing.T, o cache.Options) *cache.Cache {
	t.Helper()
	c := open(t, o)
	for i, p := range []fhir.ID{"p1", "p2"} {
		ch := chunk("s1", uint32(i), fmt.Sprint("tok", i), snapshotAt, i == 1, patient(p, 1))
		for n := range 40 {
			ch.Changes = append(ch.Changes, potassium(fmt.Sprintf("k%s-%d", p, n), p, 1, "4.1"))
		}
		ok(t, c.ApplyChunks(bg, []record.Chunk{ch}))
	}
	if rows, lists := len(c.RawKeys("t/")), len(c.RawKeys("T/")); rows != 2 || lists != 2 {
		t.Fatalf("%d rows and %d lists", rows, lists)
	}
	return c
}

func observation(p fhir.ID, n int) fhir.Ref {
	return fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(fmt.Sprintf("k%s-%d", p, n))}
}

// holdsAll looks for each of them by its reference, and has the store walked.
func holdsAll(t *testing.T, c *cache.Cache, of map[fhir.ID]int) {
	t.Helper()
	all := 0
	for p, want := range of {
		if got := len(compartment(t, c, p)); got != want {
			t.Errorf("%s: %d of %d", p, got, want)
		}
		all += want
	}
	if n := c.Count(); n.Resources != all {
		t.Errorf("%d of %d", n.Resources, all)
	}
	<-c.Checked()
	ok(t, c.Damaged())
}

func observations(t *testing.T, c *cache.Cache, after fhir.ID) (ids []fhir.ID) {
	t.Helper()
	ok(t, c.View(bg, func(r cache.Reader) error {
		for ch, err := range r.All(fhir.TypeObservation, after) {
			if err != nil {
				return err
			}
			ids = append(ids, ch.Ref.ID)
		}
		return nil
	}))
	return ids
}

func reopened(t *testing.T, c *cache.Cache, o cache.Options) *cache.Cache {
	t.Helper()
	ok(t, c.Close())
	return open(t, o)
}

func currentOf(t *testing.T, c *cache.Cache, ref fhir.Ref) (ch record.Change, found bool) {
	t.Helper()
	ok(t, c.View(bg, func(r cache.Reader) (err error) {
		ch, found, err = r.Current(ref)
		return err
	}))
	return ch, found
}

// What a commit brought is found by its reference alone while it is only listed,
// after a restart, in the middle of being written out, and after it.
func TestWhatIsListedIsFound(t *testing.T) {
	o := options(t)
	c := filledByLists(t, o)
	look := func(when string) {
		t.Helper()
		for _, p := range []fhir.ID{"p1", "p2"} {
			for n := range 40 {
				if ch, found := currentOf(t, c, observation(p, n)); !found || ch.Patient != p {
					t.Fatalf("%s: %s %d is not there", when, p, n)
				}
			}
		}
		if _, found := currentOf(t, c, observation("p3", 1)); found {
			t.Errorf("%s: what never came is there", when)
		}
		if all := observations(t, c, ""); len(all) != 80 || !slices.IsSorted(all) {
			t.Errorf("%s: in order: %v", when, all)
		}
		if all := observations(t, c, "kp2-38"); len(all) != 7 || all[0] != "kp2-39" || all[6] != "kp2-9" {
			t.Errorf("%s: after one: %v", when, all)
		}
		holdsAll(t, c, map[fhir.ID]int{"p1": 41, "p2": 41})
	}
	look("listed")
	c = reopened(t, c, o)
	look("opened again")
	ok(t, c.SpreadOne())
	look("half written out")
	c = reopened(t, c, o)
	look("half written out, opened again")
	ok(t, c.Spread())
	look("written out")
	if rows, lists := len(c.RawKeys("t/")), len(c.RawKeys("T/")); rows != 82 || lists != 0 {
		t.Errorf("%d rows and %d lists", rows, lists)
	}
	c = reopened(t, c, o)
	look("written out, opened again")
}

// What is listed changes like everything else: it is corrected, moves, goes and comes
// again, and the rows say so when they are written out.
func TestWhatIsListedChanges(t *testing.T) {
	o := options(t)
	c := filledByLists(t, o)
	corrected := potassium("kp1-1", "p1", 2, "5.5")
	moved := potassium("kp1-2", "p2", 2, "4.4")
	early := potassium("kp1-3", "p1", 1, "4.0")
	early.History = true
	ok(t, c.Apply(bg, batch(snapshotAt.Position, snapshotAt.Position+1, corrected, moved, early)))
	if ch, _ := currentOf(t, c, corrected.Ref); ch.Version != 2 {
		t.Errorf("corrected: %+v", ch.Version)
	}
	if n := len(c.RawKeys("k/")); n != 0 {
		t.Errorf("%d that are listed were taken for absent", n)
	}
	holdsAll(t, c, map[fhir.ID]int{"p1": 40, "p2": 42})
	c = reopened(t, c, o)
	holdsAll(t, c, map[fhir.ID]int{"p1": 40, "p2": 42})
	gone := batch(snapshotAt.Position+1, snapshotAt.Position+2)
	gone.Forget = []fhir.ID{"p1"}
	ok(t, c.Apply(bg, gone))
	if _, found := currentOf(t, c, observation("p1", 5)); found {
		t.Error("what was forgotten is there")
	}
	if ch, found := currentOf(t, c, moved.Ref); !found || ch.Patient != "p2" {
		t.Error("what had moved went along")
	}
	again := batch(snapshotAt.Position+2, snapshotAt.Position+3, patient("p1", 1))
	for n := range 20 {
		again.Changes = append(again.Changes, potassium(fmt.Sprintf("kp1-%d", n+10), "p1", 1, "4.1"))
	}
	ok(t, c.Apply(bg, again))
	holdsAll(t, c, map[fhir.ID]int{"p1": 21, "p2": 42})
	ok(t, c.Spread())
	c = reopened(t, c, o)
	holdsAll(t, c, map[fhir.ID]int{"p1": 21, "p2": 42})
}

// A compartment of which a listed resource is missing is refused, and filled again.
func TestADamagedCompartmentIsFilledAgainFromLists(t *testing.T) {
	o := options(t)
	c := filledByLists(t, o)
	c.RawDelete("c/p1/Observation/kp1-7")
	ok(t, c.View(bg, func(r cache.Reader) error {
		if _, found, err := r.Current(observation("p1", 7)); found || !fault.Is(err, fault.Corrupt) {
			t.Errorf("found %v, %v", found, err)
		}
		return nil
	}))
	refill := batch(snapshotAt.Position, snapshotAt.Position, patient("p1", 1))
	refill.Chain, refill.Refill = snapshotAt.Chain, []fhir.ID{"p1"}
	for n := range 40 {
		refill.Changes = append(refill.Changes, potassium(fmt.Sprintf("kp1-%d", n), "p1", 1, "4.1"))
	}
	ok(t, c.Apply(bg, refill))
	holdsAll(t, c, map[fhir.ID]int{"p1": 41, "p2": 41})
	c = reopened(t, c, o)
	holdsAll(t, c, map[fhir.ID]int{"p1": 41, "p2": 41})
}

// A list that was taken away, put back to an earlier one or changed is noticed.
func TestATamperedListIsNoticed(t *testing.T) {
	for name, tamper := range map[string]func(c *cache.Cache, first, second string){
		"deleted":        func(c *cache.Cache, first, _ string) { c.RawDelete(first) },
		"a flipped bit":  func(c *cache.Cache, first, _ string) { v := c.RawGet(first); v[len(v)-20] ^= 4; c.RawSet(first, v) },
		"another's":      func(c *cache.Cache, first, second string) { c.RawSet(first, c.RawGet(second)) },
		"all of them":    func(c *cache.Cache, first, second string) { c.RawDelete(first); c.RawDelete(second) },
		"one under ours": func(c *cache.Cache, first, _ string) { c.RawSet("T/\x00\x00\x00\x00\x00\x00\x00\x09", c.RawGet(first)) },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			c := filledByLists(t, o)
			l := c.RawKeys("T/")
			tamper(c, l[0], l[1])
			ok(t, c.Close())
			c, err := cache.Open(bg, o)
			if err == nil {
				<-c.Checked()
				err = c.Damaged()
				defer func() { _ = c.Close() }()
			}
			if !fault.Is(err, fault.Corrupt) {
				t.Errorf("%v", err)
			}
		})
	}
}

// Two resources that hash alike are told apart by the list.
func TestAHashIsNoProof(t *testing.T) {
	c := filledByLists(t, options(t))
	other := observation("p9", 1)
	c.SameHash(other, observation("p1", 1))
	if _, found := currentOf(t, c, other); found {
		t.Error("what hashes like another is there")
	}
	ok(t, c.Apply(bg, batch(snapshotAt.Position, snapshotAt.Position+1, potassium(string(other.ID), "p2", 1, "4.1"))))
	if ch, found := currentOf(t, c, other); !found || ch.Patient != "p2" {
		t.Errorf("found %v: %s", found, ch.Patient)
	}
	ok(t, c.Spread())
	holdsAll(t, c, map[fhir.ID]int{"p1": 41, "p2": 42})
}

// Whoever reads while lists are made and written out finds what is in their state.
func TestReadersAndListsAtOnce(t *testing.T) {
	c := open(t, options(t))
	<-c.Checked()
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				err := c.View(bg, func(r cache.Reader) error {
					for ch, err := range r.All(fhir.TypeObservation, "") {
						if err != nil {
							return err
						}
						if got, found, err := r.Current(ch.Ref); err != nil || !found || got.Version != ch.Version {
							return fmt.Errorf("%s: %v, %w", ch.Ref, found, err)
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	at := record.Position(0)
	for round := range 6 {
		b := batch(at, at+1)
		for n := range 30 {
			b.Changes = append(b.Changes, potassium(fmt.Sprintf("r%d-%d", round, n), fhir.ID(fmt.Sprint("p", n%3)), 1, "4.1"))
		}
		ok(t, c.Apply(bg, b))
		at++
		if round%2 == 1 {
			ok(t, c.Spread())
		}
	}
	close(done)
	group.Wait()
	if c.Count().Resources != 180 {
		t.Errorf("%+v", c.Count())
	}
}

// A store with lists is of a format that a program from before them refuses, and of
// the one that it knows once they are written out.
func TestListsAreAFormatOfTheirOwn(t *testing.T) {
	c := filledByLists(t, options(t))
	if f := c.Format(); f != 2 {
		t.Errorf("with lists: format %d", f)
	}
	ok(t, c.Spread())
	if f := c.Format(); f != 1 {
		t.Errorf("without: format %d", f)
	}
}

// What a commit of few changes brings has its row at once.
func TestFewAreNotListed(t *testing.T) {
	c := open(t, options(t))
	ok(t, c.Apply(bg, batch(0, 1, patient("p1", 1), potassium("k1", "p1", 1, "4.1"))))
	if rows, lists := c.RawKeys("t/"), c.RawKeys("T/"); len(rows) != 2 || len(lists) != 0 {
		t.Errorf("%s, %s", strings.Join(rows, " "), strings.Join(lists, " "))
	}
}

// One that moves in a commit of many has its row at once, which counts before the
// list that says where it was.
func TestAMoveAmongMany(t *testing.T) {
	o := options(t)
	c := filledByLists(t, o)
	b := batch(snapshotAt.Position, snapshotAt.Position+1, potassium("kp1-2", "p2", 2, "4.4"))
	for n := range 20 {
		b.Changes = append(b.Changes, potassium(fmt.Sprintf("new-%d", n), "p2", 1, "4.1"))
	}
	ok(t, c.Apply(bg, b))
	if len(c.RawKeys("T/")) != 3 {
		t.Error("it is no commit of many")
	}
	for range 2 {
		if ch, found := currentOf(t, c, observation("p1", 2)); !found || ch.Patient != "p2" {
			t.Errorf("found %v: %s", found, ch.Patient)
		}
		holdsAll(t, c, map[fhir.ID]int{"p1": 40, "p2": 62})
		c = reopened(t, c, o)
	}
	ok(t, c.Spread())
	holdsAll(t, c, map[fhir.ID]int{"p1": 40, "p2": 62})
	c = reopened(t, c, o)
	holdsAll(t, c, map[fhir.ID]int{"p1": 40, "p2": 62})
}

// The lists are written out when nobody has written for a while, and not before; where
// the disk is nearly full they stay, and what they name is found.
func TestListsAreWrittenOutWhenNobodyWrites(t *testing.T) {
	o := options(t)
	free := int64(1 << 40)
	o.FreeSpace = func(string) (int64, error) { return free, nil }
	c := filledByLists(t, o)
	c.TendLists(time.Now())
	if len(c.RawKeys("T/")) != 2 {
		t.Error("written out at once")
	}
	free = 1 << 20
	c.TendLists(time.Now().Add(3 * time.Second))
	if len(c.RawKeys("T/")) != 2 {
		t.Error("written out on a full disk")
	}
	holdsAll(t, c, map[fhir.ID]int{"p1": 41, "p2": 41})
	free = 1 << 40
	c.TendLists(time.Now().Add(3 * time.Second))
	if len(c.RawKeys("T/")) != 0 || len(c.RawKeys("t/")) != 82 {
		t.Errorf("%d lists, %d rows", len(c.RawKeys("T/")), len(c.RawKeys("t/")))
	}
	holdsAll(t, c, map[fhir.ID]int{"p1": 41, "p2": 41})
}
