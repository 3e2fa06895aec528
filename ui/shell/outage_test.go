package shell

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/kit"
	"wardlight/ui/outage"
	"wardlight/ui/theme"
)

// cutOff takes the network away, with one note unsent.
func (r *rig) cutOff() {
	func() {
		defer r.st.lock()()
		l := &r.st.link
		l.Connected, l.Since, l.AsOf, l.Unsent, l.UnsentSince = false, clock("02:14"), clock("02:14"), 2, clock("02:50")
		for i := range l.Feeds {
			l.Feeds[i].Up = false
		}
		who := ward.Identity{ID: "p1", Bed: "01", Family: "Adeyemi", Given: "Folake"}
		r.st.unsent = []ward.Unsent{
			{Who: who, Line: ward.OutageLine{Kind: "note", Words: "Slept badly, pain 3 of 10; asked for the day team to look at the drip again", By: "Grace Mensah, nurse", At: clock("02:50")}},
			{Who: ward.Identity{ID: "p4", Bed: "17", Family: "Nguyen-Featherstonehaugh", Given: "Van Manh Alexander Bartholomew"}, Line: ward.OutageLine{Kind: "allergy", Words: "Penicillin, anaphylaxis, severe", By: "Grace Mensah, nurse", At: clock("03:25")}},
		}
		r.st.report = ward.OutageReport{From: clock("02:14"), Counts: ward.OutageCounts{CameIn: 1, Written: 2, Unsent: 2, Waiting: 1}, Level: ward.LevelUnknown, Patients: []ward.OutagePatient{{
			Who: who, Waiting: []ward.OutageLine{{Kind: "question", Words: "Is the patient allergic to Penicillin?", By: "Wardlight", At: clock("04:03")}},
			CameIn: []ward.OutageLine{{Kind: "result", Words: "Potassium 6.8 mmol/L", By: "lab", At: clock("03:12")}}, Written: []ward.OutageLine{{Kind: "note", Words: "Slept badly", By: "Grace Mensah, nurse", At: clock("02:50"), Outcome: "unsent"}},
		}}}
	}()
	r.s.links.Reload()
	r.settle()
}

// "Show" on the strip opens what the strip speaks of; in calm there is nothing to
// show, and before sign-in nobody to show it to.
func TestShowOnTheStripOpensWhatItSpeaksOf(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.cutOff()
	if r.s.frame.strip.Config().Action != "" {
		t.Error("a locked window offers to show entries")
	}
	r.signIn()
	r.s.links.Reload()
	r.settle()
	test.Tap(r.s.frame.strip.Action())
	r.settle()
	if r.s.Page() != "outage" {
		t.Fatalf("Show turned to %s", r.s.Page())
	}
	st := r.s.seat.outage.State()
	if st.Tone != "unsent" || len(st.Lines) < 6 {
		t.Fatalf("%+v", st)
	}
	// Enter on an unsent entry opens its chart; Esc comes back here.
	list := r.s.seat.pages[pageOutage].(*outage.Page).First().(*kit.List)
	r.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyDown})
	if r.focused() != fyne.Focusable(list) {
		t.Fatal("the arrow keys do not find the list")
	}
	list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.settle()
	if r.s.Page() != "chart" {
		t.Fatalf("Enter on an entry: %s", r.s.Page())
	}
	r.s.Key(fyne.KeyEscape, 0)
	if r.s.Page() != "outage" {
		t.Errorf("Esc went to %s", r.s.Page())
	}
	func() {
		defer r.st.lock()()
		r.st.link = newStation().link
	}()
	r.s.links.Reload()
	r.settle()
	if r.s.frame.strip.Config().Action != "" {
		t.Error("in calm there is nothing to show")
	}
}

// What must be said of an outage is said with "Show" beside it, at every width
// and text size.
func TestShowFitsEveryScreen(t *testing.T) {
	for _, scale := range []float32{.8, 1, 1.5, 2} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, 1024, 768)
		r.signIn()
		r.cutOff()
		if w := r.s.frame.strip.MinSize().Width; w > 1024 {
			t.Errorf("at %v the strip needs %v", scale, w)
		}
		if !r.s.frame.strip.Action().Visible() {
			t.Errorf("at %v there is no Show", scale)
		}
		if c := r.s.frame.strip.Config(); c.Action != "2 unsent" && !r.s.frame.strip.RightShown() {
			t.Errorf("at %v nobody sees that 2 are unsent: %+v", scale, c)
		}
	}
}
