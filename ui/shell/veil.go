package shell

import (
	"math"

	"fyne.io/fyne/v2"

	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// veil dims the page and takes its presses. It is four slabs around the panel that
// lies on it: where no graphics chip helps, a pixel that is painted twice
// is paid for twice, at every key.
type veil struct {
	kit.Block
	tapped func()
	sides  [4]*kit.Slab // above, left, right, below
	// What is left out: the panel, but for a rim as wide as its corners are round.
	from, to fyne.Position
}

func newVeil(tapped func()) *veil {
	v := &veil{tapped: tapped}
	for i := range v.sides {
		v.sides[i] = kit.NewSlab()
		v.sides[i].Paint(theme.Scrim)
		v.Parts = append(v.Parts, v.sides[i].Objects()...)
	}
	v.Min = func() fyne.Size { return fyne.Size{} }
	v.Redraw = func() {
		for _, r := range v.sides {
			r.Paint(theme.Scrim)
		}
	}
	v.Place = v.place
	v.Init(v)
	return v
}

// leave leaves out what lies under a panel. It counts in whole units, so that the
// edges of two neighbours are rounded to the same pixel.
func (v *veil) leave(pos fyne.Position, size fyne.Size) {
	rim := kit.PanelRadius()
	from := fyne.NewPos(ceil(pos.X+rim), ceil(pos.Y+rim))
	to := fyne.NewPos(floor(pos.X+size.Width-rim), floor(pos.Y+size.Height-rim))
	v.hole(from, to)
}

// keep leaves out everything but a strip at the left.
func (v *veil) keep(width float32) {
	v.hole(fyne.NewPos(ceil(width), 0), fyne.NewPos(math.MaxFloat32, math.MaxFloat32))
}

func (v *veil) hole(from, to fyne.Position) {
	if from == v.from && to == v.to {
		return
	}
	v.from, v.to = from, to
	v.place(v.Size())
}

// place lays the four out so that they touch and never overlap: two layers would
// be darker than one.
func (v *veil) place(size fyne.Size) {
	x1, x2 := within(v.from.X, size.Width), within(v.to.X, size.Width)
	y1, y2 := within(v.from.Y, size.Height), within(v.to.Y, size.Height)
	if x2 <= x1 || y2 <= y1 { // nothing to leave out
		x1, x2, y1, y2 = size.Width, size.Width, size.Height, size.Height
	}
	v.sides[0].Place(0, 0, size.Width, y1)
	v.sides[1].Place(0, y1, x1, y2-y1)
	v.sides[2].Place(x2, y1, size.Width-x2, y2-y1)
	v.sides[3].Place(0, y2, size.Width, size.Height-y2)
}

func within(v, end float32) float32 { return min(max(v, 0), end) }

func ceil(v float32) float32  { return float32(math.Ceil(float64(v))) }
func floor(v float32) float32 { return float32(math.Floor(float64(v))) }

// Tapped implements fyne.Tappable.
func (v *veil) Tapped(*fyne.PointEvent) { v.tapped() }

// Scrolled implements fyne.Scrollable: the page below stands still.
func (v *veil) Scrolled(*fyne.ScrollEvent) {}
