package shell

import (
	"errors"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
)

// While a downtime is practised every page says so in words, and that what is entered is
// real; the strip says so too, and one press ends it, by key or by button.
func TestADrillSaysSoOnEveryPage(t *testing.T) {
	for _, o := range []theme.Options{light(), {Mode: theme.Light, Scale: 2}} {
		r := newRig(t, o, 1366, 768)
		r.signIn()
		band := r.s.seat.drill
		if band.object.Visible() || r.s.Key(fyne.KeyF10, 0) {
			t.Fatal("a drill that nobody began")
		}
		r.s.seat.key(doDrill, "")
		r.settle()
		for _, id := range railPages() {
			r.s.Show(string(id), "", "")
			r.settle()
			if got := band.words.Text(); !band.object.Visible() || !strings.Contains(got, "DRILL. A downtime is practised") || !strings.Contains(got, "is real") || band.object.Size().Height < band.object.HeightFor(band.object.Size().Width) {
				t.Errorf("%s: %v, %q", id, band.object.Visible(), got)
			}
			if got := r.s.frame.strip.Config().Lead; got != "DRILL since 14:05" {
				t.Errorf("the strip says %q", got)
			}
		}
		if !r.s.Key(fyne.KeyF10, 0) {
			t.Error("F10 does not end it")
		}
		r.settle()
		if band.object.Visible() || strings.Contains(r.s.frame.strip.Config().Lead, "DRILL") {
			t.Error("it goes on after F10")
		}
		r.s.seat.key(doDrill, "")
		r.settle()
		test.Tap(band.end)
		r.settle()
		if band.object.Visible() {
			t.Error("it goes on after its button")
		}
		func() {
			defer r.st.lock()()
			r.st.noDrill = errors.New("A downtime is practised by the charge nurse of this ward.")
		}()
		r.s.seat.key(doDrill, "")
		r.settle()
		if !strings.Contains(r.s.seat.wentUp.words.Text(), "by the charge nurse") {
			t.Error("nobody says why no drill was begun")
		}
	}
}
