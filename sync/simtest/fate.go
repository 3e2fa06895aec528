package simtest

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/central/journal/memjournal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// fates are what strikes at a moment: each in one history of oneIn, up to most
// times.
var fates = []struct {
	name        string
	oneIn, most int
	do          func(*world)
}{
	{"a program crashed", 2, 6, (*world).crashSomebody},
	{"a line broke", 2, 6, (*world).cutSomebody},
	{"a computer's disk was full", 6, 2, (*world).fillAStation},
	{"central's disk was full", 6, 2, (*world).fillCentral},
	{"a clock jumped", 4, 3, (*world).jumpAClock},
	{"a computer slept", 4, 3, (*world).sleep},
	{"an entry was forged", 6, 3, (*world).forgeAnEntry},
	{"a batch was to be forged", 6, 3, (*world).forgeABatch},
	{"a computer got other wards", 5, 2, (*world).moveAComputer},
	{"a computer was shut out", 8, 1, (*world).shutOut},
	{"a copy was damaged", 3, 2, (*world).damage},
	{"a computer's disk was to be put back", 6, 1, (*world).putBack},
	{"a computer was to be copied", 6, 1, (*world).copyAComputer},
	{"a record was lent", 4, 3, (*world).lend},
}

// schedule fills the heap with what people, senders and fate will do.
func (w *world) schedule() {
	for at := time.Duration(0); at < chaos; at += w.within(2 * w.profile.busy) {
		w.at(at, w.something)
	}
	for i, f := range fates {
		for range w.profile.fates[i] {
			w.at(w.within(chaos), func() {
				w.struck[f.name]++
				f.do(w)
			})
		}
	}
	if w.profile.turn != steady {
		at, saved := chaos/2+w.within(chaos/2), w.within(chaos/2)
		if w.profile.sudden {
			saved = at - w.within(1500*time.Millisecond)
		}
		w.at(saved, w.central.backup)
		w.at(at, w.central.take)
	}
	for at := time.Second; at < chaos; at += 4 * time.Second {
		w.at(at, w.spotCheck)
	}
}

// something happens in the hospital.
func (w *world) something() {
	if w.rng.IntN(2) == 0 {
		w.feed.news()
		return
	}
	w.somebody().act()
}

func (w *world) somebody() *station { return w.stations[w.rng.IntN(len(w.stations))] }

// crashSomebody crashes a station, or central: now, or on either side of its
// next commit.
func (w *world) crashSomebody() {
	switch n := w.rng.IntN(6); n {
	case 0, 1, 2:
		w.stations[n].crash()
	case 3:
		w.central.crash()
	case 4:
		w.central.crashing = memjournal.BeforeCommit
	case 5:
		w.central.crashing = memjournal.AfterCommit
	}
}

// cutSomebody cuts a station's cable for a while: nothing passes and nobody is
// told; or breaks its connection once, for both sides or for none to see.
func (w *world) cutSomebody() {
	s := w.somebody()
	if w.rng.IntN(3) == 0 {
		if s.conn != nil {
			s.conn.reset(w.chance(0.5))
		}
		return
	}
	s.cut = true
	w.after(time.Second+w.within(20*time.Second), func() { s.cut = false })
}

func (w *world) fillAStation() {
	s := w.somebody()
	s.store.full = true
	w.after(time.Second+w.within(15*time.Second), func() { s.store.full = false })
}

func (w *world) fillCentral() {
	w.central.full = true
	w.after(time.Second+w.within(8*time.Second), func() { w.central.full = false })
}

// jumpAClock sets a wall clock, by up to a day.
func (w *world) jumpAClock() {
	jump := time.Duration(w.rng.Int64N(int64(48*time.Hour))) - 24*time.Hour
	if w.rng.IntN(4) == 0 {
		w.central.skew += jump
		return
	}
	w.somebody().skew += jump
}

// sleep closes a laptop: nothing happens on it, and its monotonic clock stands
// still.
func (w *world) sleep() {
	s := w.somebody()
	if w.now < s.wakes {
		return
	}
	d := time.Second + w.within(25*time.Second)
	s.wakes = w.now + d
	s.slept += d
}

// forgeAnEntry offers central an entry under a computer's next number that it
// did not sign. It must be refused, and must not take the number.
func (w *world) forgeAnEntry() {
	s := w.somebody()
	c := w.central
	refs := s.heldOf(fhir.TypePatient)
	if c.down || c.full || len(refs) == 0 || s.device.Revoked != 0 || s.put || s.copied != nil { // whose numbers may be used
		return
	}
	id := record.MutationOf(s.id, s.store.NextSeq())
	m := record.Mutation{
		ID: id, Ref: fhir.Ref{Type: fhir.TypeCommunication, ID: fhir.ID(id)}, Patient: s.store.Held[refs[0]].Patient,
		Author: record.Author{User: "grace", Station: s.id}, KeyID: s.key.ID(), Sig: []byte("forged"),
		Ops: []record.Op{{Kind: record.OpPut, Value: canonical(`{"id":"` + string(id) + `","resourceType":"Communication"}`)}},
	}
	c.given(Input{Peer: s.peer(), Mutation: &m})
	if r, err := c.submitter.Submit(w.ctx, s.peer(), m); err == nil && r.Outcome != record.Refused {
		w.fail("an entry that %s did not sign was %s", s.id, r.Outcome)
	}
}

func (w *world) forgeABatch() {
	if s := w.somebody(); s.conn != nil {
		s.conn.forge = true
	}
}

// damage changes a station's copy of something, as no rule allows and no disk
// should; where both sides compare, it is noticed and filled again.
func (w *world) damage() {
	s := w.somebody()
	refs := append(s.heldOf(fhir.TypeObservation), s.heldOf(fhir.TypeDiagnosticReport)...)
	if !w.profile.compares || s.old() || len(refs) == 0 || s.machine == nil {
		return
	}
	ref := refs[w.rng.IntN(len(refs))]
	w.struck["a copy was changed by nobody"]++
	s.damaged = true
	s.store.commit(func(c *contents) {
		if held, ok := c.Held[ref]; ok {
			held.Body = canonical(strings.ReplaceAll(string(held.Body), "a", "b"))
			c.Held[ref] = held
		}
	})
}

// moveAComputer gives a computer other wards. Its people wrote about those whom
// it showed, and it goes on showing no others.
func (w *world) moveAComputer() {
	s := w.somebody()
	wards := [][]record.Ward{{"A"}, {"B"}, {"C"}, {"A", "C"}, {"B", "C"}}[w.rng.IntN(5)]
	if s.device.Revoked == 0 && !slices.Equal(wards, s.device.Wards) {
		w.setDevice(s, func(d *record.Device) { d.Wards = wards })
	}
}

// shutOut takes a computer's access away.
func (w *world) shutOut() {
	s := w.somebody()
	w.setDevice(s, func(d *record.Device) { d.Revoked = begun + w.now.Milliseconds() })
}

// setDevice is the administrator's change of what central knows of a computer,
// tried until central can store it.
func (w *world) setDevice(s *station, change func(*record.Device)) {
	c := w.central
	dev := s.device
	change(&dev)
	if !c.down {
		c.given(Input{Device: &dev})
	}
	if c.down || c.submitter.PutDevice(w.ctx, record.Author{Sender: "administrator"}, dev) != nil {
		w.after(500*time.Millisecond, func() { w.setDevice(s, change) })
		return
	}
	known, err := c.submitter.Device(w.ctx, s.id)
	must(err)
	for _, o := range w.stations {
		if o.id != s.id {
			continue
		}
		if o.device = known; dev.Revoked != 0 && o.shut == 0 {
			o.shut = w.now
		}
	}
}

// heal ends everything that goes wrong, and lets the world come to rest.
func (w *world) heal() {
	w.now = max(w.now, chaos)
	w.healed = true
	w.profile.drop, w.profile.double, w.profile.overtake, w.profile.far = 0, 0, 0, 0
	w.central.crashing, w.central.full = 0, false
	if w.central.down {
		w.central.open()
	}
	for _, s := range w.stations {
		s.lookedAt()
		s.cut, s.store.full = false, false
		if s.machine == nil && !s.retired {
			s.boot()
		}
	}
	var look func()
	look = func() {
		if w.rest = w.calm(); !w.rest {
			w.after(time.Second, look)
		}
	}
	w.after(time.Second, look)
}

// calm says that nothing is left to be done.
func (w *world) calm() bool {
	if w.central.down || w.central.refiling || w.feed.waits() || w.entering > 0 {
		return false
	}
	head := w.central.journal.Head()
	for _, s := range w.stations {
		if s.away() {
			continue
		}
		if s.machine == nil {
			return false
		}
		muts, looks := s.store.Waiting()
		state := s.machine.State()
		if muts > 0 || looks > 0 || s.store.cursor != head || !state.Connected || !state.CaughtUp || !state.Measured || !s.onTime() {
			return false
		}
		if s.damaged && w.holdsItsScope(s) != nil {
			return false // it is compared, and filled again
		}
		if s.gives(head) || s.lacks() {
			return false
		}
	}
	return true
}

// gives says whether a station still has to give back what central signed before
// it was set back: where the message was lost it is sent again only after
// Timing.Stall.
func (s *station) gives(head record.Cursor) bool {
	if s.old() || s.w.central.journal.Epoch().Cause != record.CauseRestored {
		return false
	}
	_, more, err := s.store.NextReturn(head.Epoch)
	must(err)
	return more
}

// Happenings are what Play counts, and what every simulation must have seen.
func Happenings() []string {
	all := []string{
		"central's full disk was met", "a ward kept somebody who left", "a person was told that the disk is full", "a message was sent again",
		"a batch was forged", "a rollback was proven", "a batch was given back", "a critical result overtook", "history came after what a screen shows", "a delta was put together", "a delta could not be put together", "a document was fetched", "a part of a document was wrong", "somebody asked for a document of another ward", "a copy was changed by nobody", "a routine's step was ticked", "a disk image was older than the computer", "a computer got a new identity",
		"two computers had one identity", "a copied disk got a new identity", "an entry became what its station showed",
		"outcome " + record.Applied.String(), "outcome " + record.Merged.String(),
		"outcome " + record.Review.String(), "outcome " + record.Refused.String(),
	}
	for _, f := range fates {
		all = append(all, f.name)
	}
	for t := steady; t < turns; t++ {
		all = append(all, "turn: "+t.String())
	}
	return all
}
