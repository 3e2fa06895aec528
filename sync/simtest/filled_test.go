package simtest

import (
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/client"
)

// What a computer was filled with by a snapshot it does not give back to a central
// that was set back behind it: a chunk is what stood at one position. These are the
// bounds of that, as docs/sync-protocol.md names them: an entry is lost with its
// author's computer only where nobody was there when it was committed, and a
// sender's message never.

// quietWard is a world in which only what a test does goes on.
func quietWard() *world {
	w := startWorld(1, None, func(w *world) { w.profile = profile{busy: time.Hour, fates: make([]int, len(fates))} })
	w.stations[2].cut = true // of both wards, and switched on later
	w.play(5 * time.Second)
	w.central.backup()
	return w
}

// pass lets some seconds pass.
func (w *world) pass(d time.Duration) { w.play(w.now + d) }

// entry has somebody on a ward record a pulse, and waits for its receipt.
func (s *station) entry(t *testing.T) fhir.Ref {
	t.Helper()
	s.vitals(s.store.Held[s.heldOf(fhir.TypePatient)[0]].Patient)
	m := s.told[len(s.told)-1]
	s.step(client.Nudge{})
	s.w.pass(5 * time.Second)
	if _, told := s.store.receipts[m.ID]; !told {
		t.Fatalf("%s has no receipt", m.ID)
	}
	return m.Ref
}

// gone is a computer that nobody sees again.
func (s *station) gone() {
	s.stop()
	s.shut, s.retired = s.w.now, true
}

// joins is a computer that is switched on, and is filled.
func (s *station) joins(t *testing.T) {
	t.Helper()
	s.cut = false
	s.w.pass(time.Minute) // one that was cut off long waits up to 15 s between two tries
	if s.store.cursor != s.w.central.journal.Head() {
		t.Fatalf("the computer is not filled: it is at %d, central at %d", s.store.cursor.Position, s.w.central.journal.Head().Position)
	}
}

// setBack restores central to the backup, and lets everybody come back.
func (w *world) setBack() {
	w.central.turned, w.profile.turn = true, restored
	w.central.back(w.central.epoch(record.CauseRestored, w.central.journal.Epoch().ID, w.central.saved))
	w.pass(time.Minute)
}

func (w *world) has(ref fhir.Ref) bool { _, ok := w.ledger.current[ref]; return ok }

func TestTheAuthorsComputerBringsItBack(t *testing.T) {
	w := quietWard()
	ref := w.stations[0].entry(t)
	w.stations[0].store.commit(func(c *contents) { c.kept, c.ends = nil, nil }) // it offers its entry alone
	w.stations[2].joins(t)
	if w.setBack(); !w.has(ref) || w.failure != nil {
		t.Errorf("the entry is back: %v; %v", w.has(ref), w.failure)
	}
}

func TestAComputerThatWasThereBringsItBack(t *testing.T) {
	w := quietWard()
	w.stations[2].joins(t)
	ref := w.stations[0].entry(t)
	w.pass(5 * time.Second)
	w.stations[0].gone()
	w.setBack()
	if !w.has(ref) || w.failure != nil {
		t.Fatalf("the entry is back: %v; %v", w.has(ref), w.failure)
	}
	if back := w.ledger.current[ref]; back.Author.User != "grace" || back.Author.Station != w.stations[0].id {
		t.Errorf("it came back as %s's at %s", back.Author.User, back.Author.Station)
	}
}

func TestTheInboundLogBringsItBack(t *testing.T) {
	w := quietWard()
	w.feed.result(0, false)
	w.pass(5 * time.Second)
	w.stations[2].joins(t)
	w.stations[0].gone()
	w.stations[1].gone()
	w.setBack()
	if err := w.onceSaid(); err != nil || w.failure != nil {
		t.Errorf("%v; %v", err, w.failure)
	}
}

// The one that remains: nobody was there but the author's computer, which is gone,
// and the one that was filled afterwards. It shows the entry until the snapshot of
// the new epoch replaces it.
func TestWhatASnapshotBroughtIsNotGivenBack(t *testing.T) {
	w := quietWard()
	ref := w.stations[0].entry(t)
	late := w.stations[2]
	late.joins(t)
	w.stations[0].gone()
	late.cut = true
	w.setBack()
	if _, shown := late.store.Held[ref]; !shown || w.has(ref) {
		t.Fatalf("cut off, the computer shows it: %v; central has it: %v", shown, w.has(ref))
	}
	late.joins(t)
	if _, shown := late.store.Held[ref]; shown || w.has(ref) || w.failure != nil {
		t.Errorf("it is shown: %v; central has it: %v; %v", shown, w.has(ref), w.failure)
	}
}
