package shell

import (
	"testing"

	"fyne.io/fyne/v2"

	vchart "wardlight/internal/station/view/chart"
	"wardlight/ui/chart"
	"wardlight/ui/kit"
)

// Digits that nothing has the focus for begin an empty field, which has the focus
// from then on; what is filled in stays as it is.
func TestStrayDigitsNeverReplaceAValue(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.seat.openChart("p3", vchart.Vitals)
	r.settle()
	page := r.s.seat.pages[pageChart].(*chart.Page)
	field := func(name string) *kit.NumberField {
		o, ok := page.Where(name)
		if !ok {
			t.Fatalf("there is no %q", name)
		}
		return o.(*kit.NumberField)
	}
	for name, digits := range map[string]string{"respirations": "18", "spo2": "96"} {
		r.win.Canvas().Focus(field(name))
		r.typeIn(digits)
	}
	r.win.Canvas().Unfocus()
	r.win.Canvas().OnTypedRune()('2')
	if f := r.focused(); f != fyne.Focusable(field("systolic")) {
		t.Errorf("the focus is on %T", f)
	}
	r.s.seat.shell.unfocus()
	r.win.Canvas().OnTypedRune()('4')
	if a, b := field("respirations").Text(), field("spo2").Text(); a != "18" || b != "96" {
		t.Errorf("respirations %s, saturation %s", a, b)
	}
}
