package desk

import (
	"cmp"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Codes of R4 condition-clinical and condition-ver-status.
const (
	problemActive      = "active"
	problemResolved    = "resolved"
	problemConfirmed   = "confirmed"
	problemProvisional = "provisional"
	problemUnconfirmed = "unconfirmed"
	problemError       = "entered-in-error"
	problemRefuted     = "refuted"
)

// problems are the patient's problems and diagnoses: those that hold, by rank and the
// newest first, then what is over, then what is not so.
func (d *Desk) problems(c *compartment, stays []ward.Stay) []ward.Problem {
	out := make([]ward.Problem, 0, len(c.problems))
	disputed, me := disputedRefs(c), d.me()
	for i := range c.problems {
		p := d.problem(&c.problems[i], me)
		p.InReview = disputed[c.problems[i].Change.Ref]
		if j := slices.IndexFunc(stays, func(s ward.Stay) bool { return s.ID == p.Stay }); j >= 0 {
			p.StayWords = joined(stays[j].Class, stays[j].Place, visitWords(stays[j].Number))
		}
		out = append(out, p)
	}
	order := map[ward.ProblemStatus]int{ward.ProblemActive: 0, ward.ProblemResolved: 1, ward.ProblemRefuted: 2, ward.ProblemError: 3}
	slices.SortStableFunc(out, func(a, b ward.Problem) int {
		return cmp.Or(cmp.Compare(order[a.Status], order[b.Status]), cmp.Compare(ranked(a), ranked(b)), b.Recorded.Compare(a.Recorded), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// ranked puts what has no rank behind what has one.
func ranked(p ward.Problem) int {
	if p.Rank == 0 {
		return int(^uint(0) >> 1)
	}
	return p.Rank
}

func visitWords(number string) string {
	if number == "" {
		return ""
	}
	return words.F("visit %s", number)
}

func (d *Desk) problem(i *item[fhir.Condition], me record.UserID) ward.Problem {
	v := i.View
	p := ward.Problem{
		ID: i.id(), Version: i.version(), Status: problemStatus(v), Certainty: problemCertainty(v), Rank: int(fhir.ExtInteger(v.Extension, fhir.ExtDiagnosisRank)),
		Uses: diagnosisUses(v), By: cmp.Or(i.First.Name, i.First.Shown()), Sent: i.First.Sender != "", Recorded: d.at(i.Made), Unsent: i.Unsent,
		Remarks: orderRemarks(v.Extension, false),
	}
	if t, _ := when(v.RecordedDate, d.loc); !t.IsZero() && p.Sent {
		p.Recorded = t
	}
	if v.Code != nil {
		p.Words, p.Codes = v.Code.Words(), codesOf(*v.Code)
	}
	_, p.Onset = when(v.OnsetDateTime, d.loc)
	if v.Asserter != nil && p.Sent {
		p.Asserter = v.Asserter.Display
	}
	if v.Encounter != nil {
		if ref, ok := v.Encounter.Ref(); ok {
			p.Stay = ref.ID
		}
	}
	var notes []string
	for _, n := range v.Note {
		notes = append(notes, n.Text)
	}
	p.Note = strings.Join(notes, " ")
	if p.Status != ward.ProblemActive {
		ch := i.Change
		p.EndedAt = d.at(ch.Times)
		p.Ended = ward.SayName(ch.Author.Shown()) + ", " + d.stampWords(p.EndedAt)
		if ch.Reason != "" {
			p.Ended += ": " + told.Reasons.Say(ch.Reason)
		}
		p.Undo = me != "" && ch.Author.User == me
	}
	return p
}

// problemStatus: a problem holds unless somebody said that it does not. One without
// statuses holds: silence never hides a problem.
func problemStatus(v fhir.Condition) ward.ProblemStatus {
	switch problemCertainty(v) {
	case problemError:
		return ward.ProblemError
	case problemRefuted:
		return ward.ProblemRefuted
	}
	if v.ClinicalStatus == nil {
		return ward.ProblemActive
	}
	switch v.ClinicalStatus.Code(fhir.SystemConditionClinical) {
	case "inactive", "remission", problemResolved:
		return ward.ProblemResolved
	}
	return ward.ProblemActive
}

// problemCertainty is how sure somebody is; R4 lets it be missing, and what is missing
// is not confirmed.
func problemCertainty(v fhir.Condition) string {
	if v.VerificationStatus == nil {
		return problemUnconfirmed
	}
	return cmp.Or(v.VerificationStatus.Code(fhir.SystemConditionVerified), problemUnconfirmed)
}

// diagnosisUses are the uses of a diagnosis in words (HL7 table 0052).
func diagnosisUses(v fhir.Condition) []string {
	var out []string
	for _, u := range strings.Fields(fhir.ExtString(v.Extension, fhir.ExtDiagnosisUse)) {
		switch u {
		case "A":
			u = "admitting"
		case "W":
			u = "working"
		case "F":
			u = "final"
		}
		out = append(out, u)
	}
	return out
}

// codeNames are code systems as people call them.
var codeNames = map[string]string{
	fhir.SystemSNOMED: "SNOMED CT", "http://hl7.org/fhir/sid/icd-10": "ICD-10", "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM", "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
}

// codesOf are the codes of a concept as sent, each with its system and with what the
// system calls it where that is not the text.
func codesOf(c fhir.CodeableConcept) []string {
	var out []string
	for _, k := range c.Coding {
		if k.Code == "" {
			continue
		}
		said := k.Code + ", " + cmp.Or(codeNames[k.System], words.T("its sender’s own code"))
		if k.Display != "" && k.Display != c.Words() {
			said += ": " + k.Display
		}
		out = append(out, said)
	}
	return out
}

// problemLine is a problem in the report of an outage.
func problemLine(body fhir.Resource) (kind, said string) {
	v, err := fhir.View[fhir.Condition](body)
	if err != nil || v.Code == nil {
		return words.C("kind", "problem"), words.T("Problem")
	}
	said = v.Code.Words()
	if s := problemStatus(v); s != ward.ProblemActive {
		said = joined(said, ward.Said(string(s)))
	}
	return words.C("kind", "problem"), said
}
