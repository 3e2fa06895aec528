package client_test

import (
	"slices"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
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
