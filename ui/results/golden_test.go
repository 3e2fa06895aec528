package results

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// The inbox is drawn as before, with a corrected, a critical and a new result
// open. UPDATE_GOLDEN=1 writes what is kept anew; look at the pictures
// (TestPictures) before committing what changed.
func TestTheInboxIsDrawnAsBefore(t *testing.T) {
	for name, line := range map[string]int{"critical": 0, "corrected": 1, "new": 3, "left": 4} {
		items := inbox()
		if name == "left" {
			items = lefts(items)
		}
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, items)
		if name != "left" {
			r.model.Mark(r.model.State().Lines[4].ID)
		}
		r.model.Select(r.model.State().Lines[line].ID)
		uitest.Capture(r.win)
		uitest.Golden(t, name+".xml", test.RenderObjectToMarkup(r.page.Object()))
	}
}
