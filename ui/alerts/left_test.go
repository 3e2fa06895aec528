package alerts

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/alerts"
	"wardlight/ui/kit"
	"wardlight/ui/uitest"
)

// gone is a potassium of somebody who went home yesterday, out of bed 07.
func gone(id string) ward.Alert {
	a := potassium(id)
	a.Who.Bed = ""
	a.Left = &ward.Leaving{Ward: "4B", Bed: "07", At: noon.Add(-26 * time.Hour), Until: noon.Add(6*24*time.Hour - 2*time.Hour)}
	return a
}

// Card, page and band of somebody who left, at 100 % and at 200 %: each says that
// they left and where they lay, and nothing of it or of the value is cut.
func TestTheAlertOfWhoLeft(t *testing.T) {
	a := gone("k1")
	line := view.Line{
		ID: "1", Kind: view.KindOpen, Key: view.Key{Patient: "pk1", Result: "k1", Version: 1}, Patient: "pk1", Name: a.Who.ShowName(), Left: a.Left.Words(noon),
		Test: "Potassium", Value: "6.8", Unit: "mmol/L", Word: "CRITICAL HIGH", Second: "Nobody has taken it, 7 min", At: "13:58", Detail: view.Describe(a, noon), Alert: a,
	}
	for _, c := range []struct {
		name string
		s    float32
		w, h float32
	}{{"left", 1, 1366, 700}, {"left-200", 2, 1366, 700}} {
		r := newRig(t, c.s, c.w, c.h)
		r.f.Show(view.State{Card: cardOf(a, noon)})
		uitest.Golden(t, c.name+"-card.xml", test.RenderObjectToMarkup(r.f.Card()))
		says(t, r.f.Card(), "Discharged 12:05 on 21-Nov-2026, last bed 07", "discharging team")
		keepPicture(t, r, c.name+"-card")
		r.f.Show(view.State{})
		r.page.Show(view.State{Lines: []view.Line{line}})
		uitest.Golden(t, c.name+"-page.xml", test.RenderObjectToMarkup(r.page.Object()))
		says(t, r.page.Object(), "Discharged 12:05 on 21-Nov-2026, last bed 07")
		keepPicture(t, r, c.name+"-page")
	}
	for _, c := range []struct{ s, w float32 }{{1, 1024}, {1.5, 1024}, {2, 1024}} {
		r := newRig(t, c.s, c.w, 700)
		r.f.band.now = view.Band{Bed: a.Left.Words(noon), ShortBed: "Discharged, last bed 07", What: "Potassium 6.8 mmol/L", Word: "CRITICAL HIGH", Clock: "7 min, nobody has taken it", Short: "7 min", Count: 1}
		b := kit.NewRedBand(r.f.band.config(3), nil)
		if b.MinSize().Width > c.w || !strings.Contains(b.Text(), "Discharged, last bed 07") {
			t.Errorf("at %v the band needs %v: %s", c.s, b.MinSize().Width, b.Text())
		}
	}
}

// says looks for words as they are drawn, over however many lines.
func says(t *testing.T, o fyne.CanvasObject, want ...string) {
	t.Helper()
	var text []string
	var graphs int
	drawn(o, &text, &graphs)
	all := strings.Join(strings.Fields(strings.Join(text, " ")), " ")
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("%q is not said: %s", w, all)
		}
	}
}

func keepPicture(t *testing.T, r *rig, name string) {
	t.Helper()
	if dir := uitest.Pictures(); dir != "" {
		uitest.Keep(t, dir, name, uitest.Capture(r.win))
	}
}
