package results

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
)

// The inbox is drawn as before, with a corrected, a critical and a new result
// open. UPDATE_GOLDEN=1 writes what is kept anew; look at the pictures
// (TestPictures) before committing what changed.
func TestTheInboxIsDrawnAsBefore(t *testing.T) {
	for name, line := range map[string]int{"critical": 0, "corrected": 1, "new": 3} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702, inbox())
		r.model.Mark(r.model.State().Lines[4].ID)
		r.model.Select(r.model.State().Lines[line].ID)
		size := r.win.Canvas().Size()
		r.win.Resize(size.AddWidthHeight(1, 0))
		r.win.Resize(fyne.NewSize(size.Width, size.Height))
		r.win.Canvas().Capture()
		got := test.RenderObjectToMarkup(r.page.Object())
		path := filepath.Join("testdata", name+".xml")
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatalf("%v; UPDATE_GOLDEN=1 writes it", err)
		}
		a, b := strings.Split(string(want), "\n"), strings.Split(got, "\n")
		for i := range max(len(a), len(b)) {
			if i >= len(a) || i >= len(b) || a[i] != b[i] {
				t.Errorf("%s differs from line %d on", path, i+1)
				break
			}
		}
	}
}
