package chart

import (
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/theme"
)

// Who is to be watched continuously has no next time beside it, before and after
// somebody begins to type.
func TestWhoIsWatchedContinuouslyHasNoNextTime(t *testing.T) {
	last := ward.Early{Known: true, Total: 10, Continuous: true, Due: now.Add(30 * time.Minute)}
	for _, typed := range []bool{false, true} {
		words := ""
		for _, s := range nextWords(last, last, typed, now) {
			words += s.Text + " "
		}
		if want := map[bool]string{false: "By the last set watch continuously ", true: "Next watch continuously "}[typed]; words != want {
			t.Errorf("typed %v: %q", typed, words)
		}
	}
}

// Before anything is typed there is no score, and nothing is said of its scale.
func TestAScoreThatIsNotThereHasNoScale(t *testing.T) {
	for typed, want := range map[bool]int{false: 1, true: 2} {
		if got := len(liveHead(ward.Early{Scale: 1}, typed)); got != want {
			t.Errorf("typed %v: %d pieces", typed, got)
		}
	}
}

// "Another" is said only where there is one.
func TestTheFormSaysAnotherOnlyWhereThereIsOne(t *testing.T) {
	r := newRig(t, theme.Options{}, 1366, 768)
	r.open(t, "p07", view.Allergies)
	a := r.page.tab[view.Allergies].(*allergies)
	if a.head.Text() != "Another allergy" {
		t.Errorf("beside penicillin: %q", a.head.Text())
	}
	s := a.state
	s.Chart.AllergyList = nil
	a.show(s, now)
	if a.head.Text() != "An allergy" {
		t.Errorf("where there is none: %q", a.head.Text())
	}
}
