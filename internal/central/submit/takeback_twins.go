package submit

import (
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// Twins are versions that came back by themselves: the raw inbound log, the
// author's station or central's own rules wrote again what a station gives back.
// Where the two say the same, what was built on the one is built on the other:
// a decision on a question that was asked anew is then taken as it was made.

func twinsNote(ref fhir.Ref, epoch string) string { return "twins/" + shortHash(ref.String(), epoch) }

// twin notes that v says what c said.
func (g *giving) twin(c, v record.Change) error {
	if v.Position <= g.past[c.Origin.Epoch] || v.Body.Hash() != c.Body.Hash() && !sameQuestion(v, c) {
		return nil // it is the same version, or is not the same
	}
	twins, err := g.twinsOf(c)
	if err != nil || twins[v.Version] == c.Origin.Version {
		return err
	}
	if twins == nil {
		twins = map[record.Version]record.Version{}
	}
	twins[v.Version] = c.Origin.Version
	b, err := record.Encode(twins)
	if err != nil {
		return err
	}
	g.touch(patientOf(c))
	return g.SetNote(twinsNote(c.Ref, c.Origin.Epoch), b)
}

// twinsOf are the numbers that this journal's versions of c's resource had in
// the epoch of c.
func (g *giving) twinsOf(c record.Change) (map[record.Version]record.Version, error) {
	twins, _, err := noteOf[map[record.Version]record.Version](g.work, twinsNote(c.Ref, c.Origin.Epoch))
	return twins, err
}

// sameQuestion says whether two versions ask the same: when central heard of a
// side is told with it, and is another time now.
func sameQuestion(a, b record.Change) bool {
	if !isQuestion(a) || !isQuestion(b) {
		return false
	}
	x, err := merge.StoryOf(a.Body)
	if err != nil {
		return false
	}
	y, err := merge.StoryOf(b.Body)
	return err == nil && x.Open == y.Open && slices.EqualFunc(x.Sides, y.Sides, func(s, t merge.Side) bool { return s.ID == t.ID })
}
