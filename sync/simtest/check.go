package simtest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// ledger is what an observer outside has seen: each entry that became durable,
// and each receipt that reached a station's store.
type ledger struct {
	entries  []record.Entry
	receipts map[record.MutationID]record.Receipt
	acks     map[fhir.Ref]bool
	outcomes map[record.Outcome]int
}

func (l *ledger) begin() {
	l.receipts = map[record.MutationID]record.Receipt{}
	l.acks = map[fhir.Ref]bool{}
	l.outcomes = map[record.Outcome]int{}
}

// entry takes a commit, and checks what can be seen at once.
func (l *ledger) entry(w *world, e record.Entry) {
	if want := record.Position(len(l.entries) + 1); e.Position != want {
		w.fail("a gap: position %d after %d", e.Position, want-1)
	}
	for _, m := range e.Mutations {
		l.outcomes[outcomeOf(e, m.ID)]++
		if len(e.Audits) == 0 {
			w.fail("mutation %s has no audit event in its entry", m.ID)
		}
	}
	for _, c := range e.Changes {
		if c.Ref.Type != fhir.TypeTask || c.Mutation == "" || fhir.ID(c.Mutation) != c.Ref.ID {
			continue
		}
		if c.Version != 1 {
			w.fail("acknowledgement %s was changed", c.Ref)
		}
	}
	l.entries = append(l.entries, e)
}

func outcomeOf(e record.Entry, id record.MutationID) record.Outcome {
	for _, r := range e.Receipts {
		if r.Mutation == id {
			return r.Outcome
		}
	}
	return 0
}

// receipted takes receipts that a station stores.
func (l *ledger) receipted(rs []record.Receipt) {
	for _, r := range rs {
		l.receipts[r.Mutation] = r
	}
}

// rollback is a restore: what came after is gone, and so is central's word on
// it, until the stations offer again.
func (l *ledger) rollback(to record.Position) { l.entries = l.entries[:to] }

// sentReceipts holds central to its word at the moment it gives it.
func (w *world) sentReceipts(rs []record.Receipt) {
	for _, r := range rs {
		if r.Position == 0 || int(r.Position) > len(w.ledger.entries) || //nolint:gosec // a small number
			outcomeOf(w.ledger.entries[r.Position-1], r.Mutation) != r.Outcome {
			w.fail("the receipt of %s was sent without its entry", r.Mutation)
		}
	}
}

// state is the record at a position, worked out plainly from the entries.
type state struct {
	version map[fhir.Ref]record.Change
	last    map[fhir.ID]record.Position // of each patient's last movement
}

func (l *ledger) at(p record.Position) state {
	s := state{map[fhir.Ref]record.Change{}, map[fhir.ID]record.Position{}}
	for _, e := range l.entries {
		for _, c := range e.Changes {
			if c.History {
				continue
			}
			if e.Position <= p {
				s.version[c.Ref] = c
			}
			if c.Ref.Type == fhir.TypeEncounter {
				s.last[c.Patient] = e.Position
			}
		}
	}
	return s
}

// scope are the patients on some wards.
func (s state) scope(wards []record.Ward) map[fhir.ID]bool {
	in := map[fhir.ID]bool{}
	for ref, c := range s.version {
		if ref.Type != fhir.TypeEncounter {
			continue
		}
		keys, err := journal.Keys(c)
		must(err)
		for _, k := range keys {
			if k.Index == journal.ByWard && slices.Contains(wards, record.Ward(k.Key)) {
				in[c.Patient] = true
			}
		}
	}
	return in
}

// spotCheck looks at every station in the middle of things: of each patient who
// has stayed in its scope it holds at least what its cursor says.
func (w *world) spotCheck() {
	for _, s := range w.stations {
		cur := s.store.cursor
		if cur.Epoch != w.central.journal.Epoch().ID || int(cur.Position) > len(w.ledger.entries) || //nolint:gosec // a small number
			cur.Position > 0 && w.ledger.entries[cur.Position-1].Chain != cur.Chain {
			continue // it has not yet heard that central was restored
		}
		st := w.ledger.at(cur.Position)
		in := st.scope(s.device.Wards)
		for ref, c := range st.version {
			if in[c.Patient] && st.last[c.Patient] <= cur.Position && s.store.Held[ref].Version < c.Version {
				w.fail("%s stands at %d and holds version %d of %s, not %d", s.id, cur.Position, s.store.Held[ref].Version, ref, c.Version)
			}
		}
	}
}

// atRest checks everything once nothing is left to do.
func (w *world) atRest() error {
	if !w.rest {
		return w.restless()
	}
	for _, check := range []func() error{w.whole, w.once, w.inOrder, w.looked, w.converged, w.told} {
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
		muts, looks := s.store.Waiting()
		st := s.machine.State()
		why += fmt.Sprintf(" [%s: %d mutations and %d looks unsent, at %d, connected %v, caught up %v, refused %q]",
			s.id, muts, looks, s.store.cursor.Position, st.Connected, st.CaughtUp, st.Refused.Reason)
	}
	return fmt.Errorf("no rest after %v, head %d:%s", patience, w.central.journal.Head().Position, why)
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
// that its station has.
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
			hash, err := m.ContentHash()
			must(err)
			switch mine, theirs := s.store.receipts[m.ID], receipts[m.ID]; {
			case in[m.ID] != 1:
				return fmt.Errorf("mutation %s is in %d entries", m.ID, in[m.ID])
			case mine != theirs:
				return fmt.Errorf("the receipt of %s is %+v at the station and %+v in the journal", m.ID, mine, theirs)
			case mine.Content != hash:
				return fmt.Errorf("mutation %s was changed on the way", m.ID)
			}
			delete(in, m.ID)
		}
	}
	for id := range in {
		return fmt.Errorf("mutation %s is in the journal, and nobody wrote it", id)
	}
	return w.present()
}

// present: what was added and not refused is there.
func (w *world) present() error {
	now := w.ledger.at(1 << 62)
	for _, s := range w.stations {
		for _, m := range s.store.muts {
			if _, there := now.version[m.Ref]; !there && s.store.receipts[m.ID].Outcome != record.Refused {
				return fmt.Errorf("%s was receipted and is not there", m.Ref)
			}
		}
	}
	return nil
}

// inOrder: the mutations of one patient from one station stand in the station's
// order.
func (w *world) inOrder() error {
	last := map[string]uint64{}
	for _, e := range w.ledger.entries {
		for _, m := range e.Mutations {
			station, seq, _ := m.ID.Station()
			lane := string(station) + "/" + string(m.Patient)
			if seq <= last[lane] {
				return fmt.Errorf("mutation %s of %s stands after number %d", m.ID, lane, last[lane])
			}
			last[lane] = seq
		}
	}
	return nil
}

// looked: every audit event of every station is in the journal exactly once, in
// order.
func (w *world) looked() error {
	for _, s := range w.stations {
		next := 0
		for _, e := range w.ledger.entries {
			for _, a := range e.Audits {
				if next < len(s.store.looks) && string(a) == string(s.store.looks[next].Event) {
					next++
				} else if slices.ContainsFunc(s.store.looks[:next], func(l record.Look) bool { return string(l.Event) == string(a) }) {
					return fmt.Errorf("%s: an audit event is there twice", s.id)
				}
			}
		}
		if next != len(s.store.looks) {
			return fmt.Errorf("%s: %d of %d audit events are in the journal", s.id, next, len(s.store.looks))
		}
	}
	return nil
}

// converged: every station holds exactly its scope.
func (w *world) converged() error {
	now := w.ledger.at(1 << 62)
	for _, s := range w.stations {
		in := now.scope(s.device.Wards)
		want := map[fhir.Ref]record.Version{}
		for ref, c := range now.version {
			if in[c.Patient] {
				want[ref] = c.Version
			}
		}
		for ref, v := range want {
			if got := s.store.Held[ref].Version; got != v {
				return fmt.Errorf("%s holds version %d of %s, central %d", s.id, got, ref, v)
			}
			if string(s.store.Held[ref].Body) != string(now.version[ref].Body) {
				return fmt.Errorf("%s holds another body of %s than central", s.id, ref)
			}
		}
		for ref := range maps.Keys(s.store.Held) {
			if _, ok := want[ref]; !ok {
				return fmt.Errorf("%s still holds %s, which is not in its scope", s.id, ref)
			}
		}
	}
	return nil
}

// told: each station knows how far its clock is off.
func (w *world) told() error {
	for _, s := range w.stations {
		if off := s.machine.State().Offset + s.skew; off > 100*time.Millisecond || off < -100*time.Millisecond {
			return fmt.Errorf("%s: its clock is off by %v and it thinks %v", s.id, -s.skew, s.machine.State().Offset)
		}
	}
	return nil
}
