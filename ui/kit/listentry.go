package kit

import (
	"math"

	"fyne.io/fyne/v2"

	"wardlight/ui/theme"
)

// Entry is a row of a list: a head, and what is said of it below. Both wrap, so nothing
// of either is cut; a list asks it by High how high it has to be.
type Entry struct {
	Block
	head, under *Flow
}

// NewEntry makes an empty one; Set fills it.
func NewEntry() *Entry {
	e := &Entry{head: NewFlow(), under: NewFlow()}
	e.Parts = []fyne.CanvasObject{e.head, e.under}
	e.Min = func() fyne.Size { return fyne.NewSize(theme.Px(160), theme.Px(24)) }
	e.Place = func(size fyne.Size) {
		w := entryRoom(size.Width)
		h := e.head.HeightFor(w)
		PlaceAt(e.head, theme.Px(14), theme.Px(5), w, h)
		PlaceAt(e.under, theme.Px(14), theme.Px(5)+h, w, e.under.HeightFor(w))
	}
	e.Init(e)
	return e
}

func entryRoom(w float32) float32 { return max(w-theme.Px(28), theme.Px(100)) }

// Set is what it says.
func (e *Entry) Set(head, under []Span) {
	e.head.Update(head...)
	e.under.Update(under...)
	e.Changed()
}

// High is its height at a width on the screen, in design units.
func (e *Entry) High(w float32) float32 {
	w = entryRoom(w)
	return float32(math.Ceil(float64((e.head.HeightFor(w) + e.under.HeightFor(w) + theme.Px(10)) / theme.Scale())))
}
