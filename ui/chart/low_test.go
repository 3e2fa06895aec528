package chart

import (
	"testing"

	view "wardlight/internal/station/view/chart"
	"wardlight/ui/theme"
)

// With text at 200 % on a screen of 1366 by 768, under a red band, three results
// are in view whole: everything else gives way, and the patient's line says what
// it always says.
func TestThreeResultsAreInViewUnderARedBandAt200Percent(t *testing.T) {
	const bars, band = 2 * (40 + 26), 2 * 32
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 2}, 1366, 768-bars-band)
	r.open(t, "p07", view.Results)
	r.capture()
	tab := r.page.tab[view.Results].(*results)
	room := tab.list.Size().Height - tab.head.MinSize().Height
	whole := 0
	for _, it := range entriesOf(&tab.state, &tab.plan, now) {
		room -= theme.Px(it.Height)
		if room < 0 {
			break
		}
		if !it.Group {
			whole++
		}
	}
	if whole < 3 {
		t.Errorf("%d results are in view", whole)
	}
	for _, must := range []string{"ADEYEMI, Folake (Mrs)", "14-Mar-1954 (72y)", "Female", "999 041 7732", "Known allergies", "Penicillin: anaphylaxis (severe)", "trimethoprim: rash", "07", "Dr H. Osei", "NEWS2 7", "was 4 at 12:35"} {
		if !r.says(must) {
			t.Errorf("the patient's line no longer says %q", must)
		}
	}
	if r.page.banner.object.Size().Height < r.page.banner.object.HeightFor(1366) {
		t.Error("the patient's line is cut")
	}
}
