package simtest

import (
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/client"
)

// idleWorld is a hospital in which nothing goes wrong and nobody does anything,
// played until all stations are level.
func idleWorld(t *testing.T, packed bool) *world {
	t.Helper()
	w := startWorld(1, None, func(w *world) {
		w.profile = profile{busy: 24 * time.Hour, fates: make([]int, len(fates)), packed: packed}
	})
	w.events = nil // what people, senders and fate had planned
	w.central.tailing = false
	for _, s := range w.stations {
		s.armed = 0
		s.arm()
	}
	w.play(30 * time.Second)
	w.instant = true
	w.play(w.now + time.Second)
	if w.failure != nil {
		t.Fatal(w.failure)
	}
	for _, s := range w.stations {
		if len(s.heldOf(fhir.TypePatient)) == 0 || s.store.cursor.Position != w.central.journal.Head().Position {
			t.Fatalf("%s holds %d patients and stands at %d of %d", s.id, len(s.heldOf(fhir.TypePatient)), s.store.cursor.Position, w.central.journal.Head().Position)
		}
	}
	return w
}

// mostSteps bounds the steps of one write: all messages, answers of stores and
// turns of the machines, on both stations and central.
const mostSteps = 42

// In a system at rest a change waits for no timer: where disks, processors and
// lines take no time, it takes none from the person who makes it to the store of
// every station of the ward, and back again as a receipt. (The clock stands still
// throughout: whatever waited for a tick, a pause or a group that gathers would
// not get there.)
func TestAChangeInAnIdleSystemWaitsForNoTimer(t *testing.T) {
	for _, packed := range []bool{false, true} {
		w := idleWorld(t, packed)
		from, to := w.stations[0], w.stations[2] // both of ward A
		p := from.store.Held[from.heldOf(fhir.TypePatient)[0]].Patient
		for i := range 20 {
			began, steps := w.now, w.count
			w.looks++
			from.store.Look([]byte(`{"look":"idle"}`))
			from.vitals(p)
			ref := fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(record.MutationOf(from.id, uint64(len(from.store.muts))))}
			from.step(client.Nudge{})
			w.play(began)
			if w.failure != nil {
				t.Fatal(w.failure)
			}
			if _, there := to.store.Held[ref]; !there {
				t.Fatalf("write %d: it is not on the other station while the clock stands still", i)
			}
			if len(from.store.receipts) < len(from.store.muts) {
				t.Fatalf("write %d: it has no receipt while the clock stands still", i)
			}
			if n := w.count - steps; n > mostSteps {
				t.Errorf("write %d: %d steps, want %d at most", i, n, mostSteps)
			}
			if i%2 == 1 { // the others follow at once
				w.play(w.now + 3*time.Second)
			}
		}
	}
}
