package chart

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	view "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
)

// A click on the empty part of a row is meant for its field.
func TestAClickOnARowFocusesItsField(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Vitals)
	typeInto(r, "respirations", "18")
	typeInto(r, "spo2", "96")
	sys := r.where(t, "systolic")
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(sys)
	test.TapCanvas(r.win.Canvas(), fyne.NewPos(at.X-8, at.Y+sys.Size().Height/2))
	if f := r.win.Canvas().Focused(); f != sys.(fyne.Focusable) {
		t.Fatalf("the focus is on %T", f)
	}
	r.words("24")
	v := r.model.State().Vitals
	if v.Respirations != "18" || v.SpO2 != "96" || v.Systolic != "24" {
		t.Errorf("recorded %+v", v)
	}
}

// With nothing clicked, what is typed may begin an empty field and never changes
// a filled one.
func TestStrayDigitsGoToNoFilledField(t *testing.T) {
	r := plain(t)
	r.open(t, "p07", view.Vitals)
	if r.page.Stray() != r.where(t, "respirations").(fyne.Focusable) {
		t.Error("an empty form does not begin with its first field")
	}
	names := []string{"respirations", "spo2", "systolic", "diastolic", "pulse", "temperature", "pain"}
	for i, name := range names {
		typeInto(r, name, "9")
		var want fyne.Focusable
		if i+1 < len(names) {
			want = r.where(t, names[i+1]).(*kit.NumberField)
		}
		if got := r.page.Stray(); got != want {
			t.Errorf("after %s: %T", name, got)
		}
	}
}
