package shell

import (
	"testing"

	"fyne.io/fyne/v2"
)

// types opens the search and types into it.
func (r *rig) types(text string) {
	r.s.Key(fyne.KeyK, ctrl)
	for _, c := range text {
		r.s.seat.palette.field.Focusable().TypedRune(c)
	}
}

// What is measured is measured from the key to the picture: nothing is said to be
// on the screen before a frame with it was painted.
func TestAnAnswerCountsWhenItIsPainted(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	done := 0
	r.s.OnList(func() { done++ })
	r.settle()
	if done != 0 {
		t.Fatal("the list counts before it was painted")
	}
	r.capture()
	r.settle()
	if done != 1 {
		t.Fatalf("the list was painted, and counted %d times", done)
	}
	found := 0
	if !r.s.Await("ade", func() { found++ }) {
		t.Fatal("nothing can be awaited")
	}
	r.types("ade")
	r.settle()
	if p := r.s.seat.palette; p.field.Text() != "ade" || p.answers != "ade" || found != 0 {
		t.Fatalf("field %q, answers %q, counted %d times before it was painted", p.field.Text(), p.answers, found)
	}
	r.capture()
	r.settle()
	if found != 1 {
		t.Fatalf("the search was painted, and counted %d times", found)
	}
}
