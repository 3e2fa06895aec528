package alerts

import (
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/alerts"
	"wardlight/ui/uitest"
)

// Each card and each line of the page can be translated: a critical value, one of who
// left, what is held back, the form for words, and a note that was pressed too early.
// The head and the clock of these cards are the fixture's.
func TestTheCardsAndThePageAreTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	known := []string{
		"Critical result: potassium very high", "7 min, nobody has taken it", "Adeyemi", "ADEYEMI", "Folake", "Potassium", "NHS No.", "Adeyami Fola, born 1945-03-14", "ward limit 6.5",
		"name and birth date differ from those of the patient with this number", "Name and birth date differ from those of the patient with this number", "Dr Lindqvist",
		// The record keeps an action in the words of its button.
		"Repeat sent", "Treated",
		// Whom the ladder names is the ward's own wording.
		`re:(?i)\b(charge nurse|registrar|consultant on call|consultant|nurse|doctor|named|ward|and|of the|other|site|on call|manager|medical|team|lead|patient’s|who|signed|in|covering|laboratory|charge|on|call|is|to|phone|too)\b`,
	}
	held := heldPotassium()
	left := gone("k1")
	owned := potassium("k2")
	owned.Result.Open, owned.Result.Owned = false, []ward.Owned{{Task: "t1", Kind: "taken", By: "Dr Lindqvist", At: noon, ActBy: noon.Add(time.Hour), Unsent: true}}
	for _, a := range []ward.Alert{potassium("k1"), left, held.Alert()} {
		r := newRig(t, 1, 1366, 768)
		c := cardOf(a, noon)
		r.f.Show(view.State{Card: c})
		r.win.Canvas().Capture()
		uitest.AllTranslatable(t, r.f.Card(), known...)
		r.f.foot.ask("handed-to")
		r.win.Canvas().Capture()
		uitest.AllTranslatable(t, r.f.Card(), known...)
	}
	for _, kind := range []view.Kind{view.KindOpen, view.KindOwned, view.KindHeld} {
		if kind.Say() == string(kind) {
			t.Errorf("nobody can translate %q", kind)
		}
	}
	r := newRig(t, 1, 1366, 768)
	for _, a := range []ward.Alert{potassium("k1"), left, owned, held.Alert()} {
		l := view.Line{ID: string(a.Result.ID) + "x", Kind: view.KindOpen, Key: view.Key{Patient: a.Who.ID, Result: a.Result.ID, Version: 1}, Patient: a.Who.ID, Name: a.Who.ShowName(), Test: "Potassium", Value: "6.8", Unit: "mmol/L", At: "13:58", Detail: view.Describe(a, noon), Alert: a, Task: "t1", Unsent: true}
		r.page.Show(view.State{Lines: []view.Line{l}})
		r.win.Canvas().Capture()
		uitest.AllTranslatable(t, r.page.Object(), known...)
	}
}
