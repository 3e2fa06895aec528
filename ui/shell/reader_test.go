package shell

import (
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/ui/theme"
)

// The toolkit looks once for what a screen reader is to be told, when the window is
// shown, and into containers only. What it found there would be said for the rest of
// the day; so it finds nothing (docs/accessibility.md).
func TestAReaderIsToldNothingThatIsOld(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light}, 1366, 768)
	content := r.s.Content()
	if _, looked := content.(*fyne.Container); looked {
		t.Error("the window's content is a container: what lies in it is read once and said for ever")
	}
	if a, said := content.(fyne.Accessible); said {
		t.Errorf("the window's content says %q, and would go on saying it", a.AccessibilityLabel())
	}
}
