package settings

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/kit"
	"wardlight/ui/theme"
	"wardlight/ui/uitest"
)

// The name of what is inside, with its version, is never cut: a long one wraps, and its row
// is as high.
func TestTheNamesOfTheLicencesAreWhole(t *testing.T) {
	long := "github.com/go-gl/glfw/v3.4/glfw v0.1.0-pre.1.0.20260707082-af4e8e793ec4"
	list := []Licence{{Of: []string{"filippo.io/age v1.3.2", long, "golang.org/x/net v0.50.0"}, Text: "A licence."}}
	for _, at := range []struct{ scale, w, h float32 }{{1, 1366, 768}, {2, 1024, 768}, {0.8, 1024, 768}} {
		test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Scale: at.scale}))
		o := newLicences(list, kit.Clock{Now: time.Now, After: func(time.Duration, func()) func() { return func() {} }})
		w := test.NewTempWindow(t, o)
		w.SetPadded(false)
		w.Resize(fyne.NewSize(at.w, at.h))
		uitest.Capture(w)
		names := o.(*kit.Block).Parts[0]
		if names.Position().X < theme.Px(12) {
			t.Errorf("at %g the list touches the edge", at.scale)
		}
		said, right, line, below := "", names.Position().X+names.Size().Width, float32(-1), float32(0)
		eachText(names, func(text *canvas.Text) {
			said += text.Text + " "
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(text)
			if end := at.X + text.MinSize().Width; end > right {
				t.Errorf("%q ends at %g, behind the list's edge at %g", text.Text, end, right)
			}
			if at.Y != line && at.Y < below {
				t.Errorf("%q lies over what is above it", text.Text)
			}
			line, below = at.Y, at.Y+text.MinSize().Height
		})
		if said == "" {
			t.Errorf("at %g nothing is listed", at.scale)
		}
	}
}

func eachText(o fyne.CanvasObject, do func(*canvas.Text)) {
	if !o.Visible() {
		return
	}
	switch o := o.(type) {
	case *canvas.Text:
		do(o)
	case *fyne.Container:
		for _, part := range o.Objects {
			eachText(part, do)
		}
	case fyne.Widget:
		for _, part := range test.WidgetRenderer(o).Objects() {
			eachText(part, do)
		}
	}
}
