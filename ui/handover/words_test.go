package handover

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Everything on the page can be translated, in every state.
func TestThePageIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	for _, c := range states() {
		t.Run(c.name, func(t *testing.T) {
			r := rigOf(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, c.desk)
			c.act(r)
			r.fresh()
			call, _ := c.desk.Call(t.Context(), "p07")
			said := []string{keptSummary, "Grace Mensah, nurse", "I P A S M F", "72y 58y 45y 69y", errNotAllowed{}.Error()}
			uitest.AllTranslatable(t, r.page.Object(), uitest.Data(c.desk.read, "stable", "watcher", "unstable", "nurse"), uitest.Data(call), uitest.Data(said))
		})
	}
}

// That a to-do is urgent is said in the reader's language.
func TestAnUrgentToDoIsSaidInTheLanguage(t *testing.T) {
	uitest.Speak(t, "de")
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	r.fresh()
	if got := uitest.Reads(r.page.Object()); !strings.Contains(got, "DRINGEND") || strings.Contains(got, "URGENT") {
		t.Errorf("it reads %q", got)
	}
}

// The score is said once, and large; the words around it lose nothing else.
func TestTheScoreIsSaidOnce(t *testing.T) {
	for _, c := range []struct{ why, score, before, after string }{
		{"NEWS2 4 at 21:43, was 0", "4", "NEWS2", "at 21:43, was 0"},
		{"NEWS2 2 at 21:43", "2", "NEWS2", "at 21:43"},
		{"NEWS2 5 at 14:00; since then incomplete, at least 3 at 15:00", "5", "NEWS2", "at 14:00; since then incomplete, at least 3 at 15:00"},
		{"NEWS2 7, Potassium critical", "7", "NEWS2", "Potassium critical"},
		{"not known here", "7", "", "not known here"},
	} {
		if before, after := around(c.why, c.score); before != c.before || after != c.after {
			t.Errorf("%q around %s: %q and %q", c.why, c.score, before, after)
		}
	}
	var drawn []string
	for _, span := range scoreSpans(ward.Early{Known: true, Total: 0}, "NEWS2 0 at 21:43") {
		drawn = append(drawn, span.Text)
	}
	if s := strings.Join(drawn, " "); s != "NEWS2 0 at 21:43" {
		t.Errorf("drawn: %q", s)
	}
}

// A score that is a minimum has its sign, and the words beside it stand whole.
func TestAScoreThatIsAMinimumIsSaidWhole(t *testing.T) {
	const why = "NEWS2 at least 4 at 21:43, incomplete"
	got := scoreSpans(ward.Early{Known: true, AtLeast: true, Total: 4}, why)
	if len(got) != 2 || got[0].Text != "≥ 4" || got[1].Text != why {
		t.Errorf("%+v", got)
	}
}
