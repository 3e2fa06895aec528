package shell

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
)

// Tab goes through everything that can be pressed or filled, on every page and at
// every text size, and whatever has the focus is in view.
func TestTabFindsEverythingInView(t *testing.T) {
	for _, size := range []struct{ scale, w, h float32 }{{1, 1366, 768}, {2, 1024, 768}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: size.scale}, size.w, size.h)
		func() {
			defer r.st.lock()()
			who := ward.Identity{ID: "p1", Bed: "12", Family: "Adeyemi", Given: "Folake"}
			r.st.reviews = []ward.Review{{ID: "r1", Version: 1, Neither: true, Question: "Is she allergic?", Story: "Two people wrote.", Who: who, Sides: []ward.Side{{Ref: "a", Title: "refuted", Who: "Tom"}, {Ref: "b", Title: "severe", Who: "Ines"}}}}
			r.st.inbox = []ward.InboxItem{{Kind: ward.InboxCritical, Who: who, Result: ward.Result{ID: "k1", Version: 1, Test: "Potassium", Value: "6.8", Critical: true, Flag: ward.FlagCriticalHigh}}}
		}()
		r.signIn()
		r.cutOff()
		for _, id := range append(pageIDs(), pageChart) {
			if id == pageChart {
				r.s.Show("chart", "p1", "Notes")
			} else {
				r.s.seat.turn(id)
			}
			r.settle()
			r.capture()
			r.tour(string(id), fmt.Sprint(size))
		}
	}
}

// tour presses Tab until it comes round.
func (r *rig) tour(page, size string) {
	r.t.Helper()
	c := r.win.Canvas()
	c.Unfocus()
	seen := map[fyne.Focusable]bool{}
	for range 200 {
		c.FocusNext()
		r.queue.Drain()
		f := c.Focused()
		if f == nil || seen[f] {
			break
		}
		seen[f] = true
		o, ok := f.(fyne.CanvasObject)
		if !ok {
			continue
		}
		at, bounds := fyne.CurrentApp().Driver().AbsolutePositionForObject(o), c.Size()
		switch {
		case !o.Visible() || o.Size().Width <= 0 || o.Size().Height <= 0:
			r.t.Errorf("%s at %s: Tab goes to %T, which is not drawn", page, size, f)
		case at.Y >= bounds.Height || at.Y+o.Size().Height <= 0 || at.X >= bounds.Width || at.X+o.Size().Width <= 0:
			r.t.Errorf("%s at %s: Tab goes to %T at %v, out of the window", page, size, f, at)
		}
	}
	if len(seen) < 3 {
		r.t.Errorf("%s at %s: Tab finds %d things", page, size, len(seen))
	}
}
