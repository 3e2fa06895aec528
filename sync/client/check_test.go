package client_test

import (
	"slices"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

// comparing is a machine with a checker, level at position 50.
func comparing(t *testing.T) *talk {
	k := &talk{t: t, now: wire.Now{Wall: 1_000_000}}
	k.m = client.NewMachine(client.MachineConfig{Station: "s1", Servers: []string{"one"}, Seed: 3, Checker: true})
	k.step(client.Wakeup{})
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(50)})
	w := lineage(first)
	w.Mode = wire.ModeTail
	return k.got(w)
}

// alive lets time pass in a session that goes on.
func (k *talk) alive(d time.Duration) *talk {
	for end := k.now.Mono + d; k.now.Mono < end; {
		k.pass(min(time.Second, end-k.now.Mono)).step(client.Alive{Session: k.session})
	}
	return k
}

// Whom a batch concerned is compared when things have been quiet for a moment;
// everybody in slow rounds, step by step; one question at a time.
func TestPatientsAreComparedQuietly(t *testing.T) {
	k := comparing(t)
	if len(all[client.ReadDoubtful](k)) != 1 {
		t.Fatal("what an earlier session found is not asked for")
	}
	k.step(client.Compared{})
	b := batch(50, 51)
	b.Changes = []record.Change{{Patient: "anna"}, {Patient: "anna"}, {}}
	b.Forget = []fhir.ID{"bea"}
	k.batch(b).step(client.BatchDone{}).take()
	if k.alive(2 * time.Second); len(sent[*wire.AskHeads](k)) != 0 {
		t.Fatal("compared while things move")
	}
	k.alive(2 * time.Second)
	asks := sent[*wire.AskHeads](k)
	if len(asks) != 1 || len(asks[0].Patients) != 0 || asks[0].After != "" {
		t.Fatalf("the round begins with %+v", asks)
	}
	if k.take().alive(25 * time.Second); len(sent[*wire.AskHeads](k)) != 0 {
		t.Fatal("asked again before the answer")
	}
	if k.alive(10 * time.Second); len(sent[*wire.AskHeads](k)) != 1 {
		t.Fatal("the answer was lost, and nothing is ever compared again")
	}
	k.take()
	k.got(&wire.Heads{End: true}).take().step(client.Compared{})
	if asks = sent[*wire.AskHeads](k); len(asks) != 1 || !slices.Equal(asks[0].Patients, []fhir.ID{"anna", "bea"}) {
		t.Fatalf("then: %+v", asks)
	}
	k.got(&wire.Heads{Asked: asks[0].Patients}).take().step(client.Compared{}).alive(65 * time.Second)
	if asks = sent[*wire.AskHeads](k); len(asks) != 1 || len(asks[0].Patients) != 0 {
		t.Fatalf("the next round begins with %+v", asks)
	}
	k.got(&wire.Heads{UpTo: "p32"}).take().step(client.Compared{}).alive(10 * time.Second)
	if asks = sent[*wire.AskHeads](k); len(asks) != 1 || asks[0].After != "p32" {
		t.Fatalf("the round goes on with %+v", asks)
	}
	k.got(&wire.Heads{After: "p32", UpTo: "p40", End: true}).take().step(client.Compared{}).alive(50 * time.Second)
	if len(sent[*wire.AskHeads](k)) != 0 {
		t.Error("the next round begins at once")
	}
	if k.alive(15 * time.Second); len(sent[*wire.AskHeads](k)) != 1 {
		t.Error("there is no next round")
	}
}

// Whoever differs is asked for, a few at once, and what comes is applied though
// it moves no cursor.
func TestWhoeverDiffersIsRefilled(t *testing.T) {
	var many []fhir.ID
	for i := range 20 {
		many = append(many, fhir.ID("p"+string(rune('a'+i))))
	}
	k := comparing(t).take().step(client.Compared{Differ: many})
	asks := sent[*wire.AskRefill](k)
	if len(asks) != 1 || len(asks[0].Patients) != wire.MaxRefill {
		t.Fatalf("asked: %+v", asks)
	}
	b := batch(50, 50)
	b.Refill = asks[0].Patients
	k.take().batch(b)
	if a := all[client.Apply](k); len(a) != 1 || len(a[0].Batches[0].Refill) != wire.MaxRefill {
		t.Fatalf("applied: %+v", a)
	}
	k.take().step(client.BatchDone{})
	if asks = sent[*wire.AskRefill](k); len(asks) != 1 || len(asks[0].Patients) != 4 {
		t.Errorf("then: %+v", asks)
	}
	if k.m.State().Cursor != at(50) {
		t.Errorf("the cursor is %v", k.m.State().Cursor)
	}
}

// The store takes its state in the order of what came, and its reading goes beside what
// comes: batches are stored meanwhile, nobody is asked anything new, however long it
// takes, and a second copy of the answer begins nothing. What it found is settled in
// order again.
func TestNoBatchWaitsForTheReadingOfAComparison(t *testing.T) {
	k := comparing(t).step(client.Compared{}).alive(4 * time.Second).take()
	h := &wire.Heads{At: at(50), UpTo: "p9", End: true}
	k.got(h).got(h)
	if c := all[client.CompareHeads](k); len(c) != 1 || c[0].AtOnce {
		t.Fatalf("compared: %+v", c)
	}
	if len(all[client.ReadComparison](k)) != 0 {
		t.Fatal("it is read before its state is taken")
	}
	if k.take().step(client.ComparisonOpen{}); len(all[client.ReadComparison](k)) != 1 {
		t.Fatal("it is not read")
	}
	if k.batch(batch(50, 51)); len(all[client.Apply](k)) != 1 {
		t.Fatal("a batch waits for the reading")
	}
	k.step(client.BatchDone{}).take().alive(3 * time.Minute)
	if n := len(sent[*wire.AskHeads](k)); n != 0 {
		t.Fatalf("asked %d times while one is under way", n)
	}
	if k.step(client.ComparisonRead{}); len(all[client.SettleComparison](k)) != 1 {
		t.Fatal("it is not settled")
	}
	k.take().step(client.Compared{Differ: []fhir.ID{"anna"}})
	if asks := sent[*wire.AskRefill](k); len(asks) != 1 || !slices.Equal(asks[0].Patients, []fhir.ID{"anna"}) {
		t.Errorf("refilled: %+v", asks)
	}
}

// Whoever differed, and about whom something came while that was found, is asked about
// again before anything else, and then compared in the store's order: however often
// something comes, a damaged copy is noticed.
func TestWhoeverChangedDuringTheComparisonIsComparedInOrder(t *testing.T) {
	k := comparing(t).step(client.Compared{}).alive(4 * time.Second)
	k.got(&wire.Heads{At: at(50), End: true}).step(client.ComparisonOpen{}).step(client.ComparisonRead{}).take()
	k.step(client.Compared{Again: []fhir.ID{"anna", "bea"}})
	asks := sent[*wire.AskHeads](k)
	if len(asks) != 1 || !slices.Equal(asks[0].Patients, []fhir.ID{"anna", "bea"}) {
		t.Fatalf("asked: %+v", asks)
	}
	k.take().got(&wire.Heads{At: at(51), Asked: asks[0].Patients})
	if c := all[client.CompareHeads](k); len(c) != 1 || !c[0].AtOnce {
		t.Fatalf("compared: %+v", c)
	}
	k.take().step(client.Compared{}).alive(65 * time.Second)
	if len(sent[*wire.AskHeads](k)) != 1 {
		t.Fatal("there is no next round")
	}
	k.take().got(&wire.Heads{At: at(51), End: true})
	if c := all[client.CompareHeads](k); len(c) != 1 || c[0].AtOnce {
		t.Errorf("the next: %+v", c)
	}
}

// Where what came in has left central's answer behind, or the store could not be read,
// the same step of the round is asked for again, three times at most, so that neither
// those of the step nor those behind it are passed over for ever.
func TestAStepThatCouldNotBeComparedIsAskedForAgain(t *testing.T) {
	for what, passed := range map[string]client.Compared{
		"left behind": {Passed: true}, "not readable": {Err: fault.New(fault.Unavailable, "t", "", "x")},
	} {
		k := comparing(t).step(client.Compared{}).alive(4 * time.Second)
		k.got(&wire.Heads{At: at(50), UpTo: "p32"}).step(client.Compared{}).take()
		var after []fhir.ID
		for range 5 {
			k.alive(6 * time.Second)
			asks := sent[*wire.AskHeads](k)
			if len(asks) != 1 {
				t.Fatalf("%s: asked %d times", what, len(asks))
			}
			after = append(after, asks[0].After)
			k.take().got(&wire.Heads{At: at(50), After: "p32", UpTo: "p64"}).step(passed)
		}
		if want := []fhir.ID{"p32", "p32", "p32", "p32", "p64"}; !slices.Equal(after, want) {
			t.Errorf("%s: asked after %v", what, after)
		}
	}
}

// The same of patients whom batches concerned: they wait as if they had come just now.
func TestWhoeverCouldNotBeComparedWaitsOnceMore(t *testing.T) {
	k := comparing(t).step(client.Compared{}).alive(4 * time.Second)
	k.got(&wire.Heads{At: at(50), End: true}).step(client.Compared{})
	b := batch(50, 51)
	b.Changes = []record.Change{{Patient: "anna"}}
	k.batch(b).step(client.BatchDone{}).take().alive(4 * time.Second)
	for i := range 4 {
		asks := sent[*wire.AskHeads](k)
		if len(asks) != 1 || !slices.Equal(asks[0].Patients, []fhir.ID{"anna"}) {
			t.Fatalf("%d: asked %+v", i, asks)
		}
		k.take().got(&wire.Heads{At: at(51), Asked: asks[0].Patients}).step(client.Compared{Passed: true})
		if k.alive(time.Second); len(sent[*wire.AskHeads](k)) != 0 {
			t.Fatal("asked again at once")
		}
		k.alive(3 * time.Second)
	}
	if k.alive(10 * time.Second); len(sent[*wire.AskHeads](k)) != 0 {
		t.Error("asked again and again")
	}
}

// A comparison goes to its end also when its session does not: the next session asks
// nothing before, and then reads who is in doubt.
func TestAComparisonOutlivesItsSession(t *testing.T) {
	k := comparing(t).step(client.Compared{}).alive(4 * time.Second)
	k.got(&wire.Heads{At: at(50), End: true}).step(client.ComparisonOpen{})
	k.step(client.Lost{Session: k.session}).take()
	for len(all[client.Dial](k)) == 0 {
		k.pass(time.Second)
	}
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(50)})
	w := lineage(first)
	w.Mode = wire.ModeTail
	k.got(w).take().alive(2 * time.Minute)
	if len(all[client.ReadDoubtful](k))+len(sent[*wire.AskHeads](k)) != 0 {
		t.Fatal("two comparisons at a time")
	}
	if k.step(client.ComparisonRead{}); len(all[client.SettleComparison](k)) != 1 {
		t.Fatal("what was found is not settled")
	}
	if k.step(client.Compared{Differ: []fhir.ID{"anna"}}); len(all[client.ReadDoubtful](k)) != 1 {
		t.Error("who is in doubt is not read")
	}
}
