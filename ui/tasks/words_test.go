package tasks

import (
	"strings"
	"testing"

	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Everything on the page can be translated, in every state.
func TestThePageIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			r := rigOf(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, c.desk)
			c.act(r)
			r.fresh()
			typed := []string{keptWords, keptOwner, "Repeat potassium", "Handed on to Dr Ana Ruiz, her GP", errNotAllowed{}.Error()}
			uitest.AllTranslatable(t, r.page.Object(), uitest.Data(c.desk.list, "nurse", "doctor"), uitest.Data(typed))
		})
	}
}

// That a task is urgent is said in the reader's language.
func TestAnUrgentTaskIsSaidInTheLanguage(t *testing.T) {
	uitest.Speak(t, "de")
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, list())
	r.fresh()
	if got := uitest.Reads(r.page.Object()); !strings.Contains(got, "DRINGEND") || strings.Contains(got, "URGENT") {
		t.Errorf("it reads %q", got)
	}
}
