package shell

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/station/view/base"
)

// The floor is measured by the same rule as the window: what is asked for counts
// when it was painted, and each time once.
func TestTheFloorCountsWhenItIsPainted(t *testing.T) {
	test.NewTempApp(t)
	ran := make(chan struct{}, 8)
	b := NewBlank(base.DispatcherFunc(func(fn func()) { fn(); ran <- struct{}{} }))
	w := test.NewTempWindow(t, b)
	w.Resize(fyne.NewSize(400, 200))
	b.Attach(w.Canvas())
	w.Canvas().Capture()
	done := 0
	for i, text := range []string{"a", "ad"} {
		b.Await(text, func(Frame) { done++ })
		if w.Canvas().Capture(); done != i {
			t.Fatalf("%q counts before it was typed", text)
		}
		w.Canvas().OnTypedRune()(rune(text[i]))
		if b.text.Text != text || done != i {
			t.Fatalf("shows %q and has counted %d times before it was painted", b.text.Text, done)
		}
		w.Canvas().Capture()
		<-ran
		if done != i+1 {
			t.Fatalf("%q was painted, and counted %d times", text, done)
		}
	}
}
