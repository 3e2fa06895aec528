package desk

import (
	"cmp"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
)

// Codes of R4 allergyintolerance-clinical and -verification.
const (
	allergyActive       = "active"
	allergyInactive     = "inactive"
	allergyConfirmed    = "confirmed"
	allergyUnconfirmed  = "unconfirmed"
	allergyRefuted      = "refuted"
	allergyEnteredError = "entered-in-error"
)

// allergyList are the entries of the allergies page: active ones first, worst
// first, then what was refuted or ended.
func (d *Desk) allergyList(c *compartment) []ward.Allergy {
	disputed := disputedRefs(c)
	out := make([]ward.Allergy, 0, len(c.allergies))
	for i := range c.allergies {
		a := d.allergy(&c.allergies[i])
		a.InReview = disputed[c.allergies[i].Change.Ref]
		out = append(out, a)
	}
	sortAllergies(out)
	return out
}

func (d *Desk) allergy(i *item[fhir.AllergyIntolerance]) ward.Allergy {
	v := i.View
	a := ward.Allergy{
		ID: i.id(), Version: i.version(), Certainty: verification(v), NoneKnown: noneKnown(v), Active: inForce(v),
		Criticality: v.Criticality, By: i.First.Name, Unsent: i.Unsent, Recorded: d.at(i.Made),
	}
	if t, _ := when(v.RecordedDate, d.loc); !t.IsZero() && i.First.Sender != "" {
		a.Recorded = t
	}
	if a.By == "" {
		a.By = i.First.Shown()
	}
	if v.Code != nil {
		a.Substance = v.Code.Words()
	}
	a.Reaction, a.Severity = reaction(v.Reaction)
	var notes []string
	for _, n := range v.Note {
		notes = append(notes, n.Text)
	}
	if a.Certainty == allergyRefuted && i.Change.Reason != "" {
		notes = append(notes, told.Reasons.Say(i.Change.Reason))
	}
	a.Note = strings.Join(notes, " ")
	return a
}

// verification is the certainty; R4 lets it be missing, and what is missing is
// not confirmed.
func verification(v fhir.AllergyIntolerance) string {
	if v.VerificationStatus == nil {
		return allergyUnconfirmed
	}
	if c := v.VerificationStatus.Code(fhir.SystemAllergyVerified); c != "" {
		return c
	}
	return allergyUnconfirmed
}

func noneKnown(v fhir.AllergyIntolerance) bool {
	return v.Code != nil && v.Code.Has(fhir.SystemSNOMED, fhir.CodeNoKnownAllergies)
}

// inForce: an entry counts unless it was refuted, made in error, or ended. An
// entry without a clinical status counts: silence never hides an allergy.
func inForce(v fhir.AllergyIntolerance) bool {
	switch verification(v) {
	case allergyRefuted, allergyEnteredError:
		return false
	}
	if v.ClinicalStatus == nil {
		return true
	}
	switch v.ClinicalStatus.Code(fhir.SystemAllergyClinical) {
	case allergyInactive, "resolved":
		return false
	}
	return true
}

func reaction(list []fhir.AllergyReaction) (said, worst string) {
	var parts []string
	for _, r := range list {
		for _, m := range r.Manifestation {
			if w := m.Words(); w != "" {
				parts = append(parts, w)
			}
		}
		if severityRank(r.Severity) > severityRank(worst) {
			worst = r.Severity
		}
	}
	return strings.Join(parts, ", "), worst
}

func severityRank(s string) int {
	switch s {
	case "severe":
		return 3
	case "moderate":
		return 2
	case "mild":
		return 1
	}
	return 0
}

// badness orders allergies: by severity of a reaction, then criticality, then
// certainty.
func badness(a ward.Allergy) int {
	n := severityRank(a.Severity) * 8
	switch a.Criticality {
	case "high":
		n += 16
	case "unable-to-assess":
		n += 4
	}
	if a.Certainty == allergyConfirmed {
		n++
	}
	return n
}

func sortAllergies(list []ward.Allergy) {
	rank := func(a ward.Allergy) int {
		switch {
		case a.Active && !a.NoneKnown:
			return 0
		case a.Active:
			return 1
		}
		return 2
	}
	slices.SortStableFunc(list, func(a, b ward.Allergy) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(badness(b), badness(a)), b.Recorded.Compare(a.Recorded), cmp.Compare(a.ID, b.ID))
	})
}

// allergyLine is the banner's sentence. An allergy in force always wins over
// "no known allergies"; the two together are a question for a person.
func allergyLine(list []ward.Allergy) ward.AllergyLine {
	line := ward.AllergyLine{State: ward.AllergyNotRecorded}
	none := false
	for _, a := range list {
		line.Review = line.Review || a.InReview
		switch {
		case !a.Active:
		case a.NoneKnown:
			none = true
		case line.State == ward.AllergyKnown:
			line.Others = append(line.Others, withReaction(a))
		default:
			line.State, line.Worst, line.WorstHow = ward.AllergyKnown, a.Substance, how(a)
		}
	}
	switch {
	case line.State == ward.AllergyKnown:
		line.Review = line.Review || none
	case none:
		line.State = ward.AllergyNone
	}
	return line
}

func withReaction(a ward.Allergy) string {
	if h := how(a); h != "" {
		return a.Substance + ": " + h
	}
	return a.Substance
}

// how is the reaction, its severity, and that nobody has confirmed it: it counts all the
// same.
func how(a ward.Allergy) string {
	said := a.Reaction
	switch {
	case said != "" && a.Severity != "":
		said += " (" + ward.Said(a.Severity) + ")"
	case said == "":
		said = ward.Said(a.Severity)
	}
	if a.Certainty == allergyConfirmed {
		return said
	}
	return strings.TrimPrefix(said+", "+ward.Said(allergyUnconfirmed), ", ")
}
