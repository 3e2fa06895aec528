package shell

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/assets"

	"wardlight/ui/uitest"
)

// What stands around every page, the card, the alerts page and the palette are
// drawn as before. The chart and reviews have goldens of their own.
func TestTheWindowIsDrawnAsBefore(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	keep := func(name string) {
		t.Helper()
		r.capture()
		uitest.Golden(t, name+".xml", test.RenderObjectToMarkup(r.s.Content()))
	}
	keep("signin")
	r.signIn()
	r.arrive(r.st.alert(0, "k1", "Potassium", "6.8"), r.st.alert(1, "l1", "Lactate", "4.6"))
	keep("card")
	for range 2 { // each of the two is set aside by itself
		r.pass(2 * time.Second)
		r.s.Key(fyne.KeyEscape, 0)
		r.settle()
	}
	r.s.Key(fyne.Key2, ctrl)
	r.settle()
	keep("alerts")
	r.s.Key(fyne.KeyK, ctrl)
	r.s.seat.palette.field.SetText("nguyen") // at once: rows are used again in the order of what came
	r.s.seat.palette.typed("nguyen")
	for range 50 {
		if r.settle(); len(r.s.seat.palette.items) == 3 {
			break
		}
	}
	keep("palette")
	r.s.Key(fyne.KeyEscape, 0)
	r.s.Key(fyne.KeyF1, 0)
	keep("keys")
}

func TestIconsExist(t *testing.T) {
	have := map[assets.Icon]bool{}
	for _, i := range assets.Icons() {
		have[i] = true
	}
	for _, i := range []assets.Icon{iconBoard, iconBell, iconResults, iconReviews, iconList, iconFind, iconPerson, iconSimilar, iconConnected, iconCritical, iconWarning, iconLoading, iconUnsent, iconSettings, iconPhone} {
		if !have[i] {
			t.Errorf("there is no icon %q", i)
		}
	}
}
