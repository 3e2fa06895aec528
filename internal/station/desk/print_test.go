package desk_test

import (
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// Every patient on a printed sheet is a look of its own, with who took it and
// what it was; without somebody signed in nothing is printed.
func TestAPrintIsALookAtEachPatient(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	before := len(r.looks())
	ok(t, r.desk.PrintLook(bg, "handover", []ward.PatientID{folake, "p11"}))
	got := r.looks()[before:]
	if len(got) != 2 || got[0].Action != audit.Export || got[0].Patient != folake || got[0].Query != "printed: handover" || got[0].Who.Name != grace.Name || got[1].Patient != "p11" {
		t.Errorf("%s", show(got))
	}
	if err := r.desk.PrintLook(bg, "handover", nil); !fault.Is(err, fault.NotFound) {
		t.Errorf("a sheet of nobody: %v", err)
	}
	r.desk.Lock()
	if err := r.desk.PrintLook(bg, "handover", []ward.PatientID{folake}); err == nil {
		t.Error("somebody printed at a locked computer")
	}
}
