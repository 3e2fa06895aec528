package routines

import (
	"testing"

	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// Everything on the page can be translated, in every state.
func TestThePageIsTranslatable(t *testing.T) {
	uitest.Pseudo(t)
	for _, p := range pictures {
		t.Run(p.name, func(t *testing.T) {
			r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, p.page)
			if p.prepare != nil {
				p.prepare(r)
			}
			uitest.Capture(r.win)
			uitest.AllTranslatable(t, r.page.Object(), uitest.Data(p.page, "admission", "discharge", "other", "notes", "allergies"), "Admission of adults")
		})
	}
}
