package client_test

import (
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

func (k *talk) ahead(b record.Batch) *talk {
	return k.step(client.GotAhead{Session: k.session, Batch: b})
}

func urgent(epoch string) record.Batch {
	return record.Batch{Epoch: epoch, From: 3, To: 90, Station: "s1", Changes: []record.Change{{Ref: fhir.Ref{Type: fhir.TypeObservation, ID: "k"}, Version: 1}}}
}

// What overtakes is stored while a batch is, and moves nothing: neither the
// cursor, nor what may follow.
func TestWhatOvertakesMovesNoCursor(t *testing.T) {
	k := welcomed(t, at(5)).batch(batch(5, 6)).batch(batch(6, 7)).take()
	k.ahead(urgent("e1"))
	if a := all[client.ApplyAhead](k); len(a) != 1 || len(a[0].Changes) != 1 {
		t.Fatalf("stored ahead: %+v", a)
	}
	k.step(client.AheadDone{}).step(client.BatchDone{}).step(client.BatchDone{})
	if s := k.m.State(); s.Cursor.Position != 7 || !s.Connected {
		t.Errorf("the station stands at %d, connected %v; want 7", s.Cursor.Position, s.Connected)
	}
	if w := sent[*wire.Applied](k); len(w) != 2 || w[1].Position != 7 {
		t.Errorf("acknowledged: %+v", w)
	}
}

func TestWhatOvertakesIsBoundedAndOneAtATime(t *testing.T) {
	k := welcomed(t, at(5)).take()
	for range 40 {
		k.ahead(urgent("e1"))
	}
	if n := len(all[client.ApplyAhead](k)); n != 1 {
		t.Fatalf("%d are stored at once", n)
	}
	for range 40 {
		k.step(client.AheadDone{Err: fault.New(fault.Full, "t", "", "disk full")})
	}
	if n := len(all[client.ApplyAhead](k)); n > 18 {
		t.Errorf("%d waited", n)
	}
	if r := k.m.State().Refused; r.Reason != "disk" {
		t.Errorf("a full disk is told as %+v", r)
	}
}

// The versions of another epoch are numbered otherwise: what overtakes could
// lose against an older one.
func TestOverAnotherEpochsContentNothingOvertakes(t *testing.T) {
	k := begin(t).step(client.Wakeup{})
	k.step(client.Dialled{Session: k.session}).step(client.Loaded{Session: k.session, Cursor: record.Cursor{Epoch: "e0", Position: 50}})
	k.got(&wire.Welcome{Epoch: epoch1, Mode: wire.ModeSnapshot, PushWindow: 4})
	k.take().ahead(urgent("e1"))
	if len(all[client.ApplyAhead](k)) != 0 {
		t.Error("it was stored over the content of another epoch")
	}
	if k.ahead(urgent("e0")); k.m.State().Connected {
		t.Error("what came ahead of another epoch was taken")
	}
}
