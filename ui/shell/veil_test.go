package shell

import (
	"testing"

	"fyne.io/fyne/v2"
)

// covers counts the veil's rectangles over the middle of a pixel.
func (v *veil) covers(x, y float32) (n int) {
	for _, r := range v.sides {
		p, s := r.Position(), r.Size()
		if x >= p.X && x < p.X+s.Width && y >= p.Y && y < p.Y+s.Height {
			n++
		}
	}
	return n
}

// Two layers are darker than one, and a gap is a bright line: around the panel the
// veil lies once everywhere, and also under the panel's round corners.
func TestTheVeilLiesOnceAroundThePanel(t *testing.T) {
	panels := map[string]struct {
		pos  fyne.Position
		size fyne.Size
	}{
		"as it opens":        {fyne.NewPos(33.5, 8), fyne.NewSize(40.25, 30.6)},
		"higher than it":     {fyne.NewPos(20, 8), fyne.NewSize(40, 200)},
		"as wide as it":      {fyne.NewPos(0, 8), fyne.NewSize(100, 30)},
		"smaller than round": {fyne.NewPos(20, 8), fyne.NewSize(6, 6)},
		"none":               {},
	}
	for name, p := range panels {
		t.Run(name, func(t *testing.T) {
			v := newVeil(func() {})
			v.leave(p.pos, p.size)
			v.Resize(fyne.NewSize(100, 60))
			for y := float32(0.5); y < 60; y++ {
				for x := float32(0.5); x < 100; x++ {
					n := v.covers(x, y)
					in := min(x-p.pos.X, p.pos.X+p.size.Width-x, y-p.pos.Y, p.pos.Y+p.size.Height-y)
					if n > 1 || n == 0 && in < 4 {
						t.Fatalf("at %v, %v the veil lies %d times, %v inside the panel", x, y, n, in)
					}
				}
			}
		})
	}
}

func TestWhatLiesUnderAPanelIsNotVeiledAsWell(t *testing.T) {
	v := newVeil(func() {})
	v.Resize(fyne.NewSize(100, 60))
	v.leave(fyne.NewPos(30, 8), fyne.NewSize(40, 30))
	if n := v.covers(50.5, 20.5); n != 0 {
		t.Errorf("the middle of the panel is painted %d times before the panel is", n)
	}
}
