package handover

import (
	"strings"
	"testing"

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
