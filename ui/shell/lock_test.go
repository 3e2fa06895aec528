package shell

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	vchart "wardlight/internal/station/view/chart"
)

// An unused window locks itself: everything of a patient goes, what was being
// written is kept for its author, and alerts are still counted.
func TestAnUnusedWindowLocksItself(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Show("chart", "p1", string(vchart.Notes))
	r.settle()
	r.s.seat.chart.TypeNote("Urine clear, plan to")
	r.pass(4*time.Minute + 40*time.Second)
	if r.s.Page() != "chart" || !strings.HasPrefix(r.s.closing, "Locks in 20 s") {
		t.Fatalf("%s, said %q", r.s.Page(), r.s.closing)
	}
	r.pass(20 * time.Second)
	markup := test.RenderObjectToMarkup(r.s.Content())
	if r.s.Page() != "signin" || strings.Contains(markup, "ADEYEMI") || strings.Contains(markup, "Urine") {
		t.Fatal("after five minutes something of a patient is drawn")
	}
	if _, ok := r.st.SignedIn(); ok {
		t.Error("the desk is not locked")
	}
	func() {
		defer r.st.lock()()
		if got := strings.Join(r.st.drafts, "|"); got != "g.mensah: Urine clear, plan to" {
			t.Errorf("drafts: %q", got)
		}
		r.st.alerts = append(r.st.alerts, r.st.alert(0, "k1", "Potassium", "6.8"))
	}()
	r.s.signIn.model.Refresh()
	r.settle()
	markup = test.RenderObjectToMarkup(r.s.Content())
	if f := r.s.signIn.state.Facts[0]; !f.Urgent || f.Head != "1 result waits for somebody to take it" || strings.Contains(markup, "6.8") || strings.Contains(markup, "Potassium") || strings.Contains(markup, "ADEYEMI") {
		t.Error("an alert on a locked window is counted, and nothing else of it is said")
	}
	if got := r.s.signIn.head.Text(); got != "Locked at 14:10" {
		t.Errorf("the page says %q", got)
	}
	r.signIn()
	if r.s.Page() != "chart" {
		t.Errorf("whoever unlocks comes back to %s", r.s.Page())
	}
}

// A session that is ended from elsewhere, or that lasted as long as one may, goes from the
// screen at once; what was being typed is kept, and the page says why.
func TestASessionThatEndsFromElsewhereIsHiddenAndKeepsWhatWasTyped(t *testing.T) {
	for why, said := range map[ward.SessionEnd]string{ward.EndedElsewhere: "The session was ended at 14:05", ward.EndedLong: "Locked at 14:05"} {
		t.Run(string(why), func(t *testing.T) {
			r := newRig(t, light(), 1366, 768)
			r.signIn()
			r.s.Show("chart", "p1", string(vchart.Notes))
			r.settle()
			r.s.seat.chart.TypeNote("Urine clear, plan to")
			func() {
				defer r.st.lock()()
				r.st.why = why
			}()
			r.st.news <- ward.Notice{Kind: ward.NoticeEnding}
			r.settle()
			markup := test.RenderObjectToMarkup(r.s.Content())
			if r.s.Page() != "signin" || strings.Contains(markup, "ADEYEMI") || strings.Contains(markup, "Urine") {
				t.Fatal("something of a patient is drawn")
			}
			func() {
				defer r.st.lock()()
				if got := strings.Join(r.st.drafts, "|"); got != "g.mensah: Urine clear, plan to" {
					t.Errorf("drafts: %q", got)
				}
			}()
			if got := r.s.signIn.head.Text(); got != said {
				t.Errorf("the page says %q", got)
			}
			if got := r.s.signIn.words.Text(); why == ward.EndedElsewhere && !strings.Contains(got, "Change your PIN") || why == ward.EndedLong && !strings.Contains(got, "lasts so long") {
				t.Errorf("and %q", got)
			}
		})
	}
}

// Keys, wherever they go, and the pointer keep the window open.
func TestWhoeverIsThereStays(t *testing.T) {
	for name, act := range map[string]func(*rig){
		"pointer":        func(r *rig) { r.s.frame.Cursor() },
		"key":            func(r *rig) { r.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1}) },
		"key in a list":  func(r *rig) { r.s.seat.listKey(&fyne.KeyEvent{Name: fyne.KeyDown}) },
		"word in a list": func(r *rig) { r.s.seat.listRune('n') },
		"key in a field": func(r *rig) { r.s.Key(fyne.KeyK, ctrl); r.focused().TypedRune('a') },
		"on a button":    func(r *rig) { r.s.seat.body.rail.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown}) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, light(), 1366, 768)
			r.signIn()
			r.pass(4*time.Minute + 50*time.Second)
			moved := 0
			r.s.conf.Hand = func() { moved++ }
			act(r)
			if moved == 0 {
				t.Error("nobody is told that a hand moved")
			}
			r.pass(4*time.Minute + 50*time.Second)
			if r.s.Page() == "signin" {
				t.Error("it locked under somebody's hands")
			}
			r.pass(10 * time.Second)
			if r.s.Page() != "signin" {
				t.Error("it did not lock after five quiet minutes")
			}
		})
	}
}

// A wheel is a hand at work, though the pointer rests: what nobody waits for is told so.
// A list that is scrolled is nobody's presence: what scrolled it may have been no person.
func TestAWheelIsAHandAndNoPresence(t *testing.T) {
	r := newRig(t, light(), 1366, 400)
	for i := range 40 {
		row := r.st.rows[0]
		row.Who.ID = ward.PatientID(fmt.Sprint("more", i))
		r.st.rows = append(r.st.rows, row)
	}
	r.signIn()
	r.pass(4*time.Minute + 50*time.Second)
	moved := 0
	r.s.conf.Hand = func() { moved++ }
	list := r.s.list()
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(list).AddXY(list.Size().Width/2, list.Size().Height-8)
	test.Scroll(r.win.Canvas(), at, 0, -40)
	if list.Offset() == 0 {
		t.Fatalf("the list, %v high, did not move", list.Size())
	}
	if moved == 0 {
		t.Error("nobody is told that a hand moved")
	}
	if r.pass(20 * time.Second); r.s.Page() != "signin" {
		t.Error("a list that moved kept the window open")
	}
}

// Somebody else may sign in on a locked window, and sees nothing of what was
// open: no page, no draft, no search.
func TestSomebodyElseSeesNothingOfALockedSession(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Show("chart", "p1", string(vchart.Notes))
	r.settle()
	r.s.seat.chart.TypeNote("For my eyes")
	r.s.lock()
	if r.s.Page() != "signin" {
		t.Fatal("the page stays until the desk has locked")
	}
	r.settle()
	if _, err := r.st.SignIn(context.Background(), "t.blake", "1234"); err != nil {
		t.Fatal(err)
	}
	r.settle()
	if r.s.Page() != "board" || r.s.seat.person.User != "t.blake" {
		t.Fatalf("%s of %s", r.s.Page(), r.s.seat.person.User)
	}
	if strings.Contains(test.RenderObjectToMarkup(r.s.Content()), "For my eyes") || r.s.seat.chart.State().Note != "" {
		t.Error("another person's draft is to be seen")
	}
	defer r.st.lock()()
	if got := strings.Join(r.st.drafts, "|"); got != "g.mensah: For my eyes" {
		t.Errorf("drafts: %q", got)
	}
}

// Whatever lay over the page when the window locked, the PIN is what is typed
// next.
func TestThePINHasTheFocusOnALockedWindow(t *testing.T) {
	for name, before := range map[string]func(*rig){
		"a list":      func(r *rig) { r.s.seat.listKey(&fyne.KeyEvent{Name: fyne.KeyDown}) },
		"the keys":    func(r *rig) { r.s.Key(fyne.KeyF1, 0) },
		"the palette": func(r *rig) { r.s.Key(fyne.KeyK, ctrl) },
		"a card":      func(r *rig) { r.arrive(r.st.alert(0, "k1", "Potassium", "6.8")) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, light(), 1366, 768)
			r.signIn()
			before(r)
			r.settle()
			r.pass(5 * time.Minute)
			r.pass(time.Second)
			r.capture()
			if r.s.Page() != "signin" || r.focused() != r.s.signIn.pin.Focusable() {
				t.Errorf("%s, with the focus on %T", r.s.Page(), r.focused())
			}
		})
	}
}

// The computer is revoked under somebody's hands: everything of a patient goes at
// once, with why and what to do; what was being written is kept for its author; the
// wall goes too.
func TestARevokedComputerBlanksItself(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Show("chart", "p1", string(vchart.Notes))
	r.settle()
	r.s.seat.chart.TypeNote("Urine clear, plan to")
	withdrawn := ward.Link{Ever: true, AsOf: noon, Withdrawn: true, Refused: "This computer's access was withdrawn."}
	r.s.showLink(withdrawn)
	markup := test.RenderObjectToMarkup(r.s.Content())
	if r.s.Page() != "signin" || strings.Contains(markup, "ADEYEMI") || strings.Contains(markup, "Urine") {
		t.Fatal("something of a patient is drawn still")
	}
	func() { defer r.st.lock()(); r.st.link = withdrawn }()
	r.settle()
	if got := r.s.signIn.head.Text(); got != "This computer may not show patients any more" {
		t.Errorf("the page says %q", got)
	}
	if w := r.s.signIn.state.Words; !strings.Contains(w, "is kept on it, sealed") || !strings.Contains(w, "tell IT") {
		t.Errorf("it says %q", w)
	}
	if _, ok := r.st.SignedIn(); ok {
		t.Error("the desk is not locked")
	}
	defer r.st.lock()()
	if got := strings.Join(r.st.drafts, "|"); got != "g.mensah: Urine clear, plan to" {
		t.Errorf("drafts: %q", got)
	}
}
