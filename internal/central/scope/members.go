package scope

import (
	"maps"
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// maxMoves bounds the movements kept in memory: about 100 bytes each.
const maxMoves = 100_000

// place is where somebody counts as being; no ward: nowhere.
type place struct {
	patient fhir.ID
	ward    record.Ward
}

// move is one change of place. What it is a place of is a part of a source:
// see reasons.
type move struct {
	pos           record.Position
	before, after place
}

// members knows who is on which ward at position upTo, and every movement after
// position since. A state at an earlier position is found by undoing movements.
type members struct {
	started bool
	since   record.Position
	upTo    record.Position
	why     reasons
	places  map[string]place                // by part; only those that are somewhere
	wards   map[record.Ward]map[fhir.ID]int // patients of a ward, with the number of reasons for it
	moves   []move                          // in order; never changed in place, so that it may be shared
	links   []linking                       // since members was started, in order: records are joined seldom
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
	earlier, err := movesBetween(r, after, m.since, m.linksAt(m.since))
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
	m.places = map[string]place{}
	m.wards = map[record.Ward]map[fhir.ID]int{}
	m.why = newReasons()
	for _, t := range []fhir.Type{fhir.TypePatient, fhir.TypeEncounter, fhir.TypeList} {
		for c, err := range r.All(t, "") {
			if err != nil {
				return err
			}
			if _, err := m.take(c, 0); err != nil {
				return err
			}
		}
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
			if !concernsPlaces(c) {
				continue
			}
			if l, ok := m.why.linkingOf(c, e.Position); ok {
				m.links = append(slices.Clip(m.links), l)
			}
			more, err := m.take(c, e.Position)
			if err != nil {
				return err
			}
			moves = append(moves, more...)
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

// linksAt is who was replaced by whom at a position since the start.
func (m *members) linksAt(pos record.Position) map[fhir.ID]fhir.ID {
	return undone(m.why.to, m.links, pos)
}

// undone takes the joinings after a position back.
func undone(to map[fhir.ID]fhir.ID, links []linking, pos record.Position) map[fhir.ID]fhir.ID {
	out := maps.Clone(to)
	for _, l := range slices.Backward(links) {
		if l.pos <= pos {
			break
		}
		delete(out, l.retired)
		if l.before != "" {
			out[l.retired] = l.before
		}
	}
	return out
}

func concernsPlaces(c record.Change) bool {
	return !c.History && (c.Ref.Type == fhir.TypeEncounter || c.Ref.Type == fhir.TypeList || c.Ref.Type == fhir.TypePatient)
}

// take notes a change and returns what it moves.
func (m *members) take(c record.Change, pos record.Position) ([]move, error) {
	touched, err := m.why.touched(c)
	if err != nil {
		return nil, err
	}
	before := m.why.parts(touched)
	if err := m.why.note(c); err != nil {
		return nil, err
	}
	after := m.why.parts(touched)
	var moves []move
	for _, part := range sortedParts(before, after) {
		if before[part] != after[part] {
			moves = append(moves, move{pos, before[part], after[part]})
			m.put(part, after[part])
		}
	}
	return moves, nil
}

func (m *members) put(part string, p place) {
	if old, ok := m.places[part]; ok {
		if n := m.wards[old.ward][old.patient] - 1; n > 0 {
			m.wards[old.ward][old.patient] = n
		} else {
			delete(m.wards[old.ward], old.patient)
		}
		delete(m.places, part)
	}
	if p.ward == "" {
		return
	}
	m.places[part] = p
	if m.wards[p.ward] == nil {
		m.wards[p.ward] = map[fhir.ID]int{}
	}
	m.wards[p.ward][p.patient]++
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
