package desk_test

import (
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// diagnosed is a diagnosis as the hospital's system sent it.
func diagnosed(id, words, certainty string, change func(obj)) obj {
	o := obj{
		"resourceType": "Condition", "id": id, "subject": ref(fhir.TypePatient, string(folake)),
		"code":               obj{"text": words, "coding": []any{obj{"system": "http://hl7.org/fhir/sid/icd-10", "code": "N17.9", "display": "Acute kidney failure, unspecified"}}},
		"verificationStatus": obj{"coding": []any{obj{"system": fhir.SystemConditionVerified, "code": certainty}}},
		"extension":          []any{obj{"url": fhir.ExtDiagnosisUse, "valueString": "A F"}, obj{"url": fhir.ExtDiagnosisRank, "valueInteger": 2}},
	}
	if change != nil {
		change(o)
	}
	return o
}

func (r *room) problem(words string) ward.Problem {
	r.t.Helper()
	for _, p := range r.chart(folake).Problems {
		if p.Words == words {
			return p
		}
	}
	r.t.Fatalf("no problem %q", words)
	return ward.Problem{}
}

// A problem is written down, resolved, taken back and struck, with the network out;
// each step stays in the record and says by whom.
func TestAProblemFromRecordToResolved(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	done := r.do(ward.RecordProblem{Patient: folake, Words: " Pneumonia ", Certainty: "provisional", Onset: "2026-11-21", Note: "right base"})
	p := r.problem("Pneumonia")
	if len(done.Made) != 1 || p.ID != done.Made[0] || p.Status != ward.ProblemActive || p.Certainty != "provisional" || p.Onset != "21-Nov-2026" || p.Note != "right base" || !p.Unsent || p.Sent || p.By != "Grace Mensah, nurse" {
		t.Fatalf("%+v", p)
	}
	if again := r.do(ward.RecordProblem{Patient: folake, Words: "pneumonia", Certainty: "provisional", Onset: "2026-11-21"}); len(r.chart(folake).Problems) != 1 || again.Made[0] != p.ID {
		t.Error("pressed twice, and written twice")
	}
	r.desk.SetSession(tom)
	r.refused(fault.Conflict, "", ward.RecordProblem{Patient: folake, Words: "PNEUMONIA"})
	r.drain()
	p = r.problem("Pneumonia")
	r.refused(fault.Conflict, "", ward.ResolveProblem{Patient: folake, Problem: p.ID, Version: p.Version + 1})
	r.do(ward.ResolveProblem{Patient: folake, Problem: p.ID, Version: p.Version, Reason: "afebrile"})
	if p = r.problem("Pneumonia"); p.Status != ward.ProblemResolved || !strings.HasPrefix(p.Ended, "Tom Blake, nurse") || !strings.HasSuffix(p.Ended, ": afebrile") || !p.Undo {
		t.Fatalf("%+v", p)
	}
	r.drain()
	r.do(ward.ReopenProblem{Patient: folake, Problem: p.ID})
	if p = r.problem("Pneumonia"); p.Status != ward.ProblemActive || p.Ended != "" {
		t.Fatalf("%+v", p)
	}
	r.drain()
	p = r.problem("Pneumonia")
	r.refused(fault.Invalid, "", ward.StrikeProblem{Patient: folake, Problem: p.ID, Version: p.Version})
	r.do(ward.StrikeProblem{Patient: folake, Problem: p.ID, Version: p.Version, Reason: "wrong patient"})
	if p = r.problem("Pneumonia"); p.Status != ward.ProblemError || !strings.HasSuffix(p.Ended, ": wrong patient") {
		t.Fatalf("%+v", p)
	}
	r.desk.SetSession(grace)
	r.refused(fault.Conflict, "", ward.ReopenProblem{Patient: folake, Problem: p.ID}) // it was Tom who struck it
	r.drain()
	if body := string(r.bodies[fhir.Ref{Type: fhir.TypeCondition, ID: p.ID}]); strings.Contains(body, "clinicalStatus") {
		t.Errorf("entered in error, and with a clinical status: %s", body)
	}
	for _, bad := range []ward.RecordProblem{{Words: " "}, {Words: "x", Certainty: "sure"}, {Words: "x", Onset: "yesterday"}, {Words: "x", Onset: "2026-12-01"}} {
		bad.Patient = folake
		r.refused(fault.Invalid, "", bad)
	}
	clerk := ward.Person{User: "c.lark", Name: "Carl Lark, clerk", Role: "ward-clerk", Wards: []string{"4B"}}
	r.desk.SetSession(clerk)
	r.refused(fault.Denied, "", ward.RecordProblem{Patient: folake, Words: "Gout"})
}

// What another system sent is read with its codes, use and rank; it is resolved here,
// and struck by its sender alone. Problems stand by status and rank.
func TestADiagnosisThatWasSent(t *testing.T) {
	r := newRoom(t)
	r.send(admitted(string(folake), "Adeyemi", "Folake", "07")[0])
	r.batch([]record.Change{r.visit("now", "in-progress", nil)}, nil)
	r.send(
		diagnosed("d2", "Acute kidney injury", "confirmed", func(o obj) { o["encounter"] = obj{"reference": "Encounter/now"} }),
		diagnosed("d1", "Urinary sepsis", "provisional", func(o obj) {
			o["extension"] = []any{obj{"url": fhir.ExtDiagnosisRank, "valueInteger": 1}, obj{"url": fhir.ExtFlag, "valueCode": "confidential"}}
			delete(o, "code")
			o["code"] = obj{"text": "Urinary sepsis"}
		}),
		diagnosed("d3", "Chest pain", "entered-in-error", nil),
		diagnosed("d4", "Frailty", "unconfirmed", func(o obj) { delete(o, "extension"); delete(o, "verificationStatus") }),
		diagnosed("d5", "Gout", "confirmed", func(o obj) {
			o["clinicalStatus"] = obj{"coding": []any{obj{"system": fhir.SystemConditionClinical, "code": "resolved"}}}
		}),
	)
	var got []string
	for _, p := range r.chart(folake).Problems {
		got = append(got, p.Words+" "+string(p.Status))
	}
	if want := []string{"Urinary sepsis active", "Acute kidney injury active", "Frailty active", "Gout resolved", "Chest pain entered in error"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	p := r.problem("Acute kidney injury")
	if !slices.Equal(p.Codes, []string{"N17.9, ICD-10: Acute kidney failure, unspecified"}) || !slices.Equal(p.Uses, []string{"admitting", "final"}) || p.Rank != 2 || p.StayWords != "inpatient, 4B, bed 07, visit V-now" || !p.Sent {
		t.Errorf("%+v", p)
	}
	if s := r.problem("Urinary sepsis"); len(s.Remarks) != 1 || s.Remarks[0] != "confidential" {
		t.Errorf("%+v", s)
	}
	r.refused(fault.Conflict, "", ward.StrikeProblem{Patient: folake, Problem: p.ID, Version: p.Version, Reason: "no"})
	r.do(ward.ResolveProblem{Patient: folake, Problem: p.ID, Version: p.Version})
	if p = r.problem("Acute kidney injury"); p.Status != ward.ProblemResolved {
		t.Errorf("%+v", p)
	}
}
