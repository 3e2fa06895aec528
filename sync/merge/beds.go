package merge

import (
	"cmp"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
)

// hereStatus are the statuses of a stay whose patient is here (R4 value set
// encounter-status).
var hereStatus = map[string]bool{"arrived": true, "triaged": true, "in-progress": true, "onleave": true}

// visitClass are the classes of stays (HL7 v3 ActCode, from PV1-2 by the
// v2-to-FHIR map) whose place is no bed that is slept in: outpatient, at a
// distance, at home, not yet here. An inpatient may well be on such a visit.
var visitClass = map[string]bool{"AMB": true, "VR": true, "HH": true, "PRENC": true}

// beds asks where a patient is who lies in two beds at once: two stays, each
// with a bed, both going on. Until somebody says which, both stand, so that an
// alert reaches both wards.
func (q questions) beds() []Story {
	s := Story{Question: QuestionBeds, Words: "In which bed is the patient?"}
	for ref, c := range q.current {
		if ref.Type != fhir.TypeEncounter {
			continue
		}
		o, err := fhir.Parse(c.Body)
		if err != nil || !hereStatus[statusOf(o)] || fhir.ExtString(extensionsOf(o), fhir.ExtBed) == "" || visitClass[classOf(c.Body)] {
			continue
		}
		_, raw := splitMovement(o)
		s.Sides = append(s.Sides, Side{
			ID: ref.String(), Ref: ref, Words: movementWords(raw), InForce: true,
			Author: c.Author, Times: c.Times, Mutation: c.Mutation, Note: c.Reason,
		})
	}
	if len(s.Sides) < 2 {
		return nil
	}
	slices.SortFunc(s.Sides, func(a, b Side) int { return cmp.Compare(a.ID, b.ID) })
	s.Sides = append(s.Sides, bothSide(s.Sides, "Both beds are kept for the patient"))
	if q.accepted(s) {
		return nil
	}
	return []Story{s}
}

// classOf is the class of a stay; "" where it names none.
func classOf(body fhir.Resource) string {
	e, err := fhir.View[fhir.Encounter](body)
	if err != nil || e.Class == nil {
		return ""
	}
	return e.Class.Code
}

// SamePerson says that two records may be one person's: they share an
// identifier, or family name and birth date and nothing that is known of the
// sex speaks against it. It never joins anything: a person decides.
func SamePerson(a, b fhir.Patient) bool {
	for _, x := range a.Identifier {
		for _, y := range b.Identifier {
			if x.System != "" && x.Value != "" && x.System == y.System && x.Value == y.Value {
				return true
			}
		}
	}
	if a.BirthDate == "" || a.BirthDate != b.BirthDate || knownSex(a) && knownSex(b) && a.Gender != b.Gender {
		return false
	}
	for _, x := range a.Name {
		for _, y := range b.Name {
			if x.Family != "" && strings.EqualFold(strings.TrimSpace(x.Family), strings.TrimSpace(y.Family)) {
				return true
			}
		}
	}
	return false
}

func knownSex(p fhir.Patient) bool { return p.Gender == "male" || p.Gender == "female" }
