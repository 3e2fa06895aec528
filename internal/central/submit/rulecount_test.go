package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/rbac"
)

// acts records what was done about a result.
func (s *station) acts(patient fhir.ID, filler string, v record.Version, words string) {
	s.sent(s.write("g.mensah", patient, fhir.Ref{Type: fhir.TypeTask}, put(func(id fhir.ID) any {
		f := fhir.To(obs(filler))
		return fhir.Task{
			ResourceType: fhir.TypeTask, ID: id, Status: "completed", Intent: "order", Code: fhir.TaskCode(fhir.TaskAcknowledge), Focus: &f, For: to(patient), Description: words,
			Input: []fhir.TaskParameter{
				{Type: fhir.Param(fhir.ParamVersion), ValueInteger: fhir.Int(int64(v))}, {Type: fhir.Param(fhir.ParamKind), ValueString: fhir.Str("acting")},
			},
		}
	})))
}

// Central counts over all patients, those who left too; a count that did not change is
// not written again before it is old; it goes to every computer and names nobody. A
// computer cannot write one.
func TestCentralCountsWhatTheRulesDid(t *testing.T) {
	h := open(t, nil)
	counts := submit.NewRuleCounts(h.s)
	count := func(want bool) map[alert.RuleID]alert.Count {
		t.Helper()
		wrote, err := counts.Count(h.ctx())
		h.must(err)
		if wrote != want {
			t.Fatalf("written: %v, want %v", wrote, want)
		}
		c, ok := h.current(record.UseOfRules())
		if !ok || len(c.Wards) != 1 || c.Wards[0] != rbac.AnyWard || c.Patient != "" || c.Author.Sender == "" {
			t.Fatalf("%+v", c)
		}
		v := view[struct{ Extension []fhir.Extension }](t, c.Body)
		text := fhir.ExtString(v.Extension, fhir.ExtRuleUse)
		for _, name := range []string{"mensah", "Grace", "Treated by", string(kaya.family)} {
			if strings.Contains(text, name) {
				t.Errorf("the count names %q: %s", name, text)
			}
		}
		got, err := alert.ParseRuleTally(text)
		h.must(err)
		if fresh := submit.NewRuleCounts(h.s); true { // a central that begins anew counts the same
			wrote, err := fresh.Count(h.ctx())
			h.must(err)
			if wrote {
				t.Fatal("a look at the whole counts otherwise than what was followed")
			}
		}
		return got.Days[7]
	}
	count(true)
	a, b := h.admitted(kaya, "4B"), h.stays(odum, "v2", "4B")
	h.file(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	h.platelets(odum, "2", "14", "final", 0)
	h.now = h.now.Add(4 * time.Minute)
	h.w4B.takes(a, "1", 1)
	k, plt := alert.RuleCritical("potassium"), alert.RuleCritical("platelets")
	if got := count(true); got[k].Fired != 1 || got[k].Taken != 1 || got[k].Patients != 1 || got[plt].Nobody != 1 || got[plt].Climbed != 0 {
		t.Errorf("%+v", got)
	}
	count(false)
	h.now = h.now.Add(7 * time.Minute) // the second step is reached, and nothing is in the journal
	if got := count(true); got[plt].Climbed != 1 || got[k].Climbed != 0 {
		t.Errorf("%+v", got)
	}
	h.w4B.acts(a, "1", 1, "Treated")
	h.w4B.takes(b, "2", 1)
	h.now = h.now.Add(time.Minute)
	h.platelets(odum, "3", "14", "final", 2)
	h.file(h.oru(kaya, "", reading{"1", "4.2", "corrected", 2, 2}))
	got := count(true)
	if got[plt].Fired != 1 || got[plt].Quiet != 1 || got[plt].Patients != 1 || got[k].Acted[alert.ActTreated] != 1 || got[alert.RuleCorrected].Fired != 1 || got[alert.RuleCorrected].Nobody != 1 {
		t.Errorf("%+v", got)
	}
	h.filed(h.adt(kaya, "v"+kaya.number, "", h.now.Add(time.Minute))) // discharged
	h.now = h.now.Add(7 * time.Hour)
	if got := count(true); got[k].Fired != 1 || got[alert.RuleCorrected].Climbed != 1 {
		t.Errorf("%+v", got)
	}
	count(false)
	h.now = h.now.Add(6*time.Hour + time.Minute)
	count(true) // as old as it may become
	h.now = h.now.AddDate(0, 0, 8)
	if got := count(true); len(got) != 0 {
		t.Errorf("a week later: %+v", got)
	}

	forged := h.w4B.write("m.okafor", "", record.UseOfRules(), func(m *record.Mutation) {
		m.Ref, m.Base = record.UseOfRules(), 1
		m.Ops = []record.Op{{Kind: record.OpPut, Value: body(map[string]any{"resourceType": "Basic", "id": string(m.Ref.ID)})}}
	})
	if r := h.w4B.send(forged); r.Outcome != record.Refused {
		t.Errorf("%+v", r)
	}
}

// An order against a warning counts by the warning's level; what is held back counts
// without anybody's name.
func TestOrdersAndWhatIsHeldBackAreCounted(t *testing.T) {
	h := open(t, nil)
	h.must(h.s.PutAccount(h.ctx(), record.Author{User: "root"}, record.Account{User: "a.doc", Name: "Ann Doc", Role: "doctor", Wards: []record.Ward{"4B"}}))
	p := h.admitted(kaya, "4B")
	order := func(level string, stamp time.Time) {
		h.w4B.sent(h.w4B.write("a.doc", p, fhir.Ref{Type: fhir.TypeMedicationRequest}, put(func(id fhir.ID) any {
			return map[string]any{
				"resourceType": "MedicationRequest", "id": string(id), "status": "active", "intent": "order", "subject": to(p),
				"medicationCodeableConcept": map[string]any{"text": "Amoxicillin"},
				"extension":                 []any{fhir.Override{Level: level, Text: "allergy to penicillin", Reason: "was never one", By: "Tom", At: stamp.Format(time.RFC3339)}.Extension()},
			}
		})))
	}
	order("stop", h.now)
	order("unchecked", h.now)
	order("stop", h.now.AddDate(0, 0, -9))
	h.file(h.oru(person{"9999", "Nobody", kaya.born}, "4B", reading{"8", "6.8", "final", 1, 1}))
	h.admitted(odum, "4B")
	h.filed(h.adt(odum, "v"+odum.number, "", h.now))
	h.now = h.now.Add(time.Hour)
	h.file(h.oru(odum, "", reading{"9", "6.9", "final", 1, 1}))
	counts := submit.NewRuleCounts(h.s)
	_, err := counts.Count(h.ctx())
	h.must(err)
	c, _ := h.current(record.UseOfRules())
	v := view[struct{ Extension []fhir.Extension }](t, c.Body)
	got, err := alert.ParseRuleTally(fhir.ExtString(v.Extension, fhir.ExtRuleUse))
	h.must(err)
	week, month := got.Days[7][alert.RuleAllergy], got.Days[30][alert.RuleAllergy]
	if week.Fired != 1 || week.Overruled["stop"] != 1 || month.Fired != 2 || month.Patients != 1 {
		t.Errorf("%+v, %+v", week, month)
	}
	for _, rule := range []alert.RuleID{alert.RuleHeldBack, alert.RuleLeft} {
		if n := got.Days[7][rule]; n.Fired != 1 || n.Nobody != 1 || n.Patients != 0 {
			t.Errorf("%s: %+v", rule, n)
		}
	}
	if strings.Contains(string(c.Body), "penicillin") || strings.Contains(string(c.Body), "never") {
		t.Errorf("the count holds what somebody wrote: %s", c.Body)
	}
}
