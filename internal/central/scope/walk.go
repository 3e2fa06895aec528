package scope

import (
	"context"
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// readAhead is how much is read at once, so that a long compartment is walked
// over a few times and not once a chunk.
const readAhead = 2 << 20

// walk reads the items of a snapshot after a token: up to readAhead of them, the
// last one saying so where there is nothing more.
type walk struct {
	ctx      context.Context
	r        journal.Reader
	dev      record.Device
	at       record.Cursor
	token    token
	newest   map[fhir.Type]int // see split
	patients int               // in scope
	items    []item
	size     int
	lost     map[fhir.ID]bool // see relinked; nil: not read yet
}

// step is one stage and who belongs to it, in order.
type step struct {
	stage stage
	ids   []fhir.ID
}

func (s *Source) read(w *walk) error {
	plan, err := s.plan(w)
	if err != nil {
		return err
	}
	if w.token.stage == stageLoose {
		if more, err := w.loose(); err != nil || !more {
			return err
		}
	}
	for _, st := range plan {
		if st.stage < w.token.stage {
			continue
		}
		if more, err := w.patientsOf(st); err != nil || !more {
			return err
		}
	}
	w.items = append(w.items, item{end: true})
	return nil
}

// plan is who comes at which stage: everybody who is in scope now, and on the
// screen whoever was there at the snapshot's position.
func (s *Source) plan(w *walk) ([]step, error) {
	moves, err := s.follow(w.r, w.at.Position)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	ids := s.members.patients(w.dev.Holds())
	w.patients = len(ids)
	if w.token.first == nil {
		return []step{{stageWhole, ids}}, nil
	}
	screen := s.members.at(moves, w.at.Position, shared(w.token.first.Wards, w.dev.Wards))
	var first, others []fhir.ID
	for _, id := range ids {
		if slices.Contains(w.token.first.Patients, id) || screen.holds(id) {
			first = append(first, id)
		} else {
			others = append(others, id)
		}
	}
	return []step{{stageFirst, first}, {stageOthers, others}, {stageFirstRest, first}, {stageOthersRest, others}}, nil
}

// shared are the wards that are in both lists.
func shared(asked, held []record.Ward) []record.Ward {
	return slices.DeleteFunc(slices.Clone(asked), func(w record.Ward) bool { return !slices.Contains(held, w) })
}

// add says whether more is to be read.
func (w *walk) add(it item) bool {
	w.items = append(w.items, it)
	w.size += it.size()
	return w.size < readAhead
}

// loose reads what names the station's wards itself.
func (w *walk) loose() (more bool, err error) {
	all, err := looseOf(w.r, w.dev)
	if err != nil {
		return false, err
	}
	for _, c := range all {
		if w.token.index > 0 && compareRef(c.Ref, w.token.ref) <= 0 {
			continue
		}
		list, err := w.looseVersions(c)
		if err != nil {
			return false, err
		}
		if !w.add(item{stage: stageLoose, ref: c.Ref, changes: list}) {
			return false, nil
		}
	}
	return true, nil
}

// looseVersions are what a station gets of something without a patient: of a routine,
// whose page shows them, the earlier versions first.
func (w *walk) looseVersions(c record.Change) ([]record.Encoded, error) {
	var list []record.Encoded
	from, n := earlier(journal.Standing{Ref: c.Ref, Newest: c.Version, Current: c.Version})
	for v := from; v < c.Version && n > 0; v++ {
		old, ok, err := w.r.Version(c.Ref, v)
		if err != nil {
			return nil, err
		}
		if !ok || old.History || !own(old, w.dev) {
			continue
		}
		e, err := record.EncodeChange(old)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	e, err := record.EncodeChange(c)
	return append(list, e), err
}

// patientsOf reads one stage of everybody who belongs to it.
func (w *walk) patientsOf(st step) (more bool, err error) {
	begin, after := 0, fhir.Ref{}
	if st.stage == w.token.stage {
		at, found := slices.BinarySearch(st.ids, w.token.owner)
		switch begin = at; {
		case found && w.token.closed():
			begin++
		case found:
			after = w.token.ref
		}
	}
	for _, p := range st.ids[begin:] {
		if err := w.ctx.Err(); err != nil {
			return false, fault.As(fault.Unavailable, "scope.chunk", "", err)
		}
		if more, err := w.patient(st.stage, p, after); err != nil || !more {
			return false, err
		}
		after = fhir.Ref{}
	}
	return true, nil
}

// patient reads one stage of one compartment, after a reference.
func (w *walk) patient(st stage, p fhir.ID, after fhir.Ref) (more bool, err error) {
	if st == stageWhole {
		for it, err := range groups(w.r, p, after) {
			if err != nil || !w.add(it) {
				return false, err
			}
		}
		return true, nil
	}
	take, closing, err := w.choose(st, p)
	if err != nil {
		return false, err
	}
	for _, s := range take {
		if compareRef(s.Ref, after) <= 0 {
			continue
		}
		changes, err := versions(w.r, s)
		if err != nil || !w.add(item{stage: st, owner: p, ref: s.Ref, changes: changes}) {
			return false, err
		}
	}
	return w.add(closing), nil
}

// choose is what of a compartment comes at a stage, and the word that closes it.
func (w *walk) choose(st stage, p fhir.ID) ([]journal.Standing, item, error) {
	var all []journal.Standing
	for s, err := range w.r.Standings(p, fhir.Ref{}) {
		if err != nil {
			return nil, item{}, err
		}
		all = append(all, s)
	}
	first, rest := split(all, w.newest)
	closing := item{stage: st, owner: p, closes: true}
	if !st.history() {
		closing.ready, closing.whole, closing.count = true, len(rest) == 0, count(all)
		return first, closing, nil
	}
	closing.whole = true
	if w.lost == nil {
		var err error
		if w.lost, err = relinked(w.r, w.at.Position); err != nil {
			return nil, item{}, err
		}
	}
	if w.lost[p] {
		return all, closing, nil
	}
	return rest, closing, nil
}
