package record

import (
	"regexp"

	"wardlight/internal/clinical/fhir"
)

// Was says under which number a mutation was first written down, on a computer
// that has been given a new identity since.
type Was struct {
	ID      MutationID `cbor:"1,keyasint" json:"id"`
	Content Hash       `cbor:"2,keyasint" json:"content"` // ContentHash under that number
}

// Again is m as its station writes it down under a new identity: what it says,
// who said it and when stay; its number, and every mention of one of the numbers
// in to, are the new ones, so that nothing is taken for another's that has the
// same number. It names what it was, so that central, which may have it already,
// does not take it twice. The result is not signed yet.
//
// A resource that was made here carries its maker's number as its id; only whole
// ids and references are exchanged, never words of a person.
func (m Mutation) Again(station StationID, to map[MutationID]MutationID) (Mutation, error) {
	content, err := m.ContentHash()
	if err != nil {
		return Mutation{}, err
	}
	if m.Was == nil { // the first number counts, however often a computer is enrolled again
		m.Was = &Was{ID: m.ID, Content: content}
	}
	if n, ok := to[m.ID]; ok {
		m.ID = n
	}
	if n, ok := to[m.BaseMut]; ok {
		m.BaseMut = n
	}
	m.Author.Station = station
	m.Ref.ID = again(m.Ref.ID, to)
	ops := make([]Op, len(m.Ops))
	for i, op := range m.Ops {
		op.Value = mentions.ReplaceAllFunc(op.Value, func(b []byte) []byte { return mentionAgain(b, to) })
		op.Key = string(mentionAgain([]byte(op.Key), to))
		ops[i] = op
	}
	m.Ops = ops
	seen := make([]Seen, len(m.ReadSet))
	for i, s := range m.ReadSet {
		s.Ref.ID = again(s.Ref.ID, to)
		seen[i] = s
	}
	if len(seen) > 0 {
		m.ReadSet = seen
	}
	m.KeyID, m.Sig = "", nil
	return m, nil
}

func again(id fhir.ID, to map[MutationID]MutationID) fhir.ID {
	if n, ok := to[MutationID(id)]; ok {
		return fhir.ID(n)
	}
	return id
}

// mentions are the JSON strings that are an id or a reference and nothing else.
var mentions = regexp.MustCompile(`"(?:[A-Za-z]+/)?s[a-z2-7]{12}-[0-9]+(?:/_history/[0-9]+)?"`)

// number is the number within one.
var number = regexp.MustCompile(`s[a-z2-7]{12}-[0-9]+`)

func mentionAgain(b []byte, to map[MutationID]MutationID) []byte {
	return number.ReplaceAllFunc(b, func(id []byte) []byte {
		if n, ok := to[MutationID(id)]; ok {
			return []byte(n)
		}
		return id
	})
}
