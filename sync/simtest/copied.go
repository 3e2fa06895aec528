package simtest

import (
	"fmt"
	"slices"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/sync/client"
)

// copied is what two computers share of which one's disk is a copy of the
// other's: the identity, and what was there when it was copied.
type copied struct {
	looks int // made until then
}

// copyAComputer copies a computer's disk into another computer, which is switched
// on some seconds later. Both work on, under one identity and one key, and neither
// knows of the other.
func (w *world) copyAComputer() {
	s := w.somebody()
	image := s.store.synced
	w.after(time.Second+w.within(15*time.Second), func() {
		if !s.away() && !s.put && s.copied == nil && !w.healed {
			s.copy(image)
		}
	})
}

func (s *station) copy(image int) {
	if image > s.store.synced {
		return // a crash has taken it back further
	}
	w := s.w
	w.struck["two computers had one identity"]++
	t := newStation(w, s.nr, s.device.Wards)
	t.device, t.skew, t.damaged = s.device, s.skew, s.damaged
	t.store.log = slices.Clone(s.store.log)
	t.store.back(image)
	t.told = slices.Clone(s.told[:len(t.store.muts)])
	t.carried, t.past = s.carried, s.past
	for ref, id := range s.edits {
		if t.wrote(id) {
			t.edits[ref] = id
		}
	}
	s.copied = &copied{looks: len(t.store.looks)}
	t.copied = s.copied
	w.stations = append(w.stations, t)
	t.unburied()
	t.boot()
}

// wrote says whether an entry is on the computer's disk.
func (s *station) wrote(id record.MutationID) bool {
	return slices.ContainsFunc(s.store.muts, func(m record.Mutation) bool { return m.ID == id })
}

// shares says whether another computer goes on under this one's identity.
func (s *station) shares() bool {
	return !s.away() && slices.ContainsFunc(s.w.stations, func(o *station) bool { return o != s && o.id == s.id && !o.away() })
}

// lookedAt is somebody at a computer that shares its identity, now and then: two
// that nobody ever works at cannot be told from one, nor can they before both have
// used a number that central knows, of which one that was emptied knows few.
func (s *station) lookedAt() {
	if !s.shares() {
		return
	}
	s.w.looks++
	s.store.Look(fmt.Appendf(nil, `{"look":"%s-%d"}`, s.id, s.w.looks))
	s.step(client.Nudge{})
	s.w.after(10*time.Second, s.lookedAt)
}

// noticedTwins: no two computers go on under one identity.
func (w *world) noticedTwins() error {
	for _, s := range w.stations {
		if s.shares() {
			return fmt.Errorf("two computers go on as %s, and nobody has noticed", s.id)
		}
	}
	return nil
}

// leftNothing: what a computer wrote under an identity that it has no more is in
// the journal, or on the computer that it is now; and so is what central had signed
// for that identity, unless central was emptied.
func (w *world) leftNothing() error {
	there := map[record.Was]bool{}
	signed := map[string]bool{}
	for _, e := range w.ledger.entries {
		for _, m := range e.Mutations {
			there[first(m)] = true
		}
	}
	for _, s := range w.stations {
		if s.retired {
			continue
		}
		for _, m := range s.store.muts {
			there[first(m)] = true
		}
		for _, r := range s.store.kept {
			signed[string(r.Sig)] = true
		}
	}
	for _, s := range w.stations {
		for _, m := range s.store.muts {
			if _, told := s.store.receipts[m.ID]; !told && !there[first(m)] {
				return fmt.Errorf("%s was left behind with the identity under which it was written", m.ID)
			}
		}
		for _, r := range s.store.kept {
			if !signed[string(r.Sig)] && w.profile.turn != wiped {
				return fmt.Errorf("what central signed for %s at %d of %s was left behind with that identity", s.id, r.To, r.Epoch)
			}
		}
	}
	return nil
}

// doneOnce: what was written down once has been done once, under whichever of its
// numbers.
func (w *world) doneOnce() error {
	as := map[record.Was]record.MutationID{}
	for _, e := range w.ledger.entries {
		for _, m := range e.Mutations {
			if !slices.ContainsFunc(e.Changes, func(c record.Change) bool { return c.Mutation == m.ID }) {
				continue
			}
			work := first(m)
			if before, done := as[work]; done {
				return fmt.Errorf("%s was done as %s, and again as %s", work.ID, before, m.ID)
			}
			as[work] = m.ID
		}
	}
	return nil
}
