package overprint

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/view/base"
)

type answer struct {
	said string
	err  error
}

// door answers when it is told to.
type door struct {
	asked  []string
	answer chan answer
}

func (d *door) PrintOver(_ context.Context, what ward.Printing, reason, pin string) (string, error) {
	d.asked = append(d.asked, string(what.What)+"/"+reason+"/"+pin)
	a := <-d.answer
	return a.said, a.err
}

type form struct {
	*Model
	door    *door
	states  []State
	printed []string
	queue   chan func()
}

func newForm() *form {
	f := &form{door: &door{answer: make(chan answer)}, queue: make(chan func(), 8)}
	f.Model = New(f.door, base.DispatcherFunc(func(fn func()) { f.queue <- fn }),
		func(s State) { f.states = append(f.states, s) }, func(said string, _ error) { f.printed = append(f.printed, said) })
	return f
}

func (f *form) answered(t *testing.T, a answer) {
	t.Helper()
	f.door.answer <- a
	select {
	case fn := <-f.queue:
		fn()
	case <-time.After(5 * time.Second):
		t.Fatal("nothing was brought to the display")
	}
}

func (f *form) last() State { return f.states[len(f.states)-1] }

func over(ask bool) error {
	return fault.As(fault.Denied, "x", "", &ward.OverLimit{
		Printing: ward.Printing{What: ward.PrintPack}, Patients: 28, Ask: ask, Words: errors.New("Nothing was printed yet. Patients on this print: 28."),
	})
}

// Only a print over the limit that may go on opens the form; every other refusal is told
// as it is.
func TestOnlyWhatMayGoOnIsOffered(t *testing.T) {
	f := newForm()
	if f.Offer(over(false)) || f.Offer(errors.New("out of paper")) || f.Offer(nil) {
		t.Error("something is offered that may not go on")
	}
	if f.Print("the network is down", "1"); len(f.states) != 0 || len(f.door.asked) != 0 {
		t.Error("nothing was held back, and something is printed")
	}
	if !f.Offer(over(true)) || !strings.Contains(f.last().Held, "28") {
		t.Errorf("the form says %+v", f.states)
	}
}

func TestTheReasonAndThePINAreAskedFor(t *testing.T) {
	f := newForm()
	f.Offer(over(true))
	for _, try := range [][2]string{{" ", "1"}, {"handover of both bays", ""}} {
		f.Print(try[0], try[1])
		if f.last().Error == "" || f.last().Busy || f.last().Held == "" {
			t.Errorf("%q: %+v", try, f.last())
		}
	}
	if len(f.door.asked) != 0 {
		t.Errorf("the station was asked: %v", f.door.asked)
	}
}

// A wrong PIN is said and the form stays; what was printed closes it, also where
// something went wrong afterwards.
func TestARefusalStaysAndAPrintCloses(t *testing.T) {
	f := newForm()
	f.Offer(over(true))
	f.Print("handover of both bays", "1")
	f.Print("handover of both bays", "1") // an impatient second press
	f.answered(t, answer{"", fault.New(fault.Unknown, "x", "", "The PIN does not fit.")})
	if s := f.last(); s.Busy || !strings.Contains(s.Error, "PIN") || s.Held == "" || len(f.printed) != 0 {
		t.Errorf("after a refusal: %+v", s)
	}
	f.Print("handover of both bays", "2")
	f.answered(t, answer{"Sent to the printer bay-2", errors.New("its file could not be removed")})
	if f.last() != (State{}) || len(f.printed) != 1 || strings.Join(f.door.asked, ",") != "ward pack/handover of both bays/1,ward pack/handover of both bays/2" {
		t.Errorf("after the print: %+v, %v, asked %v", f.last(), f.printed, f.door.asked)
	}
}

// The form was closed: what comes late says nothing to whoever sits there now.
func TestAnAnswerAfterClosingSaysNothing(t *testing.T) {
	f := newForm()
	f.Offer(over(true))
	f.Print("handover of both bays", "1")
	f.Close()
	f.answered(t, answer{"Sent", nil})
	if len(f.printed) != 0 || f.last() != (State{}) {
		t.Errorf("said %v, %+v", f.printed, f.last())
	}
}
