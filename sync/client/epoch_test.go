package client_test

import (
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

// keeping is a machine with an archive, at the point where it has said hello
// from a cursor of epoch e1.
func keeping(t *testing.T) *talk {
	k := &talk{t: t, now: wire.Now{Wall: 1_000_000}}
	k.m = client.NewMachine(client.MachineConfig{Station: "s1", Servers: []string{"one"}, Seed: 3, Archive: true})
	k.step(client.Wakeup{})
	return k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(50)})
}

func lineage(epochs ...record.Epoch) *wire.Welcome {
	return &wire.Welcome{
		Capabilities: wire.Capabilities(), Epoch: epochs[len(epochs)-1], Epochs: epochs, Mode: wire.ModeSnapshot, PushWindow: 4,
	}
}

var (
	first    = record.Epoch{ID: "e1", Cause: record.CauseFirst}
	restored = record.Epoch{ID: "e2", Parent: "e1", Cause: record.CauseRestored, At: 40}
	wiped    = record.Epoch{ID: "e3", Parent: "e2", Cause: record.CauseWiped}
	later    = record.Epoch{ID: "e4", Parent: "e3", Cause: record.CauseRestored, At: 7}
)

// What a station does about another epoch follows from everything that has
// happened since its own, not from the newest alone: who slept through a wipe
// brings nothing back, though a restore came after it.
func TestTheWholeLineageCounts(t *testing.T) {
	for what, c := range map[string]struct {
		line    []record.Epoch
		reoffer bool
		wipe    bool
	}{
		"the same":                              {[]record.Epoch{first}, false, false},
		"restored":                              {[]record.Epoch{first, restored}, true, false},
		"wiped":                                 {[]record.Epoch{first, restored, wiped}, false, true},
		"wiped, and restored since":             {[]record.Epoch{first, restored, wiped, later}, false, true},
		"restored to before this epoch":         {[]record.Epoch{{ID: "e0"}, restored}, true, false},
		"an old central, which names no others": {[]record.Epoch{restored}, true, false},
	} {
		k := keeping(t).take().got(lineage(c.line...))
		if r, w := len(all[client.Reoffer](k)) == 1, len(all[client.Wipe](k)) == 1; r != c.reoffer || w != c.wipe {
			t.Errorf("%s: offered again %v, forgotten %v", what, r, w)
		}
	}
}

// A doubted cursor is proven, and until then nothing else is exchanged.
func TestADoubtedCursorIsProven(t *testing.T) {
	k := keeping(t).got(lineage(first)).take().got(&wire.Doubt{})
	k.step(client.Nudge{}).batch(batch(50, 51))
	if len(all[client.ReadProof](k)) != 1 || len(all[client.ReadUnsent](k))+len(all[client.Apply](k)) > 0 {
		t.Fatalf("doubted: %+v", k.did)
	}
	k.take().step(client.ProofRead{Session: k.session, Proof: record.Proof{Body: []byte("b"), Sig: []byte("s")}})
	if p := sent[*wire.Proof](k); len(p) != 1 || string(p[0].Body) != "b" {
		t.Fatalf("proof: %+v", p)
	}
	if len(all[client.ReadUnsent](k.take().step(client.Nudge{}))) > 0 {
		t.Error("something is offered before central has answered")
	}
	k = keeping(t).got(lineage(first)).got(&wire.Doubt{}).take().step(client.ProofRead{Session: 1, Err: fault.New(fault.Corrupt, "t", "", "")})
	if p := sent[*wire.Proof](k); len(p) != 1 || len(p[0].Body) != 0 {
		t.Errorf("without a proof: %+v", p)
	}
}

// Batches are given back one after another, each noted when central has it;
// what central shares anyway is passed over; own work waits at most a moment.
func TestBatchesAreGivenBackOneAfterAnother(t *testing.T) {
	k := keeping(t).got(lineage(first, restored)).take().step(client.ReofferDone{})
	if r := all[client.ReadReturn](k); len(r) != 1 || r[0].Epoch != "e2" {
		t.Fatalf("asked the archive: %+v", r)
	}
	next := func(r record.Return) *talk { return k.take().step(client.ReturnRead{Return: r, OK: true}) }
	next(record.Return{Number: 1, Epoch: "e1", To: 40})
	if s := all[client.SaveReturned](k); len(s) != 1 || s[0].Number != 1 || len(sent[*wire.GiveBack](k)) > 0 {
		t.Fatalf("what central holds anyway: %+v", k.did)
	}
	k.step(client.ReturnDone{})
	next(record.Return{Number: 2, Epoch: "e1", To: 41, Body: []byte("b")})
	if g := sent[*wire.GiveBack](k); len(g) != 1 || g[0].Number != 2 || len(all[client.ReadReturn](k)) > 0 {
		t.Fatalf("given: %+v", k.did)
	}
	k.take().got(&wire.Given{Number: 1}).got(&wire.Given{Number: 2, RetryMS: 100})
	if len(all[client.SaveReturned](k)) > 0 {
		t.Error("noted though central could not store it")
	}
	k.take().pass(200 * time.Millisecond)
	next(record.Return{Number: 2, Epoch: "e1", To: 41, Body: []byte("b")}).got(&wire.Given{Number: 2, Why: "corrupt"})
	if s := all[client.SaveReturned](k); len(s) != 1 || s[0] != (client.SaveReturned{Epoch: "e2", Number: 2}) {
		t.Errorf("one that central will never take: %+v", k.did)
	}
	k.take().step(client.ReturnDone{}).step(client.Nudge{})
	if len(all[client.ReadUnsent](k)) > 0 {
		t.Error("own work does not wait for what is given back")
	}
	for range 6 {
		k.pass(time.Second).step(client.Alive{Session: k.session})
	}
	if len(all[client.ReadUnsent](k)) == 0 {
		t.Error("own work waits for ever")
	}
	k.take().step(client.ReturnRead{}).pass(time.Second)
	if len(all[client.ReadReturn](k)) > 0 {
		t.Error("it goes on asking though all is given")
	}
}

// An answer of the archive to an earlier session's question is not taken for one
// to this session's: batches would be passed over.
func TestAnEarlierSessionsBatchIsNotCounted(t *testing.T) {
	k := keeping(t).got(lineage(first, restored)).step(client.ReofferDone{})
	k.step(client.Lost{Session: k.session, Err: fault.New(fault.Unavailable, "t", "", "")}).pass(time.Second)
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(50)})
	other := record.Epoch{ID: "e5", Parent: "e1", Cause: record.CauseRestored, At: 10}
	k.got(lineage(first, other)).step(client.ReofferDone{}).take()
	k.step(client.ReturnRead{OK: true, Return: record.Return{Number: 9, Epoch: "e1", To: 45, Body: []byte("b")}})
	if len(sent[*wire.GiveBack](k))+len(all[client.SaveReturned](k)) > 0 || len(all[client.ReadReturn](k)) != 1 {
		t.Errorf("after another session's answer: %+v", k.did)
	}
}

// What was written down again under a new identity goes only to a central that
// knows what that means: another would take it for a forgery.
func TestWorkOfAnEarlierIdentityWaitsForACentralThatKnowsIt(t *testing.T) {
	m := mutation(1)
	m.Was = &record.Was{ID: "s0-9"}
	offer := func(caps []wire.Capability) *talk {
		w := lineage(first)
		w.Capabilities, w.Mode = caps, wire.ModeTail
		return keeping(t).got(w).take().step(client.Unsent{Mutations: []record.Mutation{m}})
	}
	if k := offer([]wire.Capability{wire.CapBase}); len(sent[*wire.Push](k)) != 0 || k.m.State().Refused.Reason != "version" {
		t.Errorf("to an old central: %+v", k.did)
	}
	if k := offer(wire.Capabilities()); len(sent[*wire.Push](k)) != 1 {
		t.Error("not offered")
	}
}
