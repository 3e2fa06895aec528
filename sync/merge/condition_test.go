package merge

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// aProblem is a problem as it stands before two people change it apart.
func aProblem(t *testing.T, more string) fhir.Resource {
	t.Helper()
	b, err := fhir.Canonical([]byte(`{"resourceType":"Condition","id":"c1","subject":{"reference":"Patient/p1"},"code":{"text":"pneumonia"}` + more + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func changeOf(t *testing.T, by record.Author, ops ...string) record.Mutation {
	t.Helper()
	return record.Mutation{ID: record.MutationOf("sabcdefghijk2", 1), Ref: fhir.Ref{Type: fhir.TypeCondition, ID: "c1"}, Author: by, Ops: edit(t, ops...)}
}

// Who resolves a problem that somebody else, apart, says something new about, has
// resolved another one than stands there: a person is asked, and it counts meanwhile.
// Two who both resolve it have said one thing, whenever each says that it ended.
func TestAProblemResolvedAgainstAChange(t *testing.T) {
	nurse := record.Author{User: "g.mensah", Name: "Grace Mensah"}
	base := aProblem(t, `,"clinicalStatus":`+problem("clinical", "active"))
	changed := aProblem(t, `,"clinicalStatus":`+problem("clinical", "active")+`,"onsetDateTime":"2026-11-01"`)
	changed2 := strings.Replace(string(changed), "pneumonia", "lobar pneumonia", 1)
	over := changeOf(t, nurse, "set clinicalStatus "+problem("clinical", "resolved"), `set abatementDateTime "2026-11-22"`)
	res := Apply(Input{Base: base, Current: fhir.Resource(changed2), Mutation: over})
	if res.Outcome != record.Review {
		t.Errorf("resolved against a change: %s", res.Outcome)
	}
	c, err := fhir.View[fhir.Condition](res.Body)
	if err != nil || c.ClinicalStatus.Code(fhir.SystemConditionClinical) != "active" {
		t.Errorf("meanwhile: %s", res.Body)
	}
	ended := aProblem(t, `,"clinicalStatus":`+problem("clinical", "resolved")+`,"abatementDateTime":"2026-11-21"`)
	if res := Apply(Input{Base: base, Current: ended, Mutation: over}); res.Outcome == record.Review || res.Outcome == record.Refused {
		t.Errorf("resolved twice: %s", res.Outcome)
	}
}

// A sender's message says nothing of whether a problem is over: what a clinician
// resolved stays resolved, whatever the next message changes.
func TestAMessageReopensNoProblem(t *testing.T) {
	ended := aProblem(t, `,"clinicalStatus":`+problem("clinical", "resolved"))
	again := record.Mutation{
		Ref: fhir.Ref{Type: fhir.TypeCondition, ID: "c1"}, Author: record.Author{Sender: "adt PAS"},
		Ops: []record.Op{{Kind: record.OpPut, Value: aProblem(t, `,"verificationStatus":`+problem("ver-status", "confirmed"))}},
	}
	res := Apply(Input{Current: ended, Base: ended, Mutation: again})
	c, err := fhir.View[fhir.Condition](res.Body)
	if err != nil || res.Outcome != record.Applied || c.ClinicalStatus.Code(fhir.SystemConditionClinical) != "resolved" || c.VerificationStatus.Code(fhir.SystemConditionVerified) != "confirmed" {
		t.Errorf("%s: %s", res.Outcome, res.Body)
	}
}
