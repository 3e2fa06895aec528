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
	if !r.state.Kept || !strings.Contains(r.state.Words, "Kept at 14:05") || len(d.jotted) != 1 || d.jotted[0] != "Bed 7 fell" || len(r.in) != 0 {
		t.Errorf("%+v, kept %v, in %v", r.state, d.jotted, r.in)
	}
	r.m.Write(false)
	if r.state.Writing || r.state.Kept || r.state.Head != "Sign in with your name and PIN" {
		t.Errorf("%+v", r.state)
	}
}
