package alerts

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/alerts"
	"wardlight/ui/uitest"
)

func heldPotassium() ward.HeldBack {
	since := noon.Add(-7 * time.Minute)
	return ward.HeldBack{
		ID: "hb1", Version: 1, Since: since, Critical: true, Open: true, Why: "name and birth date differ from those of the patient with this number", Phone: "laboratory",
		Said: "Adeyami Fola, born 1945-03-14", Perhaps: []ward.Identity{{ID: "p07", Bed: "07", Family: "Adeyemi", Given: "Folake"}},
		Values: []ward.Result{{Test: "Potassium", Value: "6.8", Unit: "mmol/L", Flag: ward.FlagCriticalHigh, Why: []string{"ward limit 6.5"}, Range: "3.5-5.3", CollectedText: "22-Nov-2026 13:31", Status: "final"}},
		Ladder: alert.Default().Ladder(alert.LadderInpatient).Rungs(since, noon, alert.Duty{State: alert.Open}),
	}
}

// What is held back comes as the card, says that it is not filed and whose it may
// be, and is taken as the warning that it is.
func TestTheCardOfWhatIsHeldBack(t *testing.T) {
	for _, c := range []struct {
		name string
		s    float32
		w, h float32
	}{{"held-card", 1, 1366, 700}, {"held-card-200", 2, 1366, 700}, {"came-after-card", 1, 1366, 700}, {"came-after-card-200", 2, 1366, 700}} {
		r := newRig(t, c.s, c.w, c.h)
		h := heldPotassium()
		head, short := "Held back, not filed: potassium very high", "Not filed: Potassium 6.8 mmol/L"
		if strings.HasPrefix(c.name, "came-after") {
			head, short = "Came after discharge: potassium very high", "Potassium 6.8 mmol/L"
			h.Filed, h.Perhaps, h.Why, h.Phone = true, nil, "", ""
			h.Of = &ward.Identity{Family: "Adeyemi", Given: "Folake", Title: "Mrs", Born: "1945-03-14", Age: "81 y", NumberName: "NHS No.", Number: "943 476 5919"}
		}
		card := cardOf(h.Alert(), noon)
		card.Head, card.Short = head, short
		r.f.Show(view.State{Card: card})
		img := uitest.Capture(r.win)
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, c.name, img)
		}
		uitest.Golden(t, c.name+".xml", test.RenderObjectToMarkup(r.f.Card()))
		r.pass(3 * time.Second)
		r.f.Key(fyne.KeyF5)
		if len(r.did) != 1 || r.did[0] != "take hb1 taken " {
			t.Errorf("%v", r.did)
		}
	}
}

// The page of somebody who has it: a withdrawal is about the warning, which is in
// nobody's record.
func TestWhatIsHeldBackIsTakenBackOnThePage(t *testing.T) {
	r := newRig(t, 1, 1366, 700)
	h := heldPotassium()
	h.Open, h.Partial, h.Owned = false, true, []ward.Owned{{Task: "t1", Kind: "taken", By: "Grace Mensah", At: noon}}
	a := h.Alert()
	var of ward.PatientID = "nobody asked"
	r.page.do.Withdraw = func(p ward.PatientID, _, _ string) { of = p }
	r.page.Show(view.State{Lines: []view.Line{{ID: "held hb1", Kind: view.KindOwned, Key: view.Key{Result: "hb1", Version: 1}, Patient: "p07", Name: "Held back", Detail: view.Describe(a, noon), Alert: a, Task: "t1"}}})
	back, ok := r.page.Where("withdraw")
	if !ok {
		t.Fatal("it cannot be taken back")
	}
	test.Tap(back.(fyne.Tappable))
	if of != "" {
		t.Errorf("withdrawn in the record of %q", of)
	}
}

// Somebody has it, and has yet to say what was done: the page offers that in one
// press, and in words.
func TestAnActionIsRecordedOnThePage(t *testing.T) {
	r := newRig(t, 1, 1366, 700)
	a := potassium("k1")
	l := view.Line{ID: "p k1", Kind: view.KindOwned, Key: view.Key{Patient: "pk1", Result: "k1", Version: 1}, Patient: "pk1", Detail: view.Describe(a, noon), Alert: a, Task: "t1", Second: "Grace Mensah has it"}
	r.page.Show(view.State{Lines: []view.Line{l}})
	r.pass(3 * time.Second)
	treated, ok := r.page.Where("record-2")
	if !ok {
		t.Fatal("nothing records an action")
	}
	test.Tap(treated.(fyne.Tappable))
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF6})
	uitest.Type(r.win, "calcium given")
	r.win.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if len(r.did) != 2 || r.did[0] != "record k1 Treated" || r.did[1] != "record k1 calcium given" {
		t.Errorf("%v", r.did)
	}
	l.Acted = true
	l.Second = "Grace Mensah acted"
	r.page.Show(view.State{Lines: []view.Line{l}})
	if _, again := r.page.Where("record-1"); again {
		t.Error("what was done is asked for again")
	}
}

// A sender whose messages cannot be filed: one card names the others with their
// values, and cuts none of them.
func TestTheCardOfASenderWhoseMessagesCannotBeFiled(t *testing.T) {
	for _, c := range []struct {
		name string
		s    float32
	}{{"held-group", 1}, {"held-group-200", 2}} {
		r := newRig(t, c.s, 1366, 700)
		h := heldPotassium()
		h.Perhaps, h.EveryWard, h.Sender = nil, true, "LAB|HOSP"
		card := cardOf(h.Alert(), noon)
		card.Head, card.Short = "Held back, not filed: potassium very high (1 of 10)", "Not filed: Potassium 6.8 mmol/L (1 of 10)"
		card.Detail.Facts = append([]ward.Fact{{Label: "9 more of this sender", Words: "Potassium 6.1 mmol/L CRITICAL HIGH, 13:56 · Potassium 6.2 mmol/L CRITICAL HIGH, 13:57 · " +
			"Sodium 118 mmol/L MAY BE CRITICAL LOW, 13:58 · and 6 more, on the next card. Each is taken by itself: see Alerts"}}, card.Detail.Facts...)
		r.f.Show(view.State{Card: card})
		img := uitest.Capture(r.win)
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, c.name, img)
		}
		uitest.Golden(t, c.name+".xml", test.RenderObjectToMarkup(r.f.Card()))
	}
}
