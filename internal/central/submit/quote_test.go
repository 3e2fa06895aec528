package submit_test

import (
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
)

// warning is the only warning there is.
func (h *hospital) warning() fhir.Task {
	h.Helper()
	list := h.tasks(fhir.TaskHeldBack)
	if len(list) != 1 {
		h.Fatalf("%d warnings", len(list))
	}
	return view[fhir.Task](h.T, list[0].Body)
}

func said(t fhir.Task, name string) string {
	if p, ok := fhir.ParamOf(t.Input, name); ok && p.ValueString != nil {
		return *p.ValueString
	}
	return ""
}

func perhaps(t fhir.Task) (refs []string) {
	for _, p := range t.Input {
		if p.Type.Has(fhir.SystemTaskParam, fhir.ParamPerhaps) {
			refs = append(refs, p.ValueReference.Reference)
		}
	}
	return refs
}

// The number is one that we know, name and birth date are another's: the warning
// says whose it may be, quotes the value and says why, and none of it is an entry
// of anybody's record.
func TestAWarningQuotesWhatAScreenNeeds(t *testing.T) {
	h := open(t, nil)
	p := h.admitted(kaya, "4B")
	h.file(h.oru(person{kaya.number, "Other", "1999-09-09"}, "4B", reading{"1", "6.8", "final", 1, 1}))
	w := h.warning()
	if len(w.Contained) != 1 || string(*w.Contained[0].ValueQuantity.Value) != "6.8" || w.Contained[0].Subject != nil {
		t.Fatalf("contained: %+v", w.Contained)
	}
	grave, _ := fhir.ExtensionOf(w.Contained[0].Extension, fhir.ExtGrave)
	if grave.ValueCode == nil || *grave.ValueCode != fhir.GraveCritical || fhir.ExtString(w.Contained[0].Extension, fhir.ExtWhy) != "limit 6.5 of the program, table default-1 of 30-Nov-2026" {
		t.Errorf("extensions: %+v", w.Contained[0].Extension)
	}
	if got := perhaps(w); len(got) != 1 || got[0] != "Patient/"+string(p) {
		t.Errorf("it may be of %v", got)
	}
	if said(w, fhir.ParamWhy) == "" || said(w, fhir.ParamPhone) == "" || !strings.Contains(said(w, fhir.ParamSaid), "Other") {
		t.Errorf("input: %+v", w.Input)
	}
	if _, filed := h.current(obs("1")); filed {
		t.Error("a quotation was filed")
	}
}

// What goes to every ward quotes the value, and names nobody.
func TestAWarningForEveryWardNamesNobody(t *testing.T) {
	h := open(t, nil)
	h.file(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	w := h.warning()
	if len(w.Contained) != 1 || said(w, fhir.ParamSaid) != "" || len(perhaps(w)) != 0 {
		t.Errorf("%+v", w)
	}
}

// Two wards are warned, and one takes it: the other must learn that somebody has it.
func TestWhoeverTakesAWarningTakesItForEveryWardThatHasIt(t *testing.T) {
	h := open(t, nil)
	h.file(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	warning := h.tasks(fhir.TaskHeldBack)[0]
	take := h.w5A.about("a.ruiz", fhir.TaskAcknowledge, "", warning.Ref, 1)
	h.w5A.sent(take)
	if c, _ := h.current(take.Ref); !hasWard(c.Wards, "4B") || !hasWard(c.Wards, "5A") {
		t.Errorf("the taking goes to %v", c.Wards)
	}
	back := h.w5A.about("a.ruiz", fhir.TaskWithdraw, "", take.Ref, 1)
	h.w5A.sent(back)
	if c, _ := h.current(back.Ref); !hasWard(c.Wards, "4B") {
		t.Errorf("the withdrawal goes to %v", c.Wards)
	}
}

// A result of somebody who has left is filed; its warning says so, and of whom.
func TestAResultAfterDischargeSaysOfWhomAndThatItIsFiled(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "4B")
	h.now = h.now.Add(time.Hour)
	h.filed(h.adt(kaya, "v1001", "", h.now))
	h.now = h.now.Add(time.Minute)
	h.file(h.oru(kaya, "", reading{"0", "4.2", "final", 1, 1})) // nothing to warn of
	h.file(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	w := h.warning()
	if said(w, fhir.ParamFiled) != fhir.FiledWhole || said(w, fhir.ParamWard) != "4B" || !strings.Contains(said(w, fhir.ParamSaid), kaya.family) || !strings.Contains(w.Description, kaya.family) || len(w.Contained) != 1 {
		t.Errorf("%q %+v", w.Description, w.Input)
	}
	name, _ := fhir.ParamOf(w.Input, fhir.ParamName)
	born, _ := fhir.ParamOf(w.Input, fhir.ParamBorn)
	number, _ := fhir.ParamOf(w.Input, fhir.ParamNumber)
	switch {
	case name.ValueHumanName == nil || name.ValueHumanName.Family != kaya.family:
		t.Errorf("name: %+v", name)
	case born.ValueDate != kaya.born:
		t.Errorf("born: %+v", born)
	case number.ValueIdentifier == nil || number.ValueIdentifier.Value != kaya.number:
		t.Errorf("number: %+v", number)
	}
}

// Where it is not known which ward they left, every ward is warned, and by name of
// nobody: a number names somebody, too.
func TestAWarningForEveryWardNamesNobodyByNumber(t *testing.T) {
	h := open(t, nil)
	h.admitted(kaya, "9Z") // no computer of that ward
	h.now = h.now.Add(time.Hour)
	h.filed(h.adt(kaya, "v1001", "", h.now))
	h.now = h.now.Add(time.Minute)
	h.file(h.oru(kaya, "", reading{"1", "6.8", "final", 1, 1}))
	w := h.warning()
	for _, name := range []string{fhir.ParamName, fhir.ParamBorn, fhir.ParamNumber, fhir.ParamSaid} {
		if p, given := fhir.ParamOf(w.Input, name); given {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
