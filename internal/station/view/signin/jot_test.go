package signin_test

import (
	"errors"
	"strings"
	"testing"
)

func TestWhatWasSeenIsKeptWithoutASignIn(t *testing.T) {
	d := &door{}
	r := newRig(d)
	r.m.Write(true)
	if !r.state.Writing || !strings.Contains(r.state.Head, "what you saw") {
		t.Fatalf("%+v", r.state)
	}
	r.m.Keep("g.mensah", "481526", "  ")
	r.m.Keep("", "", "Bed 7 fell")
	if len(d.jotted) != 0 || !strings.Contains(r.state.Error, "whose entry") {
		t.Errorf("%+v", r.state)
	}
	d.err = errors.New("the PIN is wrong; 9 tries are left")
	r.m.Keep("g.mensah", "000000", "Bed 7 fell")
	r.settle()
	if r.state.Kept || r.state.Error != "the PIN is wrong; 9 tries are left" {
		t.Errorf("%+v", r.state)
	}
	d.err = nil
	r.m.Keep("g.mensah", "481526", "Bed 7 fell")
	r.settle()
	r.m.Refresh() // as once a second
	r.settle()
	if !r.state.Kept || !strings.Contains(r.state.Head, "Kept at 14:05") || len(d.jotted) != 1 || d.jotted[0] != "Bed 7 fell" || len(r.in) != 0 {
		t.Errorf("%+v, kept %v, in %v", r.state, d.jotted, r.in)
	}
	r.m.Write(false)
	if r.state.Writing || r.state.Kept || r.state.Head != "Sign in with your name and PIN" {
		t.Errorf("%+v", r.state)
	}
}

// Back asks once where something stands that was not kept; Keep it takes the question
// away, and so does an empty form.
func TestBackAsksBeforeItThrowsAway(t *testing.T) {
	d := &door{err: errors.New("the PIN is wrong")}
	r := newRig(d)
	r.m.Write(true)
	if r.m.Back("Bed 7 fell") || !r.state.Writing || !r.state.Leaving || !strings.Contains(r.state.Error, "not kept") {
		t.Fatalf("the first press: %+v", r.state)
	}
	r.m.Keep("g.mensah", "000000", "Bed 7 fell")
	r.settle()
	if r.state.Leaving || !r.state.Writing {
		t.Errorf("after Keep it: %+v", r.state)
	}
	if r.m.Back("Bed 7 fell") {
		t.Error("it is asked once for ever, and not once for each try to leave")
	}
	if !r.m.Back("Bed 7 fell") || r.state.Writing || r.state.Leaving {
		t.Errorf("the second press: %+v", r.state)
	}
	r.m.Write(true)
	if !r.m.Back(" ") || r.state.Writing {
		t.Errorf("an empty form: %+v", r.state)
	}
}
