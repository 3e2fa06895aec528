package settings

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The ring of a field that has the focus stays off the name above it, at every text size.
func TestTheRingOfAFieldStaysOffItsName(t *testing.T) {
	for _, scale := range []float32{.8, 1, 2} {
		test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Options{Mode: theme.Light, Scale: scale}))
		f := kit.NewTextField(kit.TextConfig{Width: 260, Height: 40, TextSize: 16, Secret: true}, nil)
		both := named("The PIN that you have", f).(*fyne.Container)
		win := test.NewTempWindow(t, both)
		win.Resize(fyne.NewSize(600, 200))
		d := fyne.CurrentApp().Driver()
		name := both.Objects[0]
		if gap := d.AbsolutePositionForObject(f).Y - d.AbsolutePositionForObject(name).Y - name.Size().Height; gap < 7*scale {
			t.Errorf("at %v %v between the name and the field", scale, gap)
		}
	}
}
