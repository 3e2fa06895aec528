package kit

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/ui/theme"
)

// Slab is a large surface of one colour. It is painted as one thick line: the
// toolkit's rectangle asks at every pixel about edges, strokes and shadows, and
// where no graphics chip helps that costs three times as much (12 ns a pixel to
// 4), at every frame.
//
// The toolkit leaves out a line whose middle is out of view, so a slab must not
// lie in anything that scrolls.
type Slab struct {
	line *canvas.Line
	rest *canvas.Rectangle // the last row of an odd height: a line has its middle between two pixels
}

// NewSlab makes a slab of no colour.
func NewSlab() *Slab {
	return &Slab{line: canvas.NewLine(theme.Color(theme.Transparent)), rest: newBox()}
}

// Objects are what it is painted with.
func (s *Slab) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{s.line, s.rest} }

// Paint asks for a frame only where the colour is another one.
func (s *Slab) Paint(fill theme.Token) {
	c := theme.Color(fill)
	if s.line.StrokeColor == c {
		return
	}
	s.line.StrokeColor = c
	s.line.Refresh()
	paintBox(s.rest, fill, theme.Transparent, 0, 0)
}

// Place counts in whole units, as the toolkit does for a rectangle.
func (s *Slab) Place(x, y, w, h float32) {
	y, h = round(y), max(round(h), 0)
	even := h - float32(math.Mod(float64(h), 2))
	from, to := fyne.NewPos(x, y+even/2), fyne.NewPos(x+max(w, 0), y+even/2)
	if s.line.Position1 != from || s.line.Position2 != to || s.line.StrokeWidth != even {
		s.line.Position1, s.line.Position2, s.line.StrokeWidth = from, to, even
		s.line.Refresh()
	}
	put(s.rest, x, y+even, max(w, 0), h-even)
	shown(s.rest, h > even)
}

func round(v float32) float32 { return float32(math.Round(float64(v))) }
