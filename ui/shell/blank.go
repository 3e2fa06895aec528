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

	awaited string
	then    func(Frame) // nil while nobody waits
}

// NewBlank makes the content of a window; dispatch runs on the display's goroutine.
func NewBlank(dispatch base.Dispatcher) *Blank {
	b := &Blank{text: canvas.NewText("", theme.Color(theme.Text)), beacon: newBeacon(dispatch.Do)}
	b.Parts = []fyne.CanvasObject{b.text, b.beacon.raster}
	b.Min = func() fyne.Size { return fyne.NewSize(1, 1) }
	b.beacon.tells = true
	b.Place = func(size fyne.Size) {
		b.text.Move(fyne.NewPos(16, 16))
		kit.PlaceAt(b.beacon.raster, size.Width-1, size.Height-1, 1, 1)
	}
	b.Init(b)
	return b
}

// Attach takes the keys of a window's canvas: letters add to the line, Esc clears
// it.
func (b *Blank) Attach(c fyne.Canvas) {
	c.SetOnTypedRune(func(r rune) { b.show(b.text.Text + string(r)) })
	c.SetOnTypedKey(func(ev *fyne.KeyEvent) {
		if ev.Name == fyne.KeyEscape {
			b.show("")
		}
	})
}

func (b *Blank) show(text string) {
	b.text.Text = text
	b.text.Resize(b.text.MinSize())
	b.text.Refresh()
	b.look()
}

// Await calls then when the line is this text and has been painted, as Shell.Await
// does.
func (b *Blank) Await(text string, then func(Frame)) {
	b.awaited, b.then = text, then
	b.look()
}

func (b *Blank) look() {
	if then := b.then; then != nil && b.text.Text == b.awaited {
		b.then = nil
		b.beacon.call(then)
	}
}
