package shell

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

func damaged() ward.StoreNote {
	return ward.StoreNote{
		ID: "n1", At: clock("03:10"), What: "This computer’s own copy of the record was damaged",
		Safe: "The damaged copy was set aside and is never shown; a new one is being filled from the server. What was entered here and not yet sent is kept in a second place and is here.",
		Do:   "Carry on. Until the copy is full, look at another computer for patients that are missing here. Tell IT that it happened.",
	}
}

// A store that was set aside is told on the sign-in page, and after sign-in until
// that person has read it: above the page, covering nothing, taking no focus.
func TestAStoreThatWasSetAsideIsToldUntilItIsRead(t *testing.T) {
	for _, size := range []struct{ scale, w, h float32 }{{1, 1366, 768}, {2, 1024, 768}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: size.scale}, size.w, size.h)
		func() { defer r.st.lock()(); r.st.notes = []ward.StoreNote{damaged()} }()
		r.s.signIn.model.Refresh()
		r.settle()
		if facts := r.s.signIn.state.Facts; len(facts) == 0 || facts[len(facts)-1].Head != damaged().What+" (03:10)" {
			t.Fatalf("the sign-in page says %+v", facts)
		}
		r.signIn()
		o := r.s.seat.notice
		if !o.object.Visible() || r.focused() != nil {
			t.Fatal("no notice, or it took the focus")
		}
		r.capture()
		if page := r.s.seat.body.page; page.Position().Y < o.object.Position().Y+o.object.Size().Height {
			t.Error("the notice covers the page")
		}
		if h := o.object.HeightFor(size.w); o.object.Size().Height < h {
			t.Errorf("at %v the notice is cut: %v of %v", size.scale, o.object.Size().Height, h)
		}
		test.Tap(o.done)
		r.settle()
		if o.object.Visible() || len(r.st.Unread("g.mensah")) != 0 {
			t.Error("it stays after it was read")
		}
	}
}

// What stands beside a button above the page stands on one line with it, and below one
// another where it is narrow.
func TestWhatStandsBesideAButtonIsOnItsLine(t *testing.T) {
	newRig(t, light(), 1366, 768)
	text, button := kit.NewFlow(kit.T("To go on on paper: one is kept ready.", kit.Body, theme.Text)), kit.NewButton(kit.ButtonConfig{Text: "Print a ward pack", Size: kit.Small}, nil)
	middle := func(o fyne.CanvasObject) float32 { return o.Position().Y + o.Size().Height/2 }
	b := newBeside(text, button)
	b.Resize(fyne.NewSize(1366, 40))
	if off := middle(text) - middle(button); off < -1 || off > 1 {
		t.Errorf("the text is %g off the button's line", off)
	}
	b.Resize(fyne.NewSize(400, 90))
	if button.Position().Y < text.Position().Y+text.Size().Height {
		t.Error("the button lies over the text")
	}
}
