package simtest

import (
	"maps"
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/wire"
)

// putBack puts a computer's disk back to an image that is some seconds old, and
// tells nobody: what was written since is gone from it, and its numbers are used
// again.
func (w *world) putBack() {
	s := w.somebody()
	image := s.store.synced
	w.after(time.Second+w.within(15*time.Second), func() {
		if !s.away() && !s.put && s.copied == nil && !w.healed {
			s.backTo(image)
		}
	})
}

func (s *station) backTo(image int) {
	if image > s.store.synced {
		return // a crash has taken it back further
	}
	s.w.struck["a disk image was older than the computer"]++
	s.put = true
	s.stop()
	s.store.back(image)
	for _, m := range s.told[len(s.store.muts):] {
		s.w.ledger.gone[named(m)] = true
		maps.DeleteFunc(s.edits, func(_ fhir.Ref, id record.MutationID) bool { return id == m.ID })
	}
	s.told = s.told[:len(s.store.muts)]
	s.unburied()
	s.w.after(time.Second+s.w.within(3*time.Second), func() {
		if s.machine == nil && !s.retired {
			s.boot()
		}
	})
}

// unburied says that what the disk knows no receipt of was not buried by a wipe:
// what never had one is offered.
func (s *station) unburied() {
	for _, m := range s.store.muts {
		if _, told := s.store.receipts[m.ID]; !told && !s.away() {
			delete(s.w.ledger.buried, named(m))
		}
	}
}

// away says whether a computer has left for good: it was shut out, or has another
// identity now.
func (s *station) away() bool { return s.shut > 0 || s.retired }

// stop ends the program at once.
func (s *station) stop() {
	s.machine = nil
	s.life++
	s.store.lazy = false
	if s.conn != nil {
		s.conn.reset(false)
	}
}

// noticed sees to a computer that says that its identity is not its own: an
// administrator gives it a new one.
func (s *station) noticed() {
	if s.machine == nil || s.retired || s.machine.State().Refused.Reason != wire.ByeCloned.String() {
		return
	}
	if !s.put && s.copied == nil {
		s.w.fail("%s takes itself for a copy", s.id)
		return
	}
	s.retired = true
	s.w.entering++
	s.w.after(s.w.within(3*time.Second), s.enrolAgain)
}

// enrolAgain is a new identity for a computer, with what only the old one has, as
// the program does it; the old one is withdrawn where nobody uses it any more.
func (s *station) enrolAgain() {
	w := s.w
	w.struck["a computer got a new identity"]++
	s.stop()
	n := newStation(w, w.named, s.device.Wards)
	w.named++
	w.stations = append(w.stations, n)
	n.carry(s)
	if s.copied != nil {
		w.struck["a copied disk got a new identity"]++
	}
	if !slices.ContainsFunc(w.stations, func(o *station) bool { return o.id == s.id && !o.retired }) {
		w.setDevice(s, func(d *record.Device) { d.Revoked = begun + w.now.Milliseconds() })
	}
	w.enter(n)
}

// enter makes a computer known, and starts it.
func (w *world) enter(n *station) {
	if w.central.down || w.central.submitter.PutDevice(w.ctx, record.Author{Sender: "administrator"}, n.device) != nil {
		w.after(500*time.Millisecond, func() { w.enter(n) })
		return
	}
	w.entering--
	n.boot()
}

// carry writes down what an old identity could not send, and takes along what
// central had signed for it.
func (s *station) carry(old *station) {
	unsent, err := old.store.Unsent(0, 1<<20)
	must(err)
	if s.w.plant == LeftBehind {
		unsent = unsent[:len(unsent)/2]
	}
	to := map[record.MutationID]record.MutationID{}
	for i, m := range unsent {
		to[m.ID] = record.MutationOf(s.id, uint64(i)+1)
	}
	for _, m := range unsent {
		m, err := m.Again(s.id, to)
		must(err)
		if s.w.plant == AgainUnnamed {
			m.Was = nil
		}
		m.KeyID = s.key.ID()
		msg, err := m.SigningBytes()
		must(err)
		m.Sig = s.sign(msg)
		s.store.Write(m)
		s.told = append(s.told, m)
	}
	looks, err := old.store.UnsentLooks(0, 1<<20)
	must(err)
	for _, l := range looks {
		s.store.Look(l.Event)
	}
	s.carried = len(looks)
	if s.w.plant != KeptLeftBehind {
		s.store.Keep(old.store.archive)
	}
}

// stands says whether what a mutation made is in the record: under its own name,
// or under another that the same work had: it was written down again, and that came
// first, or it is a change, and was made to what stood there already.
func (l *ledger) stands(m record.Mutation) bool {
	if _, there := l.current[m.Ref]; there {
		return true
	}
	for _, e := range l.entries {
		for _, o := range e.Mutations {
			if _, there := l.current[o.Ref]; there && first(o) == first(m) {
				return true
			}
		}
	}
	_, there := l.current[l.madeTo(m)]
	return there
}

// madeTo is the resource that a mutation changed: what it names, or, where that
// stands under another number, the one that is it.
func (l *ledger) madeTo(m record.Mutation) fhir.Ref {
	if _, there := l.current[m.Ref]; there {
		return m.Ref
	}
	for _, e := range l.entries {
		for _, c := range e.Changes {
			if c.Mutation == m.ID || m.Was != nil && c.Mutation == m.Was.ID {
				return c.Ref
			}
		}
	}
	return m.Ref
}
