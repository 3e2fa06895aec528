package scope

import (
	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// The movements of a past that members does not remember, for a station that
// was away for longer. They are read from the journal itself, with as much of
// the state before them as they touch.

// linkings are the joinings of records between two positions, in order.
func linkings(r journal.Reader, after, upTo record.Position) ([]linking, error) {
	var all []linking
	for e, err := range r.Entries(after) {
		if err != nil {
			return nil, err
		}
		if e.Position > upTo {
			break
		}
		for _, c := range e.Changes {
			if c.Ref.Type != fhir.TypePatient || c.History {
				continue
			}
			before, err := replacedBefore(r, c)
			if err != nil {
				return nil, err
			}
			if is := replacedBy(c); is != before {
				all = append(all, linking{e.Position, c.Ref.ID, before, is})
			}
		}
	}
	return all, nil
}

// replacedBefore is whom the version before c says that it was replaced by.
func replacedBefore(r journal.Reader, c record.Change) (fhir.ID, error) {
	for v := c.Version - 1; v > 0; v-- {
		old, ok, err := r.Version(c.Ref, v)
		if err != nil || ok && !old.History {
			return replacedBy(old), err
		}
	}
	return "", nil
}

// movesBetween reads the movements after one position up to another; to is who
// was replaced by whom at the end of it.
func movesBetween(r journal.Reader, after, upTo record.Position, to map[fhir.ID]fhir.ID) ([]move, error) {
	links, err := linkings(r, after, upTo)
	if err != nil {
		return nil, err
	}
	p := &past{r: r, met: map[fhir.Ref]bool{}, m: members{why: newReasons(), places: map[string]place{}, wards: map[record.Ward]map[fhir.ID]int{}}}
	for retired, survivor := range undone(to, links, after) {
		p.m.why.link(retired, survivor)
	}
	var moves []move
	for e, err := range r.Entries(after) {
		if err != nil {
			return nil, err
		}
		if e.Position > upTo {
			break
		}
		more, err := p.entry(e)
		if err != nil {
			return nil, err
		}
		moves = append(moves, more...)
	}
	return moves, nil
}

// entry takes one entry's changes.
func (p *past) entry(e record.Entry) (moves []move, err error) {
	for _, c := range e.Changes {
		if !concernsPlaces(c) {
			continue
		}
		if err := p.meet(c, e.Position); err != nil {
			return nil, err
		}
		more, err := p.m.take(c, e.Position)
		if err != nil {
			return nil, err
		}
		moves = append(moves, more...)
	}
	return moves, nil
}

// past is the state of the journal at a position, as far as it was asked for.
type past struct {
	r   journal.Reader
	m   members
	met map[fhir.Ref]bool
}

// meet makes sure that whatever a change touches is known as it was before it.
func (p *past) meet(c record.Change, pos record.Position) error {
	if c.Ref.Type != fhir.TypePatient {
		return p.load(c.Ref, pos)
	}
	l, changes := p.m.why.linkingOf(c, pos)
	if !changes {
		return nil
	}
	people := p.m.why.group(l.retired)
	if l.after != "" {
		people = append(people, p.m.why.group(l.after)...)
	}
	for _, id := range people {
		for stay, err := range p.r.Compartment(id) {
			if err != nil {
				return err
			}
			if stay.Ref.Type == fhir.TypeEncounter {
				if err := p.load(stay.Ref, pos); err != nil {
					return err
				}
			}
		}
	}
	for list, err := range p.r.All(fhir.TypeList, "") {
		if err != nil {
			return err
		}
		if err := p.load(list.Ref, pos); err != nil {
			return err
		}
	}
	return nil
}

// load notes what a source said before a position, once.
func (p *past) load(ref fhir.Ref, pos record.Position) error {
	if p.met[ref] {
		return nil
	}
	p.met[ref] = true
	var last *record.Change
	for v, err := range p.r.History(ref) {
		if err != nil {
			return err
		}
		if v.Position >= pos {
			break
		}
		if !v.History {
			last = &v
		}
	}
	if last == nil {
		return nil
	}
	_, err := p.m.take(*last, 0)
	return err
}
