package simtest

import (
	"maps"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// ledger is what an observer outside has seen: each entry that became durable,
// what people were told is saved, and what a wipe has buried.
type ledger struct {
	entries  []record.Entry
	outcomes map[record.Outcome]int
	current  map[fhir.Ref]record.Change // at the head
	foreseen map[record.Was]foresight
	wards    map[version]record.Ward // of Encounters, see wardOf
	gone     map[record.Was]bool     // written on a disk that is an older one now

	// Of journals that were wiped.
	past   map[record.MutationID]record.Receipt // central's words
	buried map[record.Was]bool                  // receipted, and the station had stored that
}

func (l *ledger) begin() {
	l.outcomes = map[record.Outcome]int{}
	l.current = map[fhir.Ref]record.Change{}
	l.foreseen = map[record.Was]foresight{}
	l.wards = map[version]record.Ward{}
	l.gone = map[record.Was]bool{}
	l.past = map[record.MutationID]record.Receipt{}
	l.buried = map[record.Was]bool{}
}

// named is a mutation's number with its content: of two computers with one
// identity both may have used the number.
func named(m record.Mutation) record.Was {
	content, err := m.ContentHash()
	must(err)
	return record.Was{ID: m.ID, Content: content}
}

// first is what a mutation was when it was first written down.
func first(m record.Mutation) record.Was {
	if m.Was != nil {
		return *m.Was
	}
	return named(m)
}

// entry takes a commit, and checks what can be seen at once.
func (l *ledger) entry(w *world, e record.Entry) {
	if want := record.Position(len(l.entries) + 1); e.Position != want {
		w.fail("a gap: position %d after %d", e.Position, want-1)
	}
	again := len(e.Inbound) > 0 && e.Inbound[0].Copies > 0 // counted, and audited when it came first
	if len(e.Mutations)+len(e.Changes)+len(e.Notes) > 0 && !again && len(e.Audits) == 0 {
		w.fail("position %d has no audit event", e.Position)
	}
	for _, m := range e.Mutations {
		l.outcomes[outcomeOf(e, m.ID)]++
		if l.buried[named(m)] {
			w.fail("mutation %s was receipted before central was wiped, and came back", m.ID)
		}
	}
	for _, c := range e.Changes {
		l.change(w, e, c)
	}
	l.entries = append(l.entries, e)
}

func (l *ledger) change(w *world, e record.Entry, c record.Change) {
	if c.Ref.Type == fhir.TypeTask && c.Mutation != "" && fhir.ID(c.Mutation) == c.Ref.ID && c.Version != 1 && !isRun(c.Body) {
		w.fail("acknowledgement %s was changed", c.Ref)
	}
	if c.History {
		return
	}
	w.asForeseen(e, c, l.current[c.Ref])
	l.current[c.Ref] = c
}

func receiptOf(e record.Entry, id record.MutationID) record.Receipt {
	for _, r := range e.Receipts {
		if r.Mutation == id {
			return r
		}
	}
	return record.Receipt{}
}

func outcomeOf(e record.Entry, id record.MutationID) record.Outcome { return receiptOf(e, id).Outcome }

// rollback is a restore: what came after is gone, and so is central's word on
// it, until the stations offer again.
func (l *ledger) rollback(to record.Position) {
	l.entries = l.entries[:to]
	clear(l.wards)
	clear(l.foreseen) // of versions whose numbers are given again
	l.current = map[fhir.Ref]record.Change{}
	for _, e := range l.entries {
		for _, c := range e.Changes {
			if !c.History {
				l.current[c.Ref] = c
			}
		}
	}
}

// bury is a wipe: central's earlier words stand, and nothing of what they are
// about is to come back.
func (l *ledger) bury(w *world) {
	for _, e := range l.entries {
		for _, r := range e.Receipts {
			l.past[r.Mutation] = r
		}
	}
	for _, s := range w.stations {
		for _, m := range s.store.muts {
			if _, told := s.store.receipts[m.ID]; told {
				l.buried[named(m)] = true
			}
		}
		s.past = uint64(len(s.store.looks))
	}
	for _, s := range w.stations {
		s.unburied()
	}
	l.entries = nil
	clear(l.current)
	clear(l.foreseen)
	clear(l.wards)
}

// sentReceipts holds central to its word at the moment it gives it.
func (w *world) sentReceipts(rs []record.Receipt) {
	for _, r := range rs {
		if r.Position == 0 || int(r.Position) > len(w.ledger.entries) || //nolint:gosec // a small number
			outcomeOf(w.ledger.entries[r.Position-1], r.Mutation) != r.Outcome && !w.ofAnother(r) {
			w.fail("the receipt of %s was sent without its entry", r.Mutation)
		}
	}
}

// ofAnother says whether a receipt tells a computer only that its number is
// another entry's, which came back after a restore and so has no receipt here: the
// other one stands, and the content named is nobody's, so that no computer takes
// it for its own.
func (w *world) ofAnother(r record.Receipt) bool {
	for _, s := range w.stations {
		for _, m := range s.store.muts {
			if m.ID == r.Mutation && named(m).Content == r.Content {
				return false
			}
		}
	}
	for _, e := range w.ledger.entries[:r.Position] {
		for _, c := range e.Changes {
			if c.Mutation == r.Mutation && c.Version == r.Version && c.Origin != nil {
				return true
			}
		}
	}
	return false
}

// state is the record at a position, worked out plainly from the entries.
type state struct {
	ledger  *ledger
	version map[fhir.Ref]record.Change
	last    map[fhir.ID]record.Position // of each patient's last movement
}

func (l *ledger) at(p record.Position) state {
	s := state{l, map[fhir.Ref]record.Change{}, map[fhir.ID]record.Position{}}
	kept := map[fhir.Ref][]fhir.ID{}
	if int(p) >= len(l.entries) { //nolint:gosec // a small number
		s.version = maps.Clone(l.current)
	}
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
			if record.IsKept(c.Ref) || record.IsLent(c.Ref) {
				now := keptIn(c)
				for _, p := range append(kept[c.Ref], now...) {
					s.last[p] = e.Position
				}
				kept[c.Ref] = now
			}
		}
	}
	return s
}
