package submit_test

import (
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Whatever a station sends, the answer is a receipt: an error would make it
// send the same again for ever, with everything behind it waiting. And every
// receipt has its audit event.
func TestRubbishGetsAReceipt(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	list := h.w4B.allergy("g.mensah", p, "Latex")
	h.w4B.sent(list)
	h.filed(h.oru(kaya, "4B", reading{"1", "6.8", "final", 1, 1}))
	refs := []fhir.Ref{
		list.Ref, obs("1"),
		{Type: fhir.TypePatient, ID: p},
		{Type: fhir.TypeEncounter, ID: "vv1001"},
		{Type: fhir.TypeTask, ID: "new"},
		{Type: fhir.TypeFlag, ID: "f"},
		{Type: "Nonsense", ID: "n"},
		{Type: "", ID: ""},
		{Type: fhir.TypeServiceRequest, ID: "-subject-"},
	}
	values := []string{
		`"x"`, `{}`, `[]`, `null`, `{`, ``, `[{"url":1}]`, `{"coding":[{"code":3}]}`, `"entered-in-error"`, `"completed"`,
		string(body(allergyBody(list.Ref.ID, p, "Latex", "refuted"))), string(body(allergyBody(list.Ref.ID, "q", "", "confirmed"))),
		`{"resourceType":"Task","id":"new","code":{"coding":[{"system":"urn:wardlight:task-code","code":"review"}]},"for":7}`,
		`{"resourceType":"Flag","id":"f","extension":{"a":1}}`, `{"resourceType":"Flag","id":"f","identifier":[[]]}`,
	}
	fields := []string{"status", "extension", "identifier", "code", "subject", "name", "reaction", "output", "resourceType", "id", "verificationStatus", ""}
	rapid.Check(t, func(t *rapid.T) {
		ref := rapid.SampledFrom(refs).Draw(t, "ref")
		m := h.w4B.write(rapid.SampledFrom([]record.UserID{"g.mensah", "a.ruiz", "c.lund", ""}).Draw(t, "user"), p, ref, func(m *record.Mutation) {
			m.Ref = ref
			m.Patient = rapid.SampledFrom([]fhir.ID{p, "", "q", "bad id"}).Draw(t, "patient")
			m.Base = record.Version(rapid.Uint64Range(0, 3).Draw(t, "base"))
			m.Reason = rapid.SampledFrom([]string{"", "because"}).Draw(t, "reason")
			m.ReadSet = []record.Seen{{Ref: rapid.SampledFrom(refs).Draw(t, "seen"), Version: 1}}
			for range rapid.IntRange(0, 3).Draw(t, "ops") {
				m.Ops = append(m.Ops, record.Op{
					Kind: record.OpKind(rapid.Uint8Range(0, 6).Draw(t, "kind")), Field: rapid.SampledFrom(fields).Draw(t, "field"),
					Key: rapid.SampledFrom([]string{"", "k", "use:official"}).Draw(t, "key"), Value: []byte(rapid.SampledFrom(values).Draw(t, "value")),
				})
			}
		})
		r, err := h.s.Submit(h.ctx(), h.w4B.peer, m)
		if err != nil || r.Outcome == 0 || r.Position == 0 {
			t.Fatalf("%+v: receipt %+v, error %v", m, r, err)
		}
		if r.Outcome == record.Refused && r.Reason == "" {
			t.Fatalf("%+v: refused without words", m)
		}
	})
	if missing := unaudited(h.entries()); len(missing) > 0 {
		t.Errorf("without an audit event: %v", missing)
	}
}
