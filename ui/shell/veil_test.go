package shell

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// veiled is how many layers of a veil lie on each pixel of a window.
func veiled(t *testing.T, v *veil, w, h float32) func(x, y int) int {
	t.Helper()
	ground := canvas.NewRectangle(color.White)
	b := &kit.Block{Parts: []fyne.CanvasObject{ground, v}, Min: func() fyne.Size { return fyne.Size{} }}
	b.Place = func(size fyne.Size) {
		kit.PlaceAt(ground, 0, 0, size.Width, size.Height)
		kit.PlaceAt(v, 0, 0, size.Width, size.Height)
	}
	b.Init(b)
	win := test.NewTempWindow(t, b)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	img := win.Canvas().Capture()
	once := onWhite(1)
	return func(x, y int) int {
		switch c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA); c.R {
		case 255:
			return 0
		case once, once - 1, once + 1: // rounding is the painter's
			return 1
		default:
			return 2
		}
	}
}

// onWhite is how light white is under the veil.
func onWhite(layers int) uint8 {
	c := color.NRGBAModel.Convert(theme.Color(theme.Scrim)).(color.NRGBA)
	light, a := 255.0, float64(c.A)/255
	for range layers {
		light = light*(1-a) + float64(c.R)*a
	}
	return uint8(light + 0.5)
}

// Two layers are darker than one, and a gap is a bright line: around the panel the
// veil lies once everywhere, and also under the panel's round corners.
func TestTheVeilLiesOnceAroundThePanel(t *testing.T) {
	test.NewTempApp(t)
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
			layers := veiled(t, v, 100, 60)
			for iy := range 60 {
				for ix := range 100 {
					n, x, y := layers(ix, iy), float32(ix)+0.5, float32(iy)+0.5
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
	test.NewTempApp(t)
	v := newVeil(func() {})
	v.leave(fyne.NewPos(30, 8), fyne.NewSize(40, 30))
	if n := veiled(t, v, 100, 60)(50, 20); n != 0 {
		t.Errorf("the middle of the panel is painted %d times before the panel is", n)
	}
}

// Over the search's own ground, which is dim already, the veil lies on the rail and
// on nothing else: a pixel that is painted at every key is paid for at every key.
func TestTheSearchIsDimmedByItsGround(t *testing.T) {
	for name, width := range map[string]float32{"with the rail": 1366, "without it": 700} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, light(), width, 768)
			r.signIn()
			n := r.s.seat
			r.s.Key(fyne.Key2, ctrl) // a page without such buttons of its own
			before := n.body.above.Visible()
			r.s.Key(fyne.KeyK, ctrl)
			r.capture()
			if !theme.GroundDimmed() {
				t.Fatal("the ground is not dim")
			}
			rail := n.body.railWidth()
			if (rail > 0) != (width > 760) || before != (rail == 0) {
				t.Fatalf("the rail is %v wide: the test says nothing", rail)
			}
			alike := newVeil(func() {})
			alike.hole(n.palette.veil.from, n.palette.veil.to)
			layers := veiled(t, alike, width, 500)
			for _, x := range []float32{0.5, rail - 0.5, rail + 0.5, width - 0.5} {
				if x < 0 {
					continue
				}
				want := 0
				if x < rail {
					want = 1
				}
				if got := layers(int(x), 400); got != want {
					t.Errorf("at %v of a rail of %v the veil lies %d times, want %d", x, rail, got, want)
				}
			}
			if n.body.above.Visible() {
				t.Error("buttons of the page stand bright on the dim ground")
			}
			r.s.Key(fyne.KeyEscape, 0)
			if theme.GroundDimmed() || n.body.above.Visible() != before {
				t.Error("the page came back dim, or without its buttons")
			}
		})
	}
}

// Whoever locks in the middle of a search leaves no dim window behind.
func TestALockedWindowIsNotDim(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	r.s.Key(fyne.KeyK, ctrl)
	r.s.end()
	if theme.GroundDimmed() {
		t.Error("the sign-in page stands on a dim ground")
	}
}
