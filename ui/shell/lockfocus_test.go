package shell

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// Somebody locks the window with the pointer: their PIN can be typed at once, as
// after Ctrl+L.
func TestThePINHasTheFocusHoweverItWasLocked(t *testing.T) {
	for name, lock := range map[string]func(r *rig){
		"key": func(r *rig) { r.s.Key(fyne.KeyL, ctrl) },
		"pointer": func(r *rig) {
			size := r.win.Canvas().Size()
			test.TapCanvas(r.win.Canvas(), fyne.NewPos(size.Width-33, 21))
		},
		"pointer, in a field": func(r *rig) {
			r.s.Key(fyne.KeyK, ctrl)
			r.settle()
			size := r.win.Canvas().Size()
			test.TapCanvas(r.win.Canvas(), fyne.NewPos(size.Width-33, 21))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, light(), 1366, 768)
			r.signIn()
			lock(r)
			r.settle()
			if r.s.Page() != "signin" {
				t.Fatal("it did not lock")
			}
			if r.win.Canvas().Focused() != r.s.signIn.pin.Focusable() {
				t.Errorf("the focus is on %T", r.win.Canvas().Focused())
			}
		})
	}
}
