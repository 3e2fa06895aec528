package merge

import (
	"cmp"
	"slices"

	"wardlight/internal/clinical/fhir"
)

// AllergyState is what a patient's allergy list says as a whole.
type AllergyState struct {
	InForce     []fhir.AllergyIntolerance // worst first
	NoneKnown   bool                      // "no known allergies" stands, and nothing contradicts it
	NotRecorded bool                      // nobody has asked
	Conflicts   []Conflict                // in order of the allergy's id
}

// Conflict is an allergy in force beside "no known allergies". The allergy
// stays in force.
type Conflict struct {
	Allergy fhir.AllergyIntolerance
	None    []fhir.AllergyIntolerance // in order of id
}

// Allergies reads a patient's allergy list as a whole. "No known allergies"
// never hides an allergy, whichever was written later.
func Allergies(entries []fhir.AllergyIntolerance) AllergyState {
	var s AllergyState
	var none []fhir.AllergyIntolerance
	for _, a := range entries {
		switch {
		case !inForce(a):
		case isNoneKnown(a):
			none = append(none, a)
		default:
			s.InForce = append(s.InForce, a)
		}
	}
	byID := func(a, b fhir.AllergyIntolerance) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(none, byID)
	slices.SortFunc(s.InForce, byID)
	if len(none) > 0 {
		for _, a := range s.InForce {
			s.Conflicts = append(s.Conflicts, Conflict{Allergy: a, None: none})
		}
	}
	s.NoneKnown = len(none) > 0 && len(s.InForce) == 0
	s.NotRecorded = len(none) == 0 && len(s.InForce) == 0
	slices.SortStableFunc(s.InForce, func(a, b fhir.AllergyIntolerance) int {
		return cmp.Or(cmp.Compare(gravity(b), gravity(a)), cmp.Compare(allergyName(a), allergyName(b)))
	})
	return s
}

func isNoneKnown(a fhir.AllergyIntolerance) bool {
	return a.Code != nil && a.Code.Has(fhir.SystemSNOMED, fhir.CodeNoKnownAllergies)
}

// inForce: not refuted, not a mistake, and not over. An entry without a status
// is in force.
func inForce(a fhir.AllergyIntolerance) bool {
	if v := a.VerificationStatus; v != nil {
		switch v.Code(fhir.SystemAllergyVerified) {
		case "refuted", "entered-in-error":
			return false
		}
	}
	if c := a.ClinicalStatus; c != nil {
		switch c.Code(fhir.SystemAllergyClinical) {
		case "inactive", "resolved":
			return false
		}
	}
	return true
}

// gravity orders allergies for display: the worst reaction, then criticality.
func gravity(a fhir.AllergyIntolerance) int {
	worst := 0
	for _, r := range a.Reaction {
		worst = max(worst, map[string]int{"mild": 1, "moderate": 2, "severe": 3}[r.Severity])
	}
	return worst*4 + map[string]int{"low": 1, "unable-to-assess": 2, "high": 3}[a.Criticality]
}

func allergyName(a fhir.AllergyIntolerance) string {
	if a.Code == nil {
		return ""
	}
	return a.Code.Words()
}

// allergyWords is an entry in a line: "Allergic: Penicillin, anaphylaxis,
// severe".
func allergyWords(a fhir.AllergyIntolerance) string {
	if isNoneKnown(a) {
		if inForce(a) {
			return "No known allergies"
		}
		return "No known allergies (withdrawn)"
	}
	words := "Allergic: " + cmp.Or(allergyName(a), "not named")
	if !inForce(a) {
		words = "Not allergic: " + cmp.Or(allergyName(a), "not named")
	}
	for _, r := range a.Reaction {
		for _, m := range r.Manifestation {
			words += ", " + m.Words()
		}
		if r.Severity != "" {
			words += ", " + r.Severity
		}
	}
	return words
}
