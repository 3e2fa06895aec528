package chart

import (
	"strings"
	"testing"
	"time"

	stored "wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Why central holds a message back stands in the chart in German, whole.
func TestWhyAMessageIsHeldBackIsWholeInGerman(t *testing.T) {
	uitest.Speak(t, "de")
	why := stored.Reasons.Say("possible wrong patient: the identifier is known, but birth date and family name both differ; ask the sender, correct it there or here, then replay")
	for _, c := range []struct {
		name string
		s    float32
		w    float32
	}{{"chart-told-de", 1, 1298}, {"chart-told-de-200-1024", 2, 1024}} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: c.s}, c.w, 702)
		r.open(t, "p11", view.Results)
		chart := r.desk.charts["p11"]
		chart.HeldBack = []ward.HeldBack{{
			ID: "hb1", Since: now.Add(-7 * time.Minute), Critical: true, Open: true, Said: stored.Names.Say("Kowalski Zofia, born 1981-02-03"), Why: why,
			Values: []ward.Result{{Test: "Potassium", Value: "6.8", Unit: "mmol/L", Flag: ward.FlagCriticalHigh}},
		}}
		r.desk.charts["p11"] = chart
		r.open(t, "p11", view.Results)
		all := strings.Join(strings.Fields(strings.Join(uitest.Texts(r.page.Object()), " ")), " ")
		for _, want := range []string{"die Kennung ist bekannt, aber Geburtsdatum und Familienname weichen beide ab;", "Kowalski Zofia, geb. 1981-02-03"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s: %q is not there: %s", c.name, want, all)
			}
		}
		if dir := uitest.Pictures(); dir != "" {
			uitest.Keep(t, dir, c.name, r.capture())
		}
	}
}
