package signin_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"wardlight/internal/clinical/ward"
)

// idp is a station at which the hospital's account may be used.
type idp struct {
	vouched ward.Vouched
	err     error
	gate    chan struct{}
	gave    []string
	ended   chan struct{}
}

func (*idp) HospitalAccount() string { return "Sign in with the hospital’s account" }

func (h *idp) ByHospital(ctx context.Context, browse func(string) error) (ward.Vouched, error) {
	if err := browse("https://id.hospital.example"); err != nil {
		return ward.Vouched{}, err
	}
	select {
	case <-ctx.Done():
		close(h.ended)
		return ward.Vouched{}, ctx.Err()
	case <-h.gate:
		return h.vouched, h.err
	}
}

func (h *idp) Complete(_ context.Context, pin, code string) (ward.Person, error) {
	h.gave = append(h.gave, pin+"/"+code)
	if pin == "111111" {
		return ward.Person{}, errors.New("a PIN of one repeated character is the first that is guessed")
	}
	return ward.Person{User: "f.adeyemi"}, nil
}

// offering is a page that offers it; opened counts the browsers.
func offering(h *idp) (r *rig, opened *atomic.Int32) {
	opened = new(atomic.Int32)
	r = newRig(&door{})
	r.m.Offer(h, func(string) error { opened.Add(1); return nil })
	r.m.Refresh()
	r.settle()
	return r, opened
}

func TestTheHospitalsAccountIsOfferedOnlyWhereThereIsOne(t *testing.T) {
	r := newRig(&door{})
	r.m.Refresh()
	r.settle()
	if r.state.Offer != "" {
		t.Error("nothing is offered here")
	}
	r.m.ByHospital()
	r.settle()
	if r.state.Busy {
		t.Error("a press that nothing is behind")
	}
	if r, _ := offering(&idp{}); r.state.Offer != "Sign in with the hospital’s account" {
		t.Errorf("%q", r.state.Offer)
	}
}

func TestOnePressABrowserAndIn(t *testing.T) {
	h := &idp{gate: make(chan struct{})}
	r, opened := offering(h)
	r.m.ByHospital()
	r.m.ByHospital() // an impatient person
	r.settle()
	if !r.state.Browsing || !r.state.Busy || opened.Load() != 1 {
		t.Fatalf("%+v after %d browsers", r.state, opened.Load())
	}
	close(h.gate)
	r.settle()
	if len(r.in) != 1 || r.in[0] != "f.adeyemi" || r.state.Browsing || r.state.Vouched != nil {
		t.Errorf("in %v, %+v", r.in, r.state)
	}
}

func TestWhoHasNoPINChoosesOne(t *testing.T) {
	h := &idp{gate: make(chan struct{}), vouched: ward.Vouched{Name: "Femi Adeyemi", PIN: true, First: true}}
	close(h.gate)
	r, _ := offering(h)
	r.m.ByHospital()
	r.settle()
	if len(r.in) != 0 || r.state.Head != "Welcome, Femi Adeyemi" || !strings.Contains(r.state.Words, "Choose a PIN") {
		t.Fatalf("%+v, in %v", r.state, r.in)
	}
	r.m.Enter("", "111111", "")
	r.settle()
	if !strings.Contains(r.state.Error, "guessed") || r.state.Vouched == nil {
		t.Errorf("a poor PIN: %+v", r.state)
	}
	r.m.Enter("", "271828", "")
	r.settle()
	if len(r.in) != 1 || r.state.Head != "Sign in with your name and PIN" {
		t.Errorf("in %v, %q", r.in, r.state.Head)
	}
}

// Whoever comes back to the form is not signed in by a browser that comes later.
func TestABrowserThatWasGivenUpSignsNobodyIn(t *testing.T) {
	h := &idp{gate: make(chan struct{}), ended: make(chan struct{})}
	r, _ := offering(h)
	r.m.ByHospital()
	r.settle()
	r.m.GiveUp()
	<-h.ended
	r.settle()
	if r.state.Browsing || r.state.Busy || r.state.Error != "" || len(r.in) != 0 {
		t.Errorf("%+v, in %v", r.state, r.in)
	}
	r.m.Enter("g.mensah", "1234", "")
	r.settle()
	if len(r.in) != 1 {
		t.Errorf("by PIN afterwards: %v", r.in)
	}
}

func TestWhatWentWrongAtTheHospitalIsSaid(t *testing.T) {
	h := &idp{gate: make(chan struct{}), err: errors.New("The clocks do not agree.")}
	close(h.gate)
	r, _ := offering(h)
	r.m.ByHospital()
	r.settle()
	if r.state.Error != "The clocks do not agree." || r.state.Browsing || r.state.Busy {
		t.Errorf("%+v", r.state)
	}
}
