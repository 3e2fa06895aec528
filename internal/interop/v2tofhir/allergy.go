package v2tofhir

import (
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/hl7"
)

// allergyCategories maps HL7 table 0127.
var allergyCategories = map[string]string{
	"DA": "medication", "FA": "food", "EA": "environment", "PA": "environment", "LA": "environment", "AA": "biologic",
	"DRUG": "medication", "FOOD": "food", "ENVIRONMENT": "environment", // words in the place of a code
}

var severities = map[string]string{"SV": "severe", "MO": "moderate", "MI": "mild"}

// severityWords are the words that senders write in the place of a code.
var severityWords = map[string]string{"SEVERE": "SV", "MODERATE": "MO", "MILD": "MI", "UNKNOWN": "U"}

// noneKnown are the words by which senders say that there is no allergy at all.
// "No known drug allergies" says less and is kept as it was sent.
var noneKnown = set("nka", "no known allergies", "no known allergy", "no known allergies (situation)")

// allergies makes a draft of every AL1 and IAM. AL1 are a snapshot: an allergy that is
// not in it has not been refuted. IAM says what changed, and D takes one back.
func (m *message) allergies(segs []hl7.Segment, s record.Subject) []record.Draft {
	var drafts []record.Draft
	seen := map[fhir.ID]bool{}
	for _, seg := range segs {
		if seg.ID() != "AL1" && seg.ID() != "IAM" {
			continue
		}
		code, ok := m.concept(seg.Field(3).Rep(1))
		if !ok || len(s.Identifiers) == 0 {
			if seg.Field(3).Presence() == hl7.Present {
				m.note("an allergy that could not be read was left out")
			}
			continue
		}
		a := m.allergy(seg, code)
		if seg.ID() == "IAM" {
			m.iam(&a, seg)
		}
		a.ID = idOf("a", m.sender, s.Identifiers[0].System, s.Identifiers[0].Value, conceptKey(code))
		if seen[a.ID] {
			continue // the same allergy twice in one list
		}
		seen[a.ID] = true
		body, err := fhir.Make(a)
		if err != nil {
			continue
		}
		drafts = append(drafts, record.Draft{
			Ref: fhir.Ref{Type: fhir.TypeAllergyIntolerance, ID: a.ID}, Event: m.event,
			Ops: []record.Op{{Kind: record.OpPut, Value: body}}, Times: record.Times{Clinical: a.OnsetDateTime},
		})
	}
	return drafts
}

func (m *message) allergy(seg hl7.Segment, code fhir.CodeableConcept) fhir.AllergyIntolerance {
	a := fhir.AllergyIntolerance{
		ResourceType: fhir.TypeAllergyIntolerance, Patient: fhir.Reference{Reference: record.SubjectRef},
		ClinicalStatus: &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemAllergyClinical, Code: "active"}}},
	}
	for _, c := range append([]fhir.Coding{{Display: code.Text}}, code.Coding...) {
		if noneKnown[normalised(c.Display)] || c.System != fhir.SystemSNOMED && noneKnown[normalised(c.Code)] {
			if !code.Has(fhir.SystemSNOMED, fhir.CodeNoKnownAllergies) {
				code.Coding = append([]fhir.Coding{{System: fhir.SystemSNOMED, Code: fhir.CodeNoKnownAllergies, Display: "No known allergy"}}, code.Coding...)
			}
			break
		}
	}
	a.Code = &code
	if c := allergyCategories[strings.ToUpper(text(seg.Field(2)))]; c != "" {
		a.Category = []string{c}
	}
	sent := text(seg.Field(4))
	severity := strings.ToUpper(sent)
	if code, ok := severityWords[severity]; ok {
		severity = code
	}
	switch severity {
	case "SV":
		a.Criticality = "high"
	case "U":
		a.Criticality = "unable-to-assess"
	}
	r := fhir.AllergyReaction{Severity: severities[severity]}
	for _, f := range seg.Field(5).Reps() {
		if t := text(f); t != "" {
			r.Manifestation = append(r.Manifestation, fhir.CodeableConcept{Text: t})
		}
	}
	switch {
	case len(r.Manifestation) > 0:
		a.Reaction = []fhir.AllergyReaction{r}
	case r.Severity != "" && a.Criticality == "":
		// R4 knows no severity without a reaction; it is not made up.
		a.Note = []fhir.Annotation{{Text: "Severity as sent: " + r.Severity}}
	}
	if sent != "" && severities[severity] == "" && severity != "U" { // no code of the table
		a.Note = append(a.Note, fhir.Annotation{Text: "Severity as sent: " + sent})
	}
	if seg.ID() != "AL1" {
		return a
	}
	if t, ok := m.time(seg.Field(6), "AL1-6"); ok {
		a.OnsetDateTime = t.FHIR()
	}
	return a
}

// statements maps HL7 table 0438 (IAM-17) to R4's verification status.
var statements = map[string]string{"U": "unconfirmed", "P": "unconfirmed", "S": "unconfirmed", "D": "unconfirmed", "C": "confirmed", "I": "confirmed", "E": "entered-in-error"}

// iam reads what IAM says beyond AL1: what happened to the allergy (IAM-6, table 0323),
// since when (11), when it was told (13) and how sure it is (17). An action that is not
// known takes nothing back.
func (m *message) iam(a *fhir.AllergyIntolerance, seg hl7.Segment) {
	if t, ok := m.time(seg.Field(11), "IAM-11"); ok {
		a.OnsetDateTime = t.FHIR()
	}
	if t, ok := m.time(seg.Field(13), "IAM-13"); ok {
		a.RecordedDate = t.FHIR()
	}
	status := strings.ToUpper(text(seg.Field(17)))
	certain := statements[status]
	switch action := strings.ToUpper(text(seg.Field(6))); {
	case action == "D":
		certain = "entered-in-error"
	case action != "" && !strings.Contains("AUXS", action):
		m.note("an allergy has an action that is not known (IAM-6); it was taken as one that holds")
	}
	if certain != "" {
		a.VerificationStatus = &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemAllergyVerified, Code: certain}}}
	}
	switch {
	case certain == "entered-in-error":
		a.ClinicalStatus = nil // R4: what was entered in error has none
	case status == "I":
		a.ClinicalStatus = &fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemAllergyClinical, Code: "inactive"}}}
	}
}
