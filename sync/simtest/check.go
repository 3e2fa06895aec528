package simtest

import (
	"fmt"
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// atRest checks everything once nothing is left to do.
func (w *world) atRest() error {
	if !w.rest {
		return w.restless()
	}
	if w.spotCheck(); w.failure != nil {
		return w.failure
	}
	for _, check := range []func() error{w.whole, w.once, w.present, w.inOrder, w.looked, w.answered, w.returned, w.asked, w.converged} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// restless says what is still not done.
func (w *world) restless() error {
	why := ""
	for _, s := range w.stations {
		if s.machine == nil {
			why += fmt.Sprintf(" [%s: not running]", s.id)
			continue
		}
		muts, looks := s.store.Waiting()
		st := s.machine.State()
		why += fmt.Sprintf(" [%s: %d mutations and %d looks unsent, at %s %d, connected %v, caught up %v, clock %v off by %v, refused %q]",
			s.id, muts, looks, s.store.cursor.Epoch, s.store.cursor.Position, st.Connected, st.CaughtUp, st.Offset, s.skew-w.central.skew, st.Refused.Reason)
	}
	head := w.central.journal.Head()
	return fmt.Errorf("no rest after %v, head %s %d, messages wait %v:%s", patience, head.Epoch, head.Position, w.feed.waits(), why)
}

// whole: central's journal has every entry that was ever durable, without gaps
// and with a whole chain.
func (w *world) whole() error {
	return w.central.journal.View(w.ctx, func(r journal.Reader) error {
		var chain record.Hash
		n := 0
		for e, err := range r.Entries(0) {
			if err != nil {
				return err
			}
			next, err := record.ChainNext(chain, e)
			if err != nil {
				return err
			}
			if e.Position != record.Position(n+1) || next != e.Chain { //nolint:gosec // a small number
				return fmt.Errorf("the chain is broken at position %d", e.Position)
			}
			if n >= len(w.ledger.entries) || w.ledger.entries[n].Chain != e.Chain {
				return fmt.Errorf("position %d is not the entry that was committed there", e.Position)
			}
			chain = next
			n++
		}
		if n != len(w.ledger.entries) {
			return fmt.Errorf("%d entries were durable, %d are there", len(w.ledger.entries), n)
		}
		return nil
	})
}

// once: every mutation ever written is in exactly one entry, with the receipt
// that its station has; or central had it before it was wiped. A computer that
// was shut out keeps what it could not send.
func (w *world) once() error {
	in := map[record.MutationID]int{}
	receipts := map[record.MutationID]record.Receipt{}
	for _, e := range w.ledger.entries {
		for _, m := range e.Mutations {
			in[m.ID]++
		}
		for _, r := range e.Receipts {
			receipts[r.Mutation] = r
		}
	}
	for _, s := range w.stations {
		for _, m := range s.store.muts {
			n := in[m.ID]
			delete(in, m.ID)
			mine, told := s.store.receipts[m.ID]
			theirs := receipts[m.ID]
			switch {
			case n == 0 && told && w.ledger.past[m.ID] == mine, n <= 1 && s.keeps(told):
				continue
			case n != 1:
				return fmt.Errorf("mutation %s is in %d entries", m.ID, n)
			case mine != theirs:
				return fmt.Errorf("the receipt of %s is %+v at the station and %+v in the journal", m.ID, mine, theirs)
			}
			if hash, err := m.ContentHash(); err != nil || mine.Content != hash {
				return fmt.Errorf("mutation %s was changed on the way", m.ID)
			}
		}
	}
	for id := range in {
		if w.ledger.gone[id] {
			continue
		}
		return fmt.Errorf("mutation %s is in the journal, and nobody wrote it", id)
	}
	return nil
}

// keeps says whether a computer that was shut out may hold what central does not:
// what it could not send any more, and what a restore has undone, which only its
// outbox file can bring back.
func (s *station) keeps(told bool) bool {
	turned := s.w.profile.turn == restored || s.w.profile.turn == rolledBack
	return s.shut > 0 && (!told || turned)
}

// present: what was receipted, now or by central before a restore, and not
// refused, is there.
func (w *world) present() error {
	for _, s := range w.stations {
		for _, m := range s.store.muts {
			r, told := s.store.receipts[m.ID]
			if !told || r.Outcome == record.Refused || w.ledger.past[m.ID] == r || s.keeps(true) {
				continue
			}
			if !w.ledger.stands(m) {
				return fmt.Errorf("%s was receipted and is not there", m.Ref)
			}
		}
	}
	return nil
}

// inOrder: the mutations of one patient from one station stand in the station's
// order. A computer that was put back uses numbers again, and a central that was
// emptied knows nothing of those it had: of both together nobody can tell.
func (w *world) inOrder() error {
	last := map[string]uint64{}
	for _, e := range w.ledger.entries {
		for _, m := range e.Mutations {
			station, seq, _ := m.ID.Station()
			lane := string(station) + "/" + string(m.Patient)
			if seq <= last[lane] && (w.profile.turn != wiped || !w.wasPut(station)) {
				return fmt.Errorf("mutation %s of %s stands after number %d", m.ID, lane, last[lane])
			}
			last[lane] = seq
		}
	}
	return nil
}

// wasPut says whether a station was put back to an older image of its disk.
func (w *world) wasPut(id record.StationID) bool {
	return slices.ContainsFunc(w.stations, func(s *station) bool { return s.id == id && s.put })
}

// looked: every audit event of every station is in the journal exactly once, in
// order; those that a wiped central may have had, at most once. What was missing
// in a journal that was rolled back comes after the rest.
func (w *world) looked() error {
	for _, s := range w.stations {
		number := map[string]int{}
		for i, l := range s.store.looks {
			number[string(l.Event)] = i + 1
		}
		seen := make([]bool, len(s.store.looks)+1)
		last := 0
		for _, e := range w.ledger.entries {
			for _, a := range e.Audits {
				nr, own := number[string(a)]
				switch {
				case !own:
				case seen[nr] && (s.retired || nr <= s.carried):
				case seen[nr]:
					return fmt.Errorf("%s: audit event %d stands twice", s.id, nr)
				case nr < last && w.profile.turn != rolledBack && !s.retired && nr > s.carried:
					return fmt.Errorf("%s: audit event %d stands after number %d", s.id, nr, last)
				default:
					seen[nr], last = true, nr
				}
			}
		}
		for nr := int(w.ledger.pastLooks[s.id]) + 1; nr <= len(s.store.looks) && s.shut == 0; nr++ { //nolint:gosec // a small number
			if !seen[nr] {
				return fmt.Errorf("%s: audit event %d of %d is not in the journal", s.id, nr, len(s.store.looks))
			}
		}
	}
	return nil
}

// answered: each message that was answered has one row and was filed, and what
// it said stands in the record once.
func (w *world) answered() error {
	return w.central.journal.View(w.ctx, func(r journal.Reader) error {
		for _, m := range w.feed.messages {
			row, ok, err := r.Inbound(m.filing.Inbound.ID)
			switch {
			case err != nil:
				return err
			case m.buried && ok:
				return fmt.Errorf("%s was filed before central was wiped, and came back", m.filing.Inbound.ID)
			case m.buried:
			case !ok || row.Fate != record.FateFiled && row.Fate != record.FateDuplicate: // a movement may repeat one
				return fmt.Errorf("%s was answered and is %q", m.filing.Inbound.ID, row.Fate)
			}
		}
		return w.onceSaid()
	})
}

// onceSaid: no version of a laboratory's value stands twice. No two messages of
// the simulation say the same.
func (w *world) onceSaid() error {
	seen := map[string]record.Position{}
	for _, e := range w.ledger.entries {
		for _, c := range e.Changes {
			if c.Ref.Type != fhir.TypeObservation || c.Author.Sender == "" {
				continue
			}
			key := c.Ref.String() + " " + string(c.Body)
			if seen[key] != 0 {
				return fmt.Errorf("a value of %s stands twice, at %d and %d", c.Ref, seen[key], e.Position)
			}
			seen[key] = e.Position
		}
	}
	for _, m := range w.feed.messages {
		for _, d := range m.filing.Groups[0].Drafts {
			if m.buried || d.Ref.Type != fhir.TypeObservation {
				continue
			}
			if !slices.ContainsFunc(w.ledger.entries, func(e record.Entry) bool { return says(e, d) }) {
				return fmt.Errorf("the value of %s in %s is not in the record", d.Ref, m.filing.Inbound.ID)
			}
		}
	}
	return nil
}

func says(e record.Entry, d record.Draft) bool {
	return slices.ContainsFunc(e.Changes, func(c record.Change) bool {
		return c.Ref == d.Ref && valueOf(c.Body) == valueOf(d.Ops[0].Value)
	})
}

func valueOf(body []byte) int {
	v, err := fhir.View[struct {
		ValueInteger int `json:"valueInteger"`
	}](body)
	must(err)
	return v.ValueInteger
}

// converged: every station holds exactly its scope.
func (w *world) converged() error {
	for _, s := range w.stations {
		if s.shut > 0 {
			continue
		}
		if err := w.holdsItsScope(s); err != nil {
			return err
		}
	}
	return nil
}

// holdsItsScope says what a station lacks, holds too much, or holds otherwise than
// central.
func (w *world) holdsItsScope(s *station) error {
	now := w.ledger.at(1 << 62)
	in := now.scope(s.device.Wards)
	want := 0
	for ref, c := range now.version {
		if !in[c.Patient] && !own(c, s.device.Wards) {
			continue
		}
		want++
		if got := s.store.Held[ref]; got.Version != c.Version || string(got.Body) != string(c.Body) {
			return fmt.Errorf("%s holds version %d of %s, central %d, or another body", s.id, got.Version, ref, c.Version)
		}
	}
	for p := range in {
		if mine, theirs := headOf(s.store.Held, p), headOf(now.version, p); mine != theirs {
			return fmt.Errorf("%s: the head of a compartment is %v, central's is %v", s.id, mine, theirs)
		}
	}
	for ref, c := range s.store.Held {
		if !in[c.Patient] && !own(now.version[ref], s.device.Wards) && w.ledger.wasOwn(ref, s.device.Wards) {
			want++
		}
	}
	if len(s.store.Held) != want {
		return fmt.Errorf("%s holds %d resources, its scope has %d", s.id, len(s.store.Held), want)
	}
	return nil
}

// headOf is the head of a patient's compartment.
func headOf(held map[fhir.Ref]record.Change, patient fhir.ID) record.Head {
	var compartment []record.Change
	for _, c := range held {
		if c.Patient == patient {
			compartment = append(compartment, c)
		}
	}
	return record.HeadOf(compartment)
}
