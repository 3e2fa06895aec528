package shell

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/internal/station/view/base"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// Blank is the least that a window can be: a line of text on the background. What
// it takes to change the line is the toolkit's and the display's own share of
// every key, so that a slow screen is not mistaken for a slow program.
type Blank struct {
	kit.Block
	text   *canvas.Text
	beacon *beacon
}

// NewBlank makes the content of a window; dispatch runs on the display's goroutine.
func NewBlank(dispatch base.Dispatcher) *Blank {
	b := &Blank{text: canvas.NewText("", theme.Color(theme.Text)), beacon: newBeacon(dispatch.Do)}
	b.Parts = []fyne.CanvasObject{b.text, b.beacon.raster}
	b.Min = func() fyne.Size { return fyne.NewSize(1, 1) }
	b.Place = func(fyne.Size) { b.text.Move(fyne.NewPos(16, 16)) }
	b.Init(b)
	return b
}

// Type shows a text and calls then when it has been painted, as Shell.Type does.
func (b *Blank) Type(text string, then func()) {
	b.text.Text = text
	b.text.Resize(b.text.MinSize())
	b.text.Refresh()
	b.beacon.call(then)
}
