package simtest

import (
	"fmt"
	"slices"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// scope are the patients on some wards, and those whom one of them keeps though they
// left.
func (s state) scope(wards []record.Ward) map[fhir.ID]bool {
	in := map[fhir.ID]bool{}
	for ref, c := range s.version {
		if ref.Type == fhir.TypeEncounter && slices.Contains(wards, s.ledger.wardOf(c)) {
			in[c.Patient] = true
		}
		if own(c, wards) {
			for _, p := range keptIn(c) {
				in[p] = true
			}
		}
	}
	return in
}

// keptIn are whom a List of central's keeps on a ward that they left, or lends to a
// computer.
func keptIn(c record.Change) []fhir.ID {
	if !record.IsKept(c.Ref) && !record.IsLent(c.Ref) {
		return nil
	}
	l, err := fhir.View[fhir.List](c.Body)
	must(err)
	return l.Patients()
}

// version names one version of a resource.
type version struct {
	ref fhir.Ref
	nr  record.Version
}

// wardOf is where an Encounter's version keeps its patient, by the journal's own
// rule; it is worked out once.
func (l *ledger) wardOf(c record.Change) record.Ward {
	at := version{c.Ref, c.Version}
	ward, known := l.wards[at]
	if known {
		return ward
	}
	keys, err := journal.Keys(c)
	must(err)
	for _, k := range keys {
		if k.Index == journal.ByWard {
			ward = record.Ward(k.Key)
		}
	}
	l.wards[at] = ward
	return ward
}

// spotCheck looks at every station in the middle of things.
func (w *world) spotCheck() {
	for _, s := range w.stations {
		s.saved()
		s.viewed()
		w.shelved(s)
		w.nosy(s)
		if w.stands(s) && !s.rescoped() && (!s.damaged || w.rest && !s.away()) {
			w.spotHeld(s)
		}
	}
}

// stands says whether the station's cursor is in central's journal: it may not
// yet have heard that central was set back.
func (w *world) stands(s *station) bool {
	cur := s.store.cursor
	return cur.Epoch == w.central.journal.Epoch().ID && cur.Position > 0 && int(cur.Position) <= len(w.ledger.entries) && //nolint:gosec // a small number
		w.ledger.entries[cur.Position-1].Chain == cur.Chain
}

// rescoped says whether what the station holds is of an earlier scope, which its
// next hello will end.
func (s *station) rescoped() bool { return s.store.cursor.Position < s.device.Rescoped }

// spotHeld: of each patient who has stayed in its scope a station holds what its
// cursor says, and of nobody else anything.
func (w *world) spotHeld(s *station) {
	cur := s.store.cursor
	st := w.ledger.at(cur.Position)
	in := st.scope(s.device.Holds())
	var wrong []string // the first in order is told: maps have none
	for ref, c := range st.version {
		held := s.store.Held[ref]
		if !in[c.Patient] && !own(c, s.device.Holds()) || st.last[c.Patient] > cur.Position {
			continue
		}
		if held.Version < c.Version || held.Version == c.Version && string(held.Body) != string(c.Body) {
			wrong = append(wrong, fmt.Sprintf("version %d of %s, not %d, or another body", held.Version, ref, c.Version))
		}
	}
	for ref, c := range s.store.Held {
		if !in[c.Patient] && st.last[c.Patient] <= cur.Position && !w.ledger.wasOwn(ref, s.device.Holds()) {
			wrong = append(wrong, fmt.Sprintf("%s, which is not in its scope", ref))
		}
	}
	for ref, c := range s.store.Early {
		// What a rolled-back journal has lost may have overtaken before.
		if !w.ledger.said(c) && w.profile.turn != rolledBack {
			wrong = append(wrong, fmt.Sprintf("version %d of %s ahead of its turn, which central never had", c.Version, ref))
		}
	}
	if len(wrong) > 0 {
		w.fail("%s stands at %d and holds %s", s.id, cur.Position, slices.Min(wrong))
	}
}

// own says whether a version names one of some wards itself.
func own(c record.Change, wards []record.Ward) bool {
	return slices.ContainsFunc(c.Wards, func(w record.Ward) bool { return slices.Contains(wards, w) })
}

// wasOwn says whether a resource does, or did: a station keeps a duty that was
// given to another ward in its new version, so as not to show the old one. It keeps
// the word that its ward keeps somebody no more likewise.
func (l *ledger) wasOwn(ref fhir.Ref, wards []record.Ward) bool {
	return (ref.Type == fhir.TypeTask || record.IsKept(ref) || record.IsLent(ref)) && slices.ContainsFunc(l.entries, func(e record.Entry) bool {
		return slices.ContainsFunc(e.Changes, func(c record.Change) bool { return c.Ref == ref && own(c, wards) })
	})
}

// said says whether a version stands in the journal as it is.
func (l *ledger) said(c record.Change) bool {
	if int(c.Position) > len(l.entries) || c.Position == 0 { //nolint:gosec // a small number
		return false
	}
	return slices.ContainsFunc(l.entries[c.Position-1].Changes, func(o record.Change) bool {
		return o.Ref == c.Ref && o.Version == c.Version && string(o.Body) == string(c.Body)
	})
}

// saved: what a person was told is saved is in the store, once, as it was
// written.
func (s *station) saved() {
	told := s.told
	if len(told) != len(s.store.muts) {
		s.w.fail("%s: a person was told of %d entries that they are saved, and %d are", s.id, len(told), len(s.store.muts))
		return
	}
	for i, m := range told {
		if have := s.store.muts[i]; have.ID != m.ID || string(have.Sig) != string(m.Sig) || have.ID != record.MutationOf(s.id, uint64(i)+1) {
			s.w.fail("%s: entry %d was saved as %s and is there as %s", s.id, i+1, m.ID, have.ID)
		}
	}
}

// foresight is what a station that had reached the head showed of an own entry.
type foresight struct {
	ref  fhir.Ref
	on   record.Version // the version in force then
	body fhir.Resource
}

// viewed folds each station's own work on top of what is committed, as its
// screen does, and remembers what a station at the head shows: central must make
// the same of it (see asForeseen).
func (s *station) viewed() {
	unsent, err := s.store.Unsent(0, 1<<20)
	must(err)
	of := map[fhir.Ref][]record.Mutation{}
	for _, m := range unsent {
		of[m.Ref] = append(of[m.Ref], m)
	}
	head := s.store.cursor == s.w.central.journal.Head()
	for ref, muts := range of {
		current := s.store.Held[ref]
		folded := merge.Fold(current.Body, current.Stamps, s.base(muts), muts)
		if muts[0].Was == nil && folded.Rough && !slices.ContainsFunc(muts, upon(muts)) {
			s.w.fail("%s no longer knows what its entry %s is based on", s.id, muts[0].ID)
		}
		if folded.Body == nil && muts[0].Ops[0].Kind == record.OpPut {
			s.w.fail("%s does not show its entry %s", s.id, muts[0].ID)
		}
		if head && len(muts) == 1 && muts[0].BaseMut == "" && !s.put && muts[0].Was == nil {
			s.w.ledger.foreseen[named(muts[0])] = foresight{ref, current.Version, folded.Body}
		}
	}
}

// base finds what entries are based on.
func (s *station) base(muts []record.Mutation) func(record.Version) (fhir.Resource, bool) {
	return func(v record.Version) (fhir.Resource, bool) {
		for _, m := range muts {
			if c, ok := s.store.bases[m.ID]; ok && m.Base == v {
				return c.Body, true
			}
		}
		return nil, false
	}
}

// upon says whether an entry is made upon one that is not unsent any more, or
// whose receipt came before those of the ones ahead of it: what its author saw
// then is gone with it, and central has it.
func upon(unsent []record.Mutation) func(record.Mutation) bool {
	return func(m record.Mutation) bool {
		return m.BaseMut != "" && !slices.ContainsFunc(unsent, func(o record.Mutation) bool { return o.ID == m.BaseMut })
	}
}

// asForeseen: where nothing came between, central makes of an entry what the
// station that wrote it showed.
func (w *world) asForeseen(e record.Entry, c, before record.Change) {
	at := slices.IndexFunc(e.Mutations, func(m record.Mutation) bool { return m.ID == c.Mutation })
	if at < 0 {
		return
	}
	f, ok := w.ledger.foreseen[named(e.Mutations[at])]
	if !ok || c.Ref != f.ref || before.Version != f.on {
		return
	}
	if r := receiptOf(e, c.Mutation); r.Outcome != record.Applied || r.Reason != "" {
		return // central had something to say about it, which stands in the body, too
	}
	w.struck["an entry became what its station showed"]++
	if string(c.Body) != string(f.body) {
		w.fail("central made of %s something else than its station showed: %s, not %s", c.Mutation, c.Body, f.body)
	}
}

// onTime says that the station knows how far its clock is off.
func (s *station) onTime() bool {
	off := s.machine.State().Offset - (s.w.central.skew - s.skew)
	return off < 100*time.Millisecond && off > -100*time.Millisecond
}
