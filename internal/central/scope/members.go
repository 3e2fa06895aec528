package scope

import (
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// maxMoves bounds the movements kept in memory: about 100 bytes each.
const maxMoves = 100_000

// place is where an Encounter keeps its patient; no ward: nowhere.
type place struct {
	patient fhir.ID
	ward    record.Ward
}

// move is one Encounter's change of place.
type move struct {
	pos           record.Position
	encounter     fhir.ID
	before, after place
}

// members knows who is on which ward at position upTo, and every movement after
// position since. A state at an earlier position is found by undoing movements.
type members struct {
	started bool
	since   record.Position
	upTo    record.Position
	places  map[fhir.ID]place               // by Encounter; only those that are somewhere
	wards   map[record.Ward]map[fhir.ID]int // patients of a ward, with the number of their Encounters there
	moves   []move                          // in order; never changed in place, so that it may be shared
}

// follow brings members up to the reader's head, and returns the movements
// after a position.
func (s *Source) follow(r journal.Reader, after record.Position) ([]move, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := &s.members
	if !m.started {
		if err := m.start(r); err != nil {
			return nil, err
		}
	}
	if err := m.advance(r); err != nil {
		return nil, err
	}
	if after >= m.since {
		return m.moves, nil
	}
	earlier, err := movesBetween(r, after, m.since)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(earlier, m.moves)
	if len(all) <= maxMoves {
		m.moves, m.since = all, after
	}
	return all, nil
}

// start reads the present state.
func (m *members) start(r journal.Reader) error {
	m.places = map[fhir.ID]place{}
	m.wards = map[record.Ward]map[fhir.ID]int{}
	for c, err := range r.All(fhir.TypeEncounter, "") {
		if err != nil {
			return err
		}
		p, err := placeOf(c)
		if err != nil {
			return err
		}
		m.put(c.Ref.ID, p)
	}
	m.upTo = r.Head().Position
	m.since = m.upTo
	m.started = true
	return nil
}

// advance follows the journal to the reader's head.
func (m *members) advance(r journal.Reader) error {
	if r.Head().Position <= m.upTo {
		return nil
	}
	moves := m.moves
	for e, err := range r.Entries(m.upTo) {
		if err != nil {
			return err
		}
		for _, c := range e.Changes {
			if c.Ref.Type != fhir.TypeEncounter || c.History {
				continue
			}
			after, err := placeOf(c)
			if err != nil {
				return err
			}
			if before := m.places[c.Ref.ID]; before != after {
				moves = append(moves, move{e.Position, c.Ref.ID, before, after})
				m.put(c.Ref.ID, after)
			}
		}
		m.upTo = e.Position
		m.moves = moves
	}
	if over := len(m.moves) - maxMoves; over > maxMoves/10 {
		m.since = m.moves[over-1].pos
		m.moves = slices.Clone(m.moves[over:])
		// Movements of one entry stay together.
		for len(m.moves) > 0 && m.moves[0].pos <= m.since {
			m.moves = m.moves[1:]
		}
	}
	return nil
}

func (m *members) put(encounter fhir.ID, p place) {
	if old, ok := m.places[encounter]; ok {
		if n := m.wards[old.ward][old.patient] - 1; n > 0 {
			m.wards[old.ward][old.patient] = n
		} else {
			delete(m.wards[old.ward], old.patient)
		}
		delete(m.places, encounter)
	}
	if p.ward == "" {
		return
	}
	m.places[encounter] = p
	if m.wards[p.ward] == nil {
		m.wards[p.ward] = map[fhir.ID]int{}
	}
	m.wards[p.ward][p.patient]++
}

// placeOf asks the journal's own index where an Encounter's version puts its
// patient, so that scope and index never disagree.
func placeOf(c record.Change) (place, error) {
	keys, err := journal.Keys(c)
	if err != nil {
		return place{}, err
	}
	for _, k := range keys {
		if k.Index == journal.ByWard && c.Patient != "" {
			return place{c.Patient, record.Ward(k.Key)}, nil
		}
	}
	return place{}, nil
}

// movesBetween reads the movements after one position up to another from the
// journal itself, for a station that was away for longer than members knows.
func movesBetween(r journal.Reader, after, upTo record.Position) ([]move, error) {
	var moves []move
	last := map[fhir.ID]place{} // of Encounters met on the way
	for e, err := range r.Entries(after) {
		if err != nil {
			return nil, err
		}
		if e.Position > upTo {
			break
		}
		for _, c := range e.Changes {
			if c.Ref.Type != fhir.TypeEncounter || c.History {
				continue
			}
			before, met := last[c.Ref.ID]
			if !met {
				if before, err = placeBefore(r, c); err != nil {
					return nil, err
				}
			}
			now, err := placeOf(c)
			if err != nil {
				return nil, err
			}
			last[c.Ref.ID] = now
			if before != now {
				moves = append(moves, move{e.Position, c.Ref.ID, before, now})
			}
		}
	}
	return moves, nil
}

// placeBefore is the place that the version before c gave, history passed over.
func placeBefore(r journal.Reader, c record.Change) (place, error) {
	for v := c.Version - 1; v > 0; v-- {
		old, ok, err := r.Version(c.Ref, v)
		if err != nil {
			return place{}, err
		}
		if ok && !old.History {
			return placeOf(old)
		}
	}
	return place{}, nil
}

// view is who some wards hold at a position; it can be moved forward.
type view struct {
	m     *members
	wards []record.Ward
	delta map[fhir.ID]int // against members' own position
	moves []move          // after the view's position
}

// at is the view at a position. moves must reach back to it, and members must
// stay as they are while the view is used.
func (m *members) at(moves []move, pos record.Position, wards []record.Ward) *view {
	// Others may have moved members on since moves was taken.
	if n := len(moves); len(m.moves) > 0 && (n == 0 || moves[n-1].pos < m.moves[len(m.moves)-1].pos) {
		last := record.Position(0)
		if n > 0 {
			last = moves[n-1].pos
		}
		for _, mv := range m.moves {
			if mv.pos > last {
				moves = append(slices.Clip(moves), mv)
			}
		}
	}
	first, _ := slices.BinarySearchFunc(moves, pos+1, func(mv move, p record.Position) int {
		switch {
		case mv.pos < p:
			return -1
		case mv.pos > p:
			return 1
		}
		return 0
	})
	v := &view{m: m, wards: wards, delta: map[fhir.ID]int{}, moves: moves[first:]}
	for _, mv := range v.moves {
		v.count(mv.before, 1)
		v.count(mv.after, -1)
	}
	return v
}

func (v *view) count(p place, n int) {
	if p.ward != "" && slices.Contains(v.wards, p.ward) {
		v.delta[p.patient] += n
	}
}

// holds says whether a patient is on one of the wards at the view's position.
func (v *view) holds(p fhir.ID) bool {
	n := v.delta[p]
	for i, w := range v.wards {
		if !slices.Contains(v.wards[:i], w) {
			n += v.m.wards[w][p]
		}
	}
	return n > 0
}

// affected are the patients whose membership the entry at pos may change.
func (v *view) affected(pos record.Position) []fhir.ID {
	var out []fhir.ID
	for _, mv := range v.moves {
		if mv.pos > pos {
			break
		}
		for _, p := range []place{mv.before, mv.after} {
			if p.ward != "" && slices.Contains(v.wards, p.ward) {
				out = append(out, p.patient)
			}
		}
	}
	return out
}

// forward moves the view to pos.
func (v *view) forward(pos record.Position) {
	for len(v.moves) > 0 && v.moves[0].pos <= pos {
		v.count(v.moves[0].before, -1)
		v.count(v.moves[0].after, 1)
		v.moves = v.moves[1:]
	}
}

// patients are all that some wards hold now, in order.
func (m *members) patients(wards []record.Ward) []fhir.ID {
	var out []fhir.ID
	for _, w := range wards {
		for p := range m.wards[w] {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
