package results

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
)

// From somebody with a short name to one whose name takes two lines: the
// allergies below the name, and the result below them, make room.
func TestALongNameMakesRoomForItself(t *testing.T) {
	for _, o := range []theme.Options{{Mode: theme.Light, Scale: 1}, {Mode: theme.Light, Scale: 1.3}} {
		items := inbox()
		long := person("pX", "Featherstonehaugh-Cholmondeley-Warburton", "Maximiliana Alexandrina Wilhelmina Theodora Elisabeth", "03")
		items = append(items, one(ward.InboxNew, long, "x1", "Sodium", "138", "mmol/L", "Urea and electrolytes", "12:10", ward.FlagNone))
		r := newRig(t, o, 1298, 702, items)
		r.win.Canvas().Capture()
		for _, l := range r.model.State().Lines {
			if strings.HasPrefix(l.Who.Family, "Featherstonehaugh") {
				r.model.Select(l.ID)
			}
		}
		r.queue.Drain()
		r.win.Canvas().Capture()
		d := r.page.detail
		driver := fyne.CurrentApp().Driver()
		if d.banner.Size().Height < d.banner.HeightFor(d.banner.Size().Width)-0.5 {
			t.Errorf("at %v the patient's line has %v of %v", o.Scale, d.banner.Size().Height, d.banner.HeightFor(d.banner.Size().Width))
		}
		below := func(a, b fyne.CanvasObject) float32 {
			return driver.AbsolutePositionForObject(b).Y - driver.AbsolutePositionForObject(a).Y - a.Size().Height
		}
		if gap := below(d.banner, d.allergy); gap < -0.5 {
			t.Errorf("at %v the allergies lie %v over the name", o.Scale, -gap)
		}
		if gap := below(d.allergy, d.scroll); gap < -0.5 {
			t.Errorf("at %v the result lies %v over the allergies", o.Scale, -gap)
		}
	}
}
