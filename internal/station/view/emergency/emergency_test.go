package emergency

import (
	"context"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/view/base"
)

// door answers when it is told to.
type door struct {
	asked  []string
	answer chan error
}

func (d *door) Untold() bool { return false }

func (d *door) BreakGlass(_ context.Context, pin, who, reason string) (ward.Emergency, error) {
	d.asked = append(d.asked, who+"/"+reason+"/"+pin)
	err := <-d.answer
	return ward.Emergency{Patient: "p07"}, err
}

// form is the model with what it drew.
type form struct {
	*Model
	door   *door
	states []State
	opened []ward.PatientID
	queue  chan func()
}

func newForm() *form {
	f := &form{door: &door{answer: make(chan error)}, queue: make(chan func(), 8)}
	f.Model = New(f.door, base.DispatcherFunc(func(fn func()) { f.queue <- fn }),
		func(s State) { f.states = append(f.states, s) }, func(id ward.PatientID) { f.opened = append(f.opened, id) })
	return f
}

// answered lets the door answer, and the display do what follows.
func (f *form) answered(t *testing.T, err error) {
	t.Helper()
	f.door.answer <- err
	select {
	case fn := <-f.queue:
		fn()
	case <-time.After(time.Minute):
		t.Fatal("nothing was brought to the display")
	}
}

func (f *form) last() State { return f.states[len(f.states)-1] }

func TestTheFormAsksForAllThree(t *testing.T) {
	f := newForm()
	for _, try := range [][3]string{{" ", "arrest", "1"}, {"adeyemi", "", "1"}, {"adeyemi", "arrest", ""}} {
		f.Begin(try[0], try[1], try[2])
		if f.last().Error == "" || f.last().Busy {
			t.Errorf("%q: %+v", try, f.last())
		}
	}
	if len(f.door.asked) != 0 {
		t.Errorf("the station was asked: %v", f.door.asked)
	}
}

func TestARefusalIsSaidAndASuccessOpens(t *testing.T) {
	f := newForm()
	f.Begin("adeyemi", "arrest", "1")
	if !f.last().Busy {
		t.Error("it does not say that it is busy")
	}
	f.Begin("adeyemi", "arrest", "1") // an impatient second press
	f.answered(t, fault.New(fault.NotFound, "x", "", "Nobody on this computer has this name."))
	if f.last().Busy || !strings.Contains(f.last().Error, "Nobody") || len(f.opened) != 0 {
		t.Errorf("after a refusal: %+v, opened %v", f.last(), f.opened)
	}
	f.Begin("adeyemi folake 1954-03-14", "arrest", "1")
	f.answered(t, nil)
	if f.last() != (State{}) || len(f.opened) != 1 || f.opened[0] != "p07" {
		t.Errorf("after success: %+v, opened %v", f.last(), f.opened)
	}
	if len(f.door.asked) != 2 {
		t.Errorf("asked %d times, want 2", len(f.door.asked))
	}
}

// The form was closed, perhaps by somebody else: no chart jumps at them.
func TestAnAnswerAfterClosingOpensNothing(t *testing.T) {
	f := newForm()
	f.Begin("adeyemi", "arrest", "1")
	f.Close()
	f.answered(t, nil)
	if len(f.opened) != 0 || f.last() != (State{}) {
		t.Errorf("opened %v, %+v", f.opened, f.last())
	}
}
