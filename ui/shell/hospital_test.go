package shell

import (
	"context"
	"sync/atomic"
	"testing"

	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
)

// account is the hospital's, for somebody who has no PIN yet.
type account struct{ st *station }

func (account) HospitalAccount() string { return "Sign in with the hospital’s account" }

func (account) ByHospital(_ context.Context, browse func(string) error) (ward.Vouched, error) {
	return ward.Vouched{Name: "Tom Blake", PIN: true, First: true}, browse("https://id.hospital.example")
}

func (a account) Complete(ctx context.Context, pin, _ string) (ward.Person, error) {
	return a.st.SignIn(ctx, "t.blake", pin)
}

// One press, a PIN, and the board; no button where nothing is offered.
func TestTheHospitalsAccountByOnePress(t *testing.T) {
	r := newRig(t, theme.Options{}, 1366, 768)
	p := r.s.signIn
	if p.hospital.Visible() {
		t.Error("a button that nothing is behind")
	}
	var opened atomic.Int32
	p.model.Offer(account{r.st}, func(string) error { opened.Add(1); return nil })
	p.model.Refresh()
	r.settle()
	if !p.hospital.Visible() || p.code.Visible() {
		t.Fatal("it is not offered, or a code is asked for")
	}
	if end := p.hospital.Position().X + p.hospital.Size().Width; p.hospital.Size().Width < p.hospital.MinSize().Width || end > p.write.Position().X {
		t.Errorf("the button is %v wide, wants %v, and ends at %v before one at %v", p.hospital.Size().Width, p.hospital.MinSize().Width, end, p.write.Position().X)
	}
	test.Tap(p.hospital)
	r.settle()
	if opened.Load() != 1 || p.user.Visible() || !p.pin.Visible() || r.s.seat != nil {
		t.Fatalf("after one press: %d browsers, name asked for %v, in %v", opened.Load(), p.user.Visible(), r.s.seat != nil)
	}
	if p.pin.Position().X > p.fields.Position().X+1 {
		t.Errorf("the PIN stands at %v, where nothing is before it", p.pin.Position())
	}
	p.pin.SetText("271828")
	p.send()
	r.settle()
	if r.s.seat == nil || r.s.seat.person.User != "t.blake" {
		t.Fatal("not in")
	}
}

func TestBackFromTheHospitalsAccount(t *testing.T) {
	r := newRig(t, theme.Options{}, 1366, 768)
	p := r.s.signIn
	p.model.Offer(account{r.st}, func(string) error { return nil })
	p.model.Refresh()
	r.settle()
	test.Tap(p.hospital)
	r.settle()
	test.Tap(p.hospital)
	r.settle()
	if !p.user.Visible() || !p.pin.Visible() || p.state.Vouched != nil || p.state.Head != "Sign in with your name and PIN" {
		t.Errorf("%+v", p.state)
	}
}
