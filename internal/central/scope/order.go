package scope

import (
	"slices"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// What is on screen first, then the rest. A snapshot with an order comes in
// stages: of the patients whom the station's screen shows, what a board and an
// open chart show (the front of the compartment); the front of the others; then
// what is left of the ones, and of the others (history).
//
// A snapshot is read over minutes or hours while the journal grows, and keeps no
// state but its token. So nothing may fall between two stages: what belonged to a
// later stage when the earlier one went by, and belongs to the earlier one when
// the later comes, would never be sent. What was written after the snapshot's
// position is no matter, the tail brings it. For the rest:
//
//   - Who is on the screen is decided as of the snapshot's position, as who is in
//     a batch's scope is: a patient who changes wards meanwhile changes no stage.
//   - What is front follows from a resource's type, its tag, and for what grows
//     without end from how many newer ones there are in the compartment. That
//     number only grows, so what was history stays so.
//   - Unless newer ones were taken to another patient's compartment: of whoever
//     lost any since the snapshot's position, everything is sent again (relinked).
type stage uint8

// The stages. Numbers stand in tokens.
const (
	stageLoose      stage = 0 // what names the wards itself
	stageWhole      stage = 1 // without an order: everybody, whole
	stageFirst      stage = 2 // front of those on screen
	stageOthers     stage = 3 // front of the others
	stageFirstRest  stage = 4
	stageOthersRest stage = 5
	stages          stage = 6
)

// newestResults is about a day of a patient on a ward.
const newestResults = 48

// history says that what a screen shows first has all been sent.
func (s stage) history() bool { return s == stageFirstRest || s == stageOthersRest }

// front are the types of which everything goes first: there are few of each, or a
// board cannot be right without all of them (whose result was taken stands in a
// Task).
var front = map[fhir.Type]bool{
	fhir.TypePatient: true, fhir.TypeEncounter: true, fhir.TypeAllergyIntolerance: true, fhir.TypeFlag: true,
	fhir.TypeTask: true, fhir.TypeServiceRequest: true, fhir.TypeMedicationRequest: true,
}

// newest is of how many the newest go first, of types that grow for as long as a
// patient stays. What is tagged critical goes first however old it is.
var newest = map[fhir.Type]int{
	fhir.TypeObservation: newestResults, fhir.TypeDiagnosticReport: 12, fhir.TypeCommunication: 12,
}

// ShowNewest sets of how many of each type that grows the newest go first. It is
// for whoever plays small hospitals, and called before the Source is used.
func (s *Source) ShowNewest(n int) {
	s.newest = map[fhir.Type]int{}
	for t := range newest {
		s.newest[t] = n
	}
}

// split parts a compartment into what goes first and what is left, each in order.
func split(all []journal.Standing, newest map[fhir.Type]int) (first, rest []journal.Standing) {
	since := map[fhir.Type]record.Position{}
	for t, n := range newest {
		since[t] = sinceNewest(all, t, n)
	}
	for _, st := range all {
		if from, grows := since[st.Ref.Type]; front[st.Ref.Type] || grows && (st.At >= from || st.Critical) {
			first = append(first, st)
			continue
		}
		rest = append(rest, st)
	}
	return first, rest
}

// sinceNewest is the position of the n-th newest of a type; 0 where there are
// fewer.
func sinceNewest(all []journal.Standing, t fhir.Type, n int) record.Position {
	var at []record.Position
	for _, st := range all {
		if st.Ref.Type == t {
			at = append(at, st.At)
		}
	}
	if len(at) < n {
		return 0
	}
	slices.Sort(at)
	return at[len(at)-n]
}

// count is how many versions of a compartment go out.
func count(all []journal.Standing) (n int) {
	for _, st := range all {
		_, before := earlier(st)
		n += 1 + int(before) //nolint:gosec // versions have no gaps, so that many are stored
	}
	return n
}

// relinked are the patients who lost something that grows to another patient
// since a position.
func relinked(r journal.Reader, since record.Position) (map[fhir.ID]bool, error) {
	out := map[fhir.ID]bool{}
	for e, err := range r.Entries(since) {
		if err != nil {
			return nil, err
		}
		for _, c := range e.Changes {
			if newest[c.Ref.Type] == 0 || c.History {
				continue
			}
			before, err := ownerBefore(r, c)
			if err != nil {
				return nil, err
			}
			if before != "" && before != journal.PatientOf(c) {
				out[before] = true
			}
		}
	}
	return out, nil
}

// ownerBefore is whose compartment the version that was in force before c was in.
func ownerBefore(r journal.Reader, c record.Change) (fhir.ID, error) {
	for v := c.Version - 1; v > 0; v-- {
		old, ok, err := r.Version(c.Ref, v)
		if err != nil || ok && !old.History {
			return journal.PatientOf(old), err
		}
	}
	return "", nil
}
