package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A diagnosis in the messages of a stay: said again it changes nothing, a delayed
// older message neither brings it back nor undoes what a newer one said, and what a
// clinician resolved stays so.
func TestADiagnosisOverTheMessagesOfAStay(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	d := fhir.Ref{Type: fhir.TypeCondition, ID: "d1"}
	list := func(at time.Time, words, certainty string) record.Filing {
		f := h.adt(kaya, "v1001", "4B", at)
		b := `{"resourceType":"Condition","id":"d1","subject":{"reference":"` + record.SubjectRef + `"},"code":{"text":"` + words + `"},"verificationStatus":{"coding":[{"code":"` + certainty + `","system":"` + fhir.SystemConditionVerified + `"}]}}`
		canon, err := fhir.Canonical([]byte(b))
		if err != nil {
			t.Fatal(err)
		}
		f.Groups[0].Drafts = append(f.Groups[0].Drafts, record.Draft{Ref: d, Event: at.UnixMilli(), Ops: []record.Op{{Kind: record.OpPut, Value: canon}}})
		return f
	}
	stands := func(version record.Version, parts ...string) {
		t.Helper()
		c, ok := h.current(d)
		if !ok || c.Version != version {
			t.Fatalf("version %d, want %d: %s", c.Version, version, c.Body)
		}
		for _, s := range parts {
			if !strings.Contains(string(c.Body), s) {
				t.Errorf("no %q in %s", s, c.Body)
			}
		}
	}
	first := h.now
	h.filed(list(first, "AKI", "provisional"))
	stands(1, "AKI", "provisional")
	h.now = h.now.Add(time.Hour)
	h.file(list(h.now, "AKI", "provisional")) // an update with the same list
	stands(1)
	h.w4B.sent(h.w4B.write("g.mensah", p, d, set(1, "clinicalStatus", `{"coding":[{"code":"resolved","system":"`+fhir.SystemConditionClinical+`"}]}`)))
	stands(2, "resolved")
	h.now = h.now.Add(time.Hour)
	second := h.now
	h.file(list(second, "AKI stage 2", "confirmed"))
	stands(3, "resolved", "AKI stage 2", "confirmed")
	h.now = h.now.Add(time.Hour)
	h.file(list(h.now, "AKI stage 2", "entered-in-error")) // DG1-21 D
	stands(4, "entered-in-error")
	h.now = h.now.Add(time.Hour)
	h.file(list(second.Add(time.Minute), "AKI, delayed", "confirmed")) // made before it was taken back
	c, _ := h.current(d)
	if strings.Contains(string(c.Body), "delayed") || !strings.Contains(string(c.Body), "entered-in-error") {
		t.Errorf("an older message came back: %s", c.Body)
	}
	kept := false
	for _, v := range h.history(d) {
		kept = kept || strings.Contains(string(v.Body), "delayed")
	}
	if !kept {
		t.Error("the delayed message is not among the earlier versions")
	}
	h.file(list(h.now, "AKI", "confirmed")) // its sender lists it again
	if c, _ := h.current(d); !strings.Contains(string(c.Body), "confirmed") || strings.Contains(string(c.Body), "entered-in-error") {
		t.Errorf("listed again, and %s", c.Body)
	}
}
