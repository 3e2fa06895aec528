package client_test

import (
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

// lending is a machine of today at a tail from 5.
func lending(t *testing.T) *talk {
	k := &talk{t: t}
	k.m = client.NewMachine(client.MachineConfig{Station: "s1", Servers: []string{"one"}, Seed: 3, Basis: true})
	k.step(client.Wakeup{})
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(5)})
	return k.got(&wire.Welcome{Epoch: epoch1, Head: at(9), Mode: wire.ModeTail, PushWindow: 4, Capabilities: wire.Capabilities()}).take()
}

func (k *talk) delta(from, to record.Position) *wire.Delta {
	d := &wire.Delta{From: from, To: to}
	k.step(client.GotDelta{Session: k.session, Delta: d})
	return d
}

// A delta is put together only when everything before it is applied: then the
// store holds what it builds on.
func TestADeltaWaitsForWhatItBuildsOn(t *testing.T) {
	k := lending(t).batch(batch(5, 6))
	d := k.delta(6, 7)
	k.batch(batch(7, 8))
	if n := len(all[client.PutTogetherDelta](k)); n != 0 {
		t.Fatal("it was put together before what it builds on was there")
	}
	k.take().step(client.BatchDone{})
	if made := all[client.PutTogetherDelta](k); len(made) != 1 || made[0].Delta != d {
		t.Fatalf("put together: %v", made)
	}
	if len(all[client.Apply](k)) != 0 {
		t.Fatal("what follows it was applied before it")
	}
	k.take().step(client.PutTogether{Delta: d, Batch: batch(6, 7)})
	run := all[client.Apply](k)
	if len(run) != 1 || len(run[0].Batches) != 2 || run[0].Batches[0].From != 6 {
		t.Fatalf("applied %+v", run)
	}
	k.step(client.BatchDone{})
	if p := sent[*wire.Applied](k); len(p) != 1 || p[0].Position != 8 {
		t.Errorf("acknowledged %+v", p)
	}
}

// What waits before a delta goes to the store together, the delta not with it.
func TestADeltaIsNotStoredBeforeItIsOne(t *testing.T) {
	k := lending(t).batch(batch(5, 6)).batch(batch(6, 7)).batch(batch(7, 8))
	d := k.delta(8, 9)
	k.take().step(client.BatchDone{})
	if run := all[client.Apply](k); len(run) != 1 || len(run[0].Batches) != 2 {
		t.Fatalf("applied %+v", run)
	}
	k.take().step(client.BatchDone{})
	if made := all[client.PutTogetherDelta](k); len(made) != 1 || made[0].Delta != d {
		t.Errorf("put together: %v", made)
	}
}

// What cannot be put together is asked for whole; what was sent before central
// knew of it is passed over, and nothing is lost or applied out of line.
func TestWhatCannotBePutTogetherIsAskedForWhole(t *testing.T) {
	for _, kind := range []fault.Kind{fault.NotFound, fault.Conflict} {
		k := lending(t)
		d := k.delta(5, 7)
		k.batch(batch(7, 8))
		k.take().step(client.PutTogether{Delta: d, Err: fault.New(kind, "test", "", "")})
		if ask := sent[*wire.AskWhole](k); len(ask) != 1 || ask[0].From != 5 {
			t.Fatalf("asked %+v", ask)
		}
		k.delta(8, 9)         // under way already
		k.batch(batch(9, 10)) // likewise
		if !k.m.State().Connected || len(all[client.Apply](k)) != 0 {
			t.Fatal("what was under way ended the session, or was applied")
		}
		k.batch(batch(5, 7)).batch(batch(7, 10))
		if run := all[client.Apply](k); len(run) != 1 || run[0].Batches[0].To != 7 {
			t.Fatalf("applied %+v", run)
		}
		k.delta(10, 11)
		k.take().step(client.BatchDone{}).step(client.BatchDone{})
		if len(all[client.PutTogetherDelta](k)) != 1 {
			t.Error("deltas are never taken again")
		}
	}
}

func TestADeltaThatLiesEndsTheSession(t *testing.T) {
	for name, ev := range map[string]client.PutTogether{
		"it ends elsewhere":     {Batch: batch(5, 8)},
		"it begins elsewhere":   {Batch: batch(4, 7)},
		"it is for another":     {Batch: record.Batch{Epoch: "e1", From: 5, To: 7, Station: "s2"}},
		"it is of an old epoch": {Batch: record.Batch{Epoch: "e0", From: 5, To: 7, Station: "s1"}},
		"nobody signed it":      {Err: fault.New(fault.Corrupt, "test", "", "")},
	} {
		k := lending(t)
		ev.Delta = k.delta(5, 7)
		k.take().step(ev)
		if k.m.State().Connected || len(all[client.Apply](k)) != 0 {
			t.Errorf("%s: connected %v, applied %d", name, k.m.State().Connected, len(all[client.Apply](k)))
		}
		if refused := k.m.State().Refused.Reason; (refused == "signature") != (name == "nobody signed it") {
			t.Errorf("%s: refused %q", name, refused)
		}
	}
}

// What an earlier session's delta came to is not taken for this one's.
func TestADeltaOfAnEarlierSessionIsDropped(t *testing.T) {
	k := lending(t)
	d := k.delta(5, 7)
	k.step(client.Lost{Session: k.session}).pass(client.Timing{}.BackoffMax + 1e9)
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: at(5)})
	k.got(&wire.Welcome{Epoch: epoch1, Head: at(9), Mode: wire.ModeTail, PushWindow: 4, Capabilities: wire.Capabilities()}).take()
	k.batch(batch(5, 6))
	k.step(client.PutTogether{Delta: d, Batch: batch(5, 7)})
	if run := all[client.Apply](k); len(run) != 1 || run[0].Batches[0].To != 6 {
		t.Errorf("applied %+v", run)
	}
}

// Without anything to build on a station does not say that it takes deltas.
func TestWhoHasNoBasisTakesNoDeltas(t *testing.T) {
	for _, basis := range []bool{false, true} {
		k := &talk{t: t, m: client.NewMachine(client.MachineConfig{Station: "s1", Servers: []string{"one"}, Basis: basis})}
		k.step(client.Wakeup{})
		k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session})
		says := false
		for _, c := range sent[*wire.Hello](k)[0].Capabilities {
			says = says || c == wire.CapDelta
		}
		if says != basis {
			t.Errorf("with a basis %v it says %v", basis, says)
		}
	}
}
