package shell

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
)

// One press, the words, name and PIN; nothing is shown for it, and nobody is in.
func TestWhatWasSeenIsWrittenOnTheSignInPage(t *testing.T) {
	r := newRig(t, theme.Options{}, 1366, 768)
	p := r.s.signIn
	test.Tap(p.write)
	r.settle()
	if !p.text.Visible() || !strings.Contains(p.state.Head, "what you saw") {
		t.Fatal("one press does not open the form")
	}
	p.text.SetText("Bed 7 fell at 14:10, no injury seen")
	p.send()
	r.settle()
	if p.text.Text() == "" || p.state.Error == "" {
		t.Error("what was written is forgotten before anybody kept it")
	}
	p.user.SetText("g.mensah")
	p.pin.SetText("481526")
	p.send()
	r.settle()
	if got := r.st.jotted; len(got) != 1 || got[0] != "g.mensah: Bed 7 fell at 14:10, no injury seen" {
		t.Errorf("kept: %v", got)
	}
	if p.text.Text() != "" || p.pin.Text() != "" || r.s.seat != nil || !p.state.Kept {
		t.Errorf("afterwards: %q, in %v, %+v", p.text.Text(), r.s.seat != nil, p.state)
	}
	test.Tap(p.write)
	r.settle()
	if p.text.Visible() || p.state.Writing {
		t.Error("no way back")
	}
}

// A PIN or a code that was begun for something else is not carried into the form, and
// Back throws nothing away that was not kept before it has asked.
func TestTheFormBeginsEmptyAndIsLeftKnowingly(t *testing.T) {
	r := newRig(t, theme.Options{}, 1366, 768)
	p := r.s.signIn
	p.pin.SetText("481")
	p.code.SetText("123")
	p.code.Show()
	p.state.Code = true
	test.Tap(p.write)
	r.settle()
	if p.pin.Text() != "" || p.code.Text() != "" || p.code.Visible() {
		t.Errorf("carried over: PIN %q, code %q, shown %v", p.pin.Text(), p.code.Text(), p.code.Visible())
	}
	p.text.SetText("Bed 7 fell")
	p.pin.SetText("481526")
	test.Tap(p.write)
	r.settle()
	if p.text.Text() != "Bed 7 fell" || p.pin.Text() != "481526" || !p.trouble.Visible() || p.write.Config().Text != "Throw away what I wrote" {
		t.Errorf("Back: %q, %q, %q", p.text.Text(), p.pin.Text(), p.write.Config().Text)
	}
	test.Tap(p.write)
	r.settle()
	if p.text.Text() != "" || p.state.Writing {
		t.Error("the second press does not leave")
	}
}

// Its author finds it above the page at the next sign-in, until it is entered.
func TestWhatWasWrittenIsShownToItsAuthor(t *testing.T) {
	r := newRig(t, theme.Options{}, 1366, 768)
	r.st.notes = []ward.StoreNote{{ID: "jotting/1", At: noon.Add(-time.Minute), What: "You wrote this down", Safe: "Bed 7 fell", Do: "Enter it where it belongs.", Done: "I have entered it"}}
	r.signIn()
	n := r.s.seat.notice
	if !n.object.Visible() || n.done.Config().Text != "I have entered it" {
		t.Errorf("shown %v, the button says %q", n.object.Visible(), n.done.Config().Text)
	}
}
