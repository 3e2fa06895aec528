package alerts

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/told"
	view "wardlight/internal/station/view/alerts"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// The longest that central wrote of a message, in German: the card says all of why, the
// page's row is as high as all of the words, and beside it what to do can be reached.
func TestWhatCentralWroteIsWholeInGerman(t *testing.T) {
	uitest.Speak(t, "de")
	why := "possible mix-up: one identifier is known, but the message has another hospital number than that patient's record; find out at the registration desk whether they are one person, merge or correct them there, then replay"
	words := "Not filed, identity unconfirmed: Potassium 6.8 mmol/L, critical (ward limit 6.5). The message says it is for Adeyami Fola, born 1945-03-14. Why: " + why + ". Message C-17 from LAB-1. Phone the registration desk."
	for _, c := range []struct {
		name string
		s    float32
		w    float32
	}{{"held-de", 1, 1366}, {"held-de-200", 2, 1366}, {"held-de-200-1024", 2, 1024}} {
		r := newRig(t, c.s, c.w, 700)
		h := heldPotassium()
		h.Words, h.Why, h.Phone = told.Warnings.Say(words), told.Reasons.Say(why), told.Owners.Say("registration desk")
		if h.Why == why || h.Words == words {
			t.Fatal("not recognised")
		}
		r.f.Show(view.State{Card: cardOf(h.Alert(), noon)})
		shown := ""
		for _, s := range uitest.Texts(r.f.Card()) {
			shown += s + " "
		}
		if !strings.Contains(strings.Join(strings.Fields(shown), " "), h.Why[1:]) {
			t.Errorf("%s: the card does not say %q: %q", c.name, h.Why, shown)
		}
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, c.name+"-card", uitest.Capture(r.win))
		}
		quiet := h
		quiet.Critical, quiet.Open, quiet.Values = false, false, nil
		r = newRig(t, c.s, c.w, 700)
		l := view.Line{ID: "held hb1", Kind: view.KindHeld, At: "13:58", Name: "Vielleicht von ADEYEMI, Folake, Bett 07", Second: quiet.Words, Third: "Rufen Sie an."}
		r.page.Show(view.State{Lines: []view.Line{l}})
		_, _, under := lineSpans(l)
		need := kit.NewFlow(under...).HeightFor(r.page.listWidth(r.page.block.Size())-theme.Px(28)) + kit.TextHeight(kit.BodyStrong)
		if theme.Px(r.page.high(l)) < need {
			t.Errorf("%s: a row of %v for %v", c.name, theme.Px(r.page.high(l)), need)
		}
		scrolled := false
		for _, o := range test.LaidOutObjects(r.page.side) {
			if in, ok := o.(*container.Scroll); ok && strings.Contains(strings.Join(uitest.Texts(in), " "), l.Third) {
				scrolled = true
			}
		}
		if !scrolled {
			t.Errorf("%s: what to do is below the end of the panel, and nothing scrolls to it", c.name)
		}
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, c.name+"-page", uitest.Capture(r.win))
		}
	}
}
