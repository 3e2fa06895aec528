package reviews

import (
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Everything on the page can be translated but what the desk tells of a review, which it
// says itself, and the roles that are offered, which are kept as they are written.
func TestTheReviewsAreTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	known := []string{"ADEYEMI", "Folake", "(Mrs)", "NGUYEN", "Van Manh", "NHS No.", "Grace Mensah, nurse", "Pharmacist", "Consultant", "Registrar on call", "Charge nurse", "Bed office", "Tom Blake"}
	for _, v := range two() {
		known = append(known, v.Short, v.Question, v.Story)
		for _, s := range v.Sides {
			known = append(known, s.Title, "“"+s.Title+"”", s.Title+".", "“"+s.Quote+"”", s.Who, s.Place, s.CouldSee)
		}
		for _, a := range v.Asked {
			known = append(known, "“"+a.Words+"”", "“"+a.Words+"”.")
		}
	}
	for _, list := range [][]ward.Review{two(), {}} {
		r := newRig(t, theme.Options{Mode: theme.Light}, 1298, 702, list)
		check := func() {
			t.Helper()
			r.win.Canvas().Capture()
			uitest.AllTranslatable(t, r.page.Object(), known...)
		}
		check()
		if len(list) == 0 {
			continue
		}
		r.press(fyne.Key2)
		check()
		r.press(fyne.KeyEscape)
		r.page.neitherSide()
		check()
		r.page.startAsk()
		check()
	}
}

// The buttons are whole in each language.
func TestBothSidesFitInEachLanguage(t *testing.T) {
	uitest.EachLanguage(t, TestBothSidesFitAtEverySize)
}
