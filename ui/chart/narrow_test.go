package chart

import (
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/theme"
)

// A window that is made narrower, or wider, while an earlier result is open draws the table
// anew: the column in which it is marked may be there no longer, or be another one.
func TestAWindowIsMadeNarrowerWithAnEarlierResultOpen(t *testing.T) {
	for _, scale := range []float32{.8, 1, 2} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: scale}, 1298, 702)
		r.open(t, "p07", view.Results)
		for _, id := range []ward.ResultID{"k4", "k2"} {
			r.model.Select(id)
			for _, w := range []float32{1298, 700, 330, 1298, r.page.Object().MinSize().Width, 1298} {
				r.win.Resize(fyne.NewSize(w, 702))
				r.win.Canvas().Capture()
			}
		}
	}
}
