package signin_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/signin"
)

var noon = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

type door struct {
	tries atomic.Int32
	gate  chan struct{}
	code  string // of a second factor

	jotted []string
	err    error
	link   ward.Link
	notes  []ward.StoreNote
	wait   int
	held   int

	pack    *ward.ReadyPack
	printed []string
}

func (d *door) ReadyPack() (ward.ReadyPack, bool) {
	if d.pack == nil {
		return ward.ReadyPack{}, false
	}
	return *d.pack, true
}

func (d *door) PrintPackByPIN(_ context.Context, user, pin, _ string) (string, error) {
	if d.err == nil {
		d.printed = append(d.printed, user+"/"+pin)
	}
	return "Sent to the printer bay-2: ward pack of 13:45, 28 patients", d.err
}

func (d *door) SignInWithCode(_ context.Context, _, _, code string) (ward.Person, error) {
	if d.code != "" && code != d.code {
		return ward.Person{}, fmt.Errorf("seat: %w", ward.ErrCodeNeeded)
	}
	d.tries.Add(1)
	if d.gate != nil {
		<-d.gate
	}
	return ward.Person{User: "g.mensah"}, d.err
}

func (d *door) Jot(_ context.Context, _, _, text string) error {
	if d.err == nil {
		d.jotted = append(d.jotted, text)
	}
	return d.err
}

func (d *door) People() []ward.Person {
	return []ward.Person{{User: "g.mensah", Name: "Grace Mensah, nurse", Last: noon.Add(-time.Hour), Drafts: 1}}
}
func (d *door) Link() ward.Link           { return d.link }
func (d *door) Waiting() (int, int)       { return d.wait, d.held }
func (d *door) Trouble() []ward.StoreNote { return d.notes }

type rig struct {
	q     base.Queue
	state signin.State
	in    []string
	m     *signin.Model
}

func newRig(d *door) *rig {
	r := &rig{}
	r.m = signin.New(d, &r.q, func() time.Time { return noon }, func(s signin.State) { r.state = s }, func(p ward.Person) { r.in = append(r.in, p.User) })
	return r
}

func (r *rig) settle() { r.q.Settle(40, time.Millisecond) }

func TestAnImpatientPersonTriesOnce(t *testing.T) {
	d := &door{gate: make(chan struct{})}
	r := newRig(d)
	r.m.Enter("g.mensah", "1234", "")
	r.settle()
	r.m.Enter("g.mensah", "1234", "")
	if !r.state.Busy || d.tries.Load() != 1 {
		t.Fatalf("busy %v after %d tries", r.state.Busy, d.tries.Load())
	}
	close(d.gate)
	r.settle()
	if len(r.in) != 1 || r.state.Busy {
		t.Errorf("in: %v, busy %v", r.in, r.state.Busy)
	}
}

func TestWhatFailedIsSaidAndForgottenForTheNext(t *testing.T) {
	r := newRig(&door{err: errors.New("the name or the PIN does not fit")})
	r.m.Enter("", "", "")
	if r.state.Error != "Type your name and your PIN." {
		t.Error(r.state.Error)
	}
	r.m.Enter("g.mensah", "9999", "")
	r.settle()
	if r.state.Error != "the name or the PIN does not fit" || len(r.in) != 0 {
		t.Errorf("%q, in %v", r.state.Error, r.in)
	}
	r.m.Forget()
	r.m.Refresh()
	r.settle()
	if r.state.Error != "" {
		t.Error("the next person reads of the last one's failure")
	}
}

func TestThePageSaysHowTheStationIs(t *testing.T) {
	for want, link := range map[string]ward.Link{
		"Connected to the server":              {Connected: true, Ever: true, AsOf: noon},
		"Network out since 02:14":              {Ever: true, Since: noon.Add(-11*time.Hour - 51*time.Minute)},
		"No contact with the server yet":       {},
		"The server turned this computer away": {Refused: "It was revoked."},
	} {
		r := newRig(&door{link: link})
		r.m.Refresh()
		r.settle()
		if len(r.state.Facts) == 0 || r.state.Facts[0].Head != want {
			t.Errorf("want %q, got %+v", want, r.state.Facts)
		}
		if len(r.state.People) != 1 || !strings.Contains(r.state.People[0].Note, "signed in 13:05, 1 draft kept, sealed") {
			t.Errorf("%+v", r.state.People)
		}
	}
}

// A computer whose access was withdrawn says so above everything else, and what to do,
// also to whoever comes after it was started anew.
func TestAComputerThatMayNotShowPatientsSaysSo(t *testing.T) {
	r := newRig(&door{link: ward.Link{Withdrawn: true, Refused: "This computer's access was withdrawn."}, wait: 1})
	r.m.Refresh()
	r.settle()
	if r.state.Head != "This computer may not show patients any more" || !strings.Contains(r.state.Words, "Use another computer, and tell IT") {
		t.Errorf("%q: %q", r.state.Head, r.state.Words)
	}
	if f := r.state.Facts[0]; !f.Urgent || f.Words != "Sign in on another computer to see whose it is." {
		t.Errorf("what waits for somebody: %+v", f)
	}
}

// What happened to this computer's own copy is said before anybody signs in:
// what happened, what is safe, what to do.
func TestAStoreThatWasSetAsideIsToldOnThePage(t *testing.T) {
	r := newRig(&door{notes: []ward.StoreNote{{At: noon.Add(-time.Hour), What: "The copy was damaged", Safe: "It is set aside.", Do: "Carry on."}}})
	r.m.Refresh()
	r.settle()
	last := r.state.Facts[len(r.state.Facts)-1]
	if last.Good || last.Head != "The copy was damaged (13:05)" || last.Words != "It is set aside. Carry on." {
		t.Errorf("%+v", last)
	}
}

// An alert does not wait for the right PIN: it is counted, and names nobody.
func TestWhatWaitsForSomebodyIsCountedBeforeSignIn(t *testing.T) {
	for _, c := range []struct {
		wait, held int
		want       []string
	}{
		{0, 0, nil},
		{1, 0, []string{"1 result waits for somebody to take it"}},
		{3, 1, []string{"3 results wait for somebody to take them", "1 critical or possibly critical in messages that the server holds back"}},
	} {
		r := newRig(&door{wait: c.wait, held: c.held})
		r.m.Refresh()
		r.settle()
		var got []string
		for _, f := range r.state.Facts {
			if f.Urgent {
				if strings.Contains(f.Words, "Nobody knows") {
					t.Errorf("of some it is known whose they are: %s", f.Words)
				}
				got = append(got, f.Head)
			}
		}
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%d and %d: %q", c.wait, c.held, got)
		}
	}
}

func TestALockedWindowSaysWhoseItIsAndThatOthersMayUseIt(t *testing.T) {
	r := newRig(&door{})
	r.m.Lock(&signin.Locked{User: "g.mensah", Name: "Grace Mensah, nurse", At: noon, Unused: 5 * time.Minute})
	r.m.Refresh()
	r.settle()
	if r.state.Head != "Locked at 14:05" || !strings.HasPrefix(r.state.Words, "It locked itself: nobody had used it for 5 min. Grace Mensah, nurse: give your PIN") || !strings.Contains(r.state.Words, "sign in with their own name") {
		t.Errorf("%q, %q", r.state.Head, r.state.Words)
	}
	r.m.Lock(nil)
	r.m.Refresh()
	r.settle()
	if r.state.Head != "Sign in with your name and PIN" {
		t.Error(r.state.Head)
	}
}

// The computer was started while the server is away. Its copy is there and sealed:
// the page says so, and how old it is, that it is silent, and never that there is nothing.
func TestACopyThatIsNotOpenYetSaysItsAge(t *testing.T) {
	for want, link := range map[string]ward.Link{
		"It holds everything up to 02:14": {Sealed: true, Ever: true, AsOf: noon.Add(-11*time.Hour - 51*time.Minute)},
		"own copy is here":                {Sealed: true, Ever: true},
	} {
		r := newRig(&door{link: link})
		r.m.Refresh()
		r.settle()
		if f := r.state.Facts[0]; f.Head != "No contact with the server since this start" || !strings.Contains(f.Words, want) || !strings.Contains(f.Words, "sounds for nothing") {
			t.Errorf("%+v", f)
		}
	}
}

// An administrator gives a code beside name and PIN, once it is asked for.
func TestASecondFactorIsAskedForAfterThePIN(t *testing.T) {
	r := newRig(&door{code: "123456"})
	r.m.Enter("a.admin", "481526", "")
	r.settle()
	if !r.state.Code || len(r.in) != 0 || !strings.Contains(r.state.Error, "second factor") {
		t.Fatalf("%+v", r.state)
	}
	r.m.Enter("a.admin", "481526", "123456")
	r.settle()
	if len(r.in) != 1 || r.state.Code {
		t.Errorf("in %v, %+v", r.in, r.state)
	}
}
