package v2tofhir

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
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

// Why an allergy cannot be filed; %s is the line of the message.
const (
	whySubstance = "an allergy names no substance (AL1-3 or IAM-3, line %s of the message); ask the sender to send it again with its name, and until then ask the patient"
	whyNumber    = "an allergy is taken back by its number alone (IAM-7, line %s of the message) and stays in force here; ask the sender to name its substance in IAM-3 as well, or refute it at a computer of the ward"
)

// allergies makes a draft of every AL1 and IAM. AL1 are a snapshot: an allergy that is
// not in it has not been refuted. IAM says what changed, and D takes one back (HL7 v2
// chapter 3.4.7). Segments of one message about one substance are one allergy: some senders
// write a segment for each reaction, others take one back and add it anew.
func (m *message) allergies(segs []hl7.Segment, s record.Subject) []record.Draft {
	var drafts []record.Draft
	var list []fhir.AllergyIntolerance
	for _, seg := range segs {
		if seg.ID() != "AL1" && seg.ID() != "IAM" || len(s.Identifiers) == 0 {
			continue
		}
		code, ok := m.concept(seg.Field(3).Rep(1))
		if !ok {
			m.nameless(seg)
			continue
		}
		before := len(m.unread)
		a := m.allergy(seg, code)
		if seg.ID() == "IAM" {
			m.iam(&a, seg)
		}
		a.Extension = unreadTimes(m.unreadSince(before))
		who := known(s)
		a.ID = idOf("a", m.sender, who.System, who.Value, conceptKey(code))
		if i := slices.IndexFunc(list, func(o fhir.AllergyIntolerance) bool { return o.ID == a.ID }); i >= 0 {
			list[i] = joinedAllergy(list[i], a)
			continue
		}
		list = append(list, a)
	}
	for _, a := range list {
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

// nameless is an allergy without a substance. It is no allergy that could be shown, and
// must not be lost without a word; a segment that is empty says nothing.
func (m *message) nameless(seg hl7.Segment) {
	taken := seg.ID() == "IAM" && strings.EqualFold(text(seg.Field(6)), "D")
	switch {
	case taken && text(seg.Field(7)) != "":
		m.problem(record.Problem{Reason: fmt.Sprintf(whyNumber, strconv.Itoa(seg.Line())), Owner: OwnerInterface, Partial: true})
	case taken || text(seg.Field(4)) == "" && text(seg.Field(5)) == "" && seg.Field(3).Presence() != hl7.Present:
	default:
		m.problem(record.Problem{Reason: fmt.Sprintf(whySubstance, strconv.Itoa(seg.Line())), Owner: OwnerInterface, Partial: true})
	}
}

// joinedAllergy is what two segments of one message say of one substance: the reactions of
// both, and the graver word. Where one of them takes the allergy back, the later counts.
func joinedAllergy(first, last fhir.AllergyIntolerance) fhir.AllergyIntolerance {
	if mistaken(first) || mistaken(last) {
		return last
	}
	out := last
	out.Reaction = union(first.Reaction, last.Reaction)
	out.Category = union(first.Category, last.Category)
	out.Note = union(first.Note, last.Note)
	out.Identifier = union(first.Identifier, last.Identifier)
	out.Extension = union(first.Extension, last.Extension)
	if slices.Index(criticalities, first.Criticality) > slices.Index(criticalities, last.Criticality) {
		out.Criticality = first.Criticality
	}
	out.OnsetDateTime, out.RecordedDate = orElse(first.OnsetDateTime, last.OnsetDateTime), orElse(last.RecordedDate, first.RecordedDate)
	if codeOf(first.ClinicalStatus, fhir.SystemAllergyClinical) == "active" {
		out.ClinicalStatus = first.ClinicalStatus
	}
	if codeOf(first.VerificationStatus, fhir.SystemAllergyVerified) == "confirmed" {
		out.VerificationStatus = first.VerificationStatus
	}
	return out
}

// criticalities are R4's (value set allergy-intolerance-criticality), the gravest last.
var criticalities = []string{"", "unable-to-assess", "low", "high"}

func mistaken(a fhir.AllergyIntolerance) bool {
	return codeOf(a.VerificationStatus, fhir.SystemAllergyVerified) == "entered-in-error"
}

func codeOf(c *fhir.CodeableConcept, system string) string {
	if c == nil {
		return ""
	}
	return c.Code(system)
}

// union is two lists as one, in order, what is in both once.
func union[T any](a, b []T) []T {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.ContainsFunc(out, func(o T) bool { return reflect.DeepEqual(o, x) }) {
			out = append(out, x)
		}
	}
	return out
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
		t := strings.TrimSpace(prose(f))
		if c, ok := m.concept(f); ok && f.CompCount() > 1 { // a code, where the type is text
			t = orElse(c.Words(), t)
		}
		if t != "" {
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
// its number (7), since when (11), when it was told (13) and how sure it is (17). An action that is not
// known takes nothing back.
func (m *message) iam(a *fhir.AllergyIntolerance, seg hl7.Segment) {
	if id, ok := m.entity(seg.Field(7).Rep(1), "allergy"); ok {
		a.Identifier = []fhir.Identifier{id}
	}
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
