package alerts

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/alerts"
	"wardlight/ui/kit"

	"wardlight/ui/uitest"
)

const culture = `Blood culture, aerobic and anaerobic bottle
Growth after 14 h in both bottles
Gram stain: Gram positive cocci in clusters
1. Staphylococcus aureus
   Flucloxacillin      S
   Vancomycin          S     MIC 1.0
   Clindamycin         R
Typing follows. Please speak to the microbiologist on call before changing treatment; the isolate has been sent to the reference laboratory.`

func bloodCulture() ward.Alert {
	a := potassium("b1")
	a.Result = ward.Result{ID: "b1", Version: 1, Test: "Blood culture", Value: culture, Text: true, Flag: ward.FlagCritical, Critical: true, Open: true, Received: noon.Add(-7 * time.Minute), Collected: noon.Add(-20 * time.Hour), Status: "preliminary"}
	a.Trend = []ward.Result{a.Result}
	a.Ladder = []ward.Rung{{At: a.Since, Who: "named nurse and covering doctor", State: "due"}, {At: a.Since.Add(10 * time.Minute), Who: "charge nurse and registrar", State: "next"}}
	return a
}

// drawn are the texts and graphs that an object shows.
func drawn(o fyne.CanvasObject, text *[]string, graphs *int) {
	if !o.Visible() {
		return
	}
	switch o := o.(type) {
	case *canvas.Text:
		*text = append(*text, o.Text)
	case *kit.TrendChart:
		*graphs++
	case *fyne.Container:
		for _, c := range o.Objects {
			drawn(c, text, graphs)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			drawn(c, text, graphs)
		}
	}
}

// A critical text of several lines: it has no graph, and every word of it stands
// on the card, line by line. The band names its first line and says that there
// is more.
func TestACriticalTextIsShownWholeAndHasNoGraph(t *testing.T) {
	for _, c := range []struct{ scale, w, h float32 }{{1, 1366, 702}, {2, 1024, 702}} {
		r := newRig(t, c.scale, c.w, c.h)
		a := bloodCulture()
		r.f.Show(view.State{Card: cardOf(a, noon)})
		var words []string
		graphs := 0
		drawn(r.f.body.object, &words, &graphs)
		if graphs != 0 {
			t.Error("a text has a graph")
		}
		all := strings.Join(words, " ")
		for _, w := range strings.Fields(culture) {
			if !strings.Contains(all, w) {
				t.Errorf("%q of the text is not on the card", w)
			}
		}
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, "card-text-"+map[float32]string{1: "100", 2: "200"}[c.scale], r.win.Canvas().Capture())
		}
	}
	for _, a := range []ward.Alert{potassium("k1")} {
		a.Result.Collected, a.Result.Number, a.Result.HasNumber = noon, 6.8, true
		a.Trend = []ward.Result{a.Result}
		r := newRig(t, 1, 1366, 702)
		r.f.Show(view.State{Card: cardOf(a, noon)})
		words, graphs := []string{}, 0
		if drawn(r.f.body.object, &words, &graphs); graphs != 1 {
			t.Errorf("a number has %d graphs", graphs)
		}
	}
}
