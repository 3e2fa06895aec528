package simtest

import (
	"fmt"
	"maps"
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
	for _, check := range []func() error{w.whole, w.once, w.present, w.inOrder, w.noticedTwins, w.leftNothing, w.doneOnce, w.looked, w.answered, w.returned, w.asked, w.ticked, w.converged, w.papers} {
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
// was shut out keeps what it could not send. No number stands twice, whoever
// used it.
func (w *world) once() error {
	numbers := map[record.MutationID]bool{}
	in := map[record.Was]int{}
	receipts := map[record.MutationID]record.Receipt{}
	for _, e := range w.ledger.entries {
		for _, m := range e.Mutations {
			if numbers[m.ID] {
				return fmt.Errorf("number %s stands twice", m.ID)
			}
			numbers[m.ID] = true
			in[named(m)]++
		}
		for _, r := range e.Receipts {
			receipts[r.Mutation] = r
		}
	}
	written := maps.Clone(w.ledger.gone)
	for _, s := range w.stations {
		for _, m := range s.store.muts {
			work := named(m)
			written[work] = true
			n := in[work]
			mine, told := s.store.receipts[m.ID]
			switch {
			case told && w.ledger.past[m.ID] == mine && (n == 0 || n == 1 && s.copied != nil): // its twin had no receipt
			case n <= 1 && s.keeps(told):
			case n == 0 && s.believedAhead(m.ID):
			case n != 1:
				return fmt.Errorf("mutation %s is in %d entries", m.ID, n)
			case mine != receipts[m.ID]:
				return fmt.Errorf("the receipt of %s is %+v at the station and %+v in the journal", m.ID, mine, receipts[m.ID])
			}
		}
	}
	for _, s := range w.stations {
		if len(s.store.ahead) > 0 && !s.old() {
			return fmt.Errorf("%s believed receipts that its cursor had not reached: %v", s.id, s.store.ahead)
		}
	}
	for work := range in {
		if !written[work] {
			return fmt.Errorf("mutation %s is in the journal, and nobody wrote it", work.ID)
		}
	}
	return nil
}

// keeps says whether a computer that has left may hold what central does not:
// what it could not send any more, and what a restore has undone: returned holds the
// next identity to what central had signed, and the rest, which a snapshot brought,
// only the outbox file can bring back.
func (s *station) keeps(told bool) bool {
	turned := s.w.profile.turn == restored || s.w.profile.turn == rolledBack
	return s.away() && (!told || turned)
}

// present: what was receipted, now or by central before a restore, and not
// refused, is there.
func (w *world) present() error {
	for _, s := range w.stations {
		for _, m := range s.store.muts {
			r, told := s.store.receipts[m.ID]
			if !told || r.Outcome == record.Refused || w.ledger.past[m.ID] == r || s.keeps(true) || s.believedAhead(m.ID) {
				continue
			}
			if !w.ledger.stands(m) {
				return fmt.Errorf("%s was receipted and is not there", m.Ref)
			}
			if !w.ledger.asWritten(m) {
				return fmt.Errorf("%s was receipted, and nowhere says what was written", m.Ref)
			}
		}
	}
	return nil
}

// inOrder: the mutations of one patient from one station stand in the station's
// order; where its numbers were used by two computers, or twice by one, in that of
// each.
func (w *world) inOrder() error {
	at := map[record.Was]int{}
	last := map[string]uint64{}
	for _, e := range w.ledger.entries {
		for _, m := range e.Mutations {
			at[named(m)] = len(at) + 1
			station, seq, _ := m.ID.Station()
			lane := string(station) + "/" + string(m.Patient)
			if seq <= last[lane] && !w.doubled(station) {
				return fmt.Errorf("mutation %s of %s stands after number %d", m.ID, lane, last[lane])
			}
			last[lane] = seq
		}
	}
	for _, s := range w.stations {
		if err := s.inItsOrder(at); err != nil && w.profile.turn != wiped {
			return err
		}
	}
	return nil
}

// inItsOrder holds the entries of one computer to its order. What one of two twins
// had sent before central was emptied, and the other had not, comes when it may.
func (s *station) inItsOrder(at map[record.Was]int) error {
	last := map[fhir.ID]int{}
	for _, m := range s.store.muts {
		n, there := at[named(m)]
		if there && n < last[m.Patient] {
			return fmt.Errorf("mutation %s stands before one of the same patient that was written first", m.ID)
		}
		last[m.Patient] = max(n, last[m.Patient])
	}
	return nil
}

// doubled says whether a station's numbers were used for two things: two computers
// had its identity, or it was put back to an older image of its disk.
func (w *world) doubled(id record.StationID) bool {
	return slices.ContainsFunc(w.stations, func(s *station) bool { return s.id == id && (s.put || s.copied != nil) })
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
				case seen[nr] && s.mayTwice(nr):
				case seen[nr]:
					return fmt.Errorf("%s: audit event %d stands twice", s.id, nr)
				case nr < last && w.profile.turn != rolledBack && !s.mayTwice(nr):
					return fmt.Errorf("%s: audit event %d stands after number %d", s.id, nr, last)
				default:
					seen[nr], last = true, nr
				}
			}
		}
		for nr := int(s.past) + 1; nr <= len(s.store.looks) && !s.away(); nr++ { //nolint:gosec // a small number
			if !seen[nr] && !s.believesAtOnce() {
				return fmt.Errorf("%s: audit event %d of %d is not in the journal", s.id, nr, len(s.store.looks))
			}
		}
	}
	return nil
}

// mayTwice says whether an audit event may stand twice, and out of order: it came
// along into another identity, or both computers had it that shared one.
func (s *station) mayTwice(nr int) bool {
	return s.retired || nr <= s.carried || s.copied != nil && nr <= s.copied.looks
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
		if s.away() {
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
	in := now.scope(s.device.Holds())
	want := 0
	for ref, c := range now.version {
		if !in[c.Patient] && !own(c, s.device.Holds()) {
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
		if !in[c.Patient] && !own(now.version[ref], s.device.Holds()) && w.ledger.wasOwn(ref, s.device.Holds()) {
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

// believesAtOnce says that a station is told no position with central's word on its
// looks (capability 15), and stores it at once: what a central that is put back
// without a word had then, and not any more, only a later program would offer again.
func (s *station) believesAtOnce() bool { return s.old() && s.w.profile.turn == rolledBack }

// believedAhead says that a station of the first release stored a receipt which its
// cursor had not reached, after the 5 s for which such a program waits (capability 3
// ended that): what a central that was put back without a word, and has grown again,
// had only then is lost with it. No other program may ever do so.
func (s *station) believedAhead(id record.MutationID) bool {
	return s.believesAtOnce() && s.store.ahead[id]
}
