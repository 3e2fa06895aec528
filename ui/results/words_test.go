package results

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/results"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Everything in the inbox can be translated: each line opened, what is asked, each way of
// having nothing, and a line that went.
func TestTheInboxIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	known := []string{
		"Potassium", "Lactate", "Hb", "WCC", "C-reactive protein", "Sodium", "Urea and electrolytes", "Urea", "Creatinine", "Chloride", "Full blood count", "umol/L", "10*9/L", "23A", "Aspirin", "bronchospasm",
		"Adeyemi", "Holloway", "Ferreira", "Wolfeschlegelsteinhausen-Bergerdorff", "ADEYEMI", "HOLLOWAY", "FERREIRA", "WOLFESCHLEGELSTEINHAUSEN-BERGERDORFF",
		"Folake", "Brian", "Lúcia", "Maria Theresia Anunciação", "(Mr)", "NHS No.", "Grace Mensah, nurse", "Dr Sunil Patel, doctor", "Charge nurse, registrar",
		"Wrong tube: EDTA contamination", "ward limit 6.5", "laboratory flag HH", "4B",
	}
	items := lefts(inbox())
	items[0].Who.Similar, items[0].Who.Died = true, "2026-11-22"
	r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, items)
	check := func(what string) {
		t.Helper()
		r.win.Canvas().Capture()
		t.Run(what, func(t *testing.T) { uitest.AllTranslatable(t, r.page.Object(), known...) })
	}
	r.model.Mark(r.model.State().Lines[4].ID)
	for _, l := range r.model.State().Lines {
		r.model.Select(l.ID)
		r.page.read(true)
		check("line " + l.ID)
	}
	for _, kind := range []string{"acting", "handed-to"} {
		r.model.Select(r.model.State().Lines[0].ID)
		r.page.ask(kind)
		r.model.Answer(" ")
		check("asked for " + kind)
		r.model.Leave()
	}
	for _, f := range []view.Filter{view.Mine, view.Taken, view.Handed} {
		r.model.SetFilter(f)
		check("only " + string(f))
	}
	for _, in := range []ward.Inbox{{AsOf: now}, {AsOf: now, FeedDown: true}, {FeedDown: true}} {
		r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, nil, in)
		r.win.Canvas().Capture()
		uitest.AllTranslatable(t, r.page.Object())
	}
}

// In each language a long name is whole, and each answer can be read and reached, also
// at twice the size.
func TestTheAnswersFitInEachLanguage(t *testing.T) {
	uitest.EachLanguage(t, func(t *testing.T) {
		for _, scale := range []float32{1, 2} {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, 1366, 636, inbox())
			for _, l := range r.model.State().Lines {
				r.model.Select(l.ID)
				r.page.read(true)
				r.win.Canvas().Capture()
				d := r.page.detail
				for _, b := range []fyne.CanvasObject{d.primary, d.nothing, d.act, d.hand, d.chart} {
					if b.Visible() && (b.Size().Width < b.MinSize().Width-0.5 || b.Position().X+b.Size().Width > d.answers.Size().Width+0.5) {
						t.Errorf("at %v an answer of %s has %v of %v, from %v in %v", scale, l.ID, b.Size(), b.MinSize(), b.Position(), d.answers.Size())
					}
				}
				if strings.TrimSpace(l.At) == "" {
					t.Errorf("%s has no time", l.ID)
				}
			}
		}
	})
	uitest.EachLanguage(t, TestALongNameIsWhole)
}
