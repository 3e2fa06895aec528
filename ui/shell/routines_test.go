package shell

import (
	"context"
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/routines"
)

func (s *station) Routines(context.Context) (ward.Routines, error) {
	defer s.lock()()
	return ward.Routines{
		Ward: "4B", AsOf: noon, MayEdit: true,
		List: []ward.Routine{{ID: "r1", Version: 2, Number: 2, Name: "Admission", Kind: "admission", Ward: "4B", By: "Mary Okafor, charge nurse", At: noon, MayEdit: true, Steps: []ward.RoutineStep{{ID: "v1-1", Words: "Allergies asked", Page: "allergies"}}}},
	}, nil
}

// The search finds the page of routines; what is typed there is saved with F2 against
// the version that was seen, and Esc leaves what was typed before it leaves the page.
func TestRoutinesAreWrittenInTheWindow(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.seat.turn(pageRoutines)
	r.settle()
	p, ok := r.s.seat.pages[pageRoutines].(*routines.Page)
	if !ok || r.s.seat.at != pageRoutines {
		t.Fatal("the page is not there")
	}
	m := r.s.seat.routines
	if f := m.State().Form; f == nil || f.Name != "Admission" {
		t.Fatalf("%+v", m.State())
	}
	if _, shown := p.Where("name"); !shown {
		t.Error("the form is not drawn")
	}
	m.SetName("Admission of adults")
	r.s.Key(fyne.KeyEscape, 0)
	r.settle()
	if r.s.seat.at != pageRoutines || m.State().Form.Name != "Admission" {
		t.Fatalf("Esc left %s with %q", r.s.seat.at, m.State().Form.Name)
	}
	m.SetStep(0, "Allergies asked and written down")
	r.s.Key(fyne.KeyF2, 0)
	r.settle()
	if len(r.st.did) != 1 {
		t.Fatalf("done: %v", r.st.did)
	}
	c, _ := r.st.did[0].(ward.SaveRoutine)
	if c.Routine != "r1" || c.Version != 2 || len(c.Steps) != 1 || c.Steps[0].ID != "v1-1" || c.Steps[0].Words != "Allergies asked and written down" {
		t.Errorf("%+v", c)
	}
}
