package shell

import (
	"testing"

	"fyne.io/fyne/v2"
)

// A fast typist presses Enter before the list has followed: the patient of the
// search before must not open.
func TestEnterNeverOpensWhatTheSearchBeforeFound(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Key(fyne.KeyK, ctrl)
	p := r.s.seat.palette
	p.field.SetText("nguyen")
	p.typed("nguyen")
	for range 50 {
		if r.settle(); len(p.items) == 3 {
			break
		}
	}
	if p.list.Selected() == "" {
		t.Fatal("nobody was found: the test says nothing")
	}
	p.typed("adey") // another name; its answer is on the way
	p.enter()
	if r.s.Page() == "chart" {
		t.Error("Enter opened somebody whom the words in the field do not mean")
	}
	if p.list.Selected() != "" {
		t.Error("the list still marks what the search before found")
	}
}
