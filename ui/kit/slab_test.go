package kit

import (
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
)

var slabSizes = []fyne.Size{{Width: 60, Height: 40}, {Width: 61, Height: 41}, {Width: 33, Height: 27}, {Width: 60, Height: 19}}

// A slab looks exactly as the rectangle whose place it takes, at odd sizes too: a
// row of pixels too few shows the page through, one too many cuts a border.
func TestASlabLooksLikeARectangle(t *testing.T) {
	for _, o := range []theme.Options{{Mode: theme.Light}, {Mode: theme.Dark, Scale: 2}} {
		wear(t, o)
		for _, size := range slabSizes {
			plain, s := newBox(), NewSlab()
			paintBox(plain, theme.Selected, theme.Transparent, 0, 0)
			s.Paint(theme.Selected)
			bare := &Block{Parts: s.Objects(), Min: func() fyne.Size { return fyne.Size{} }}
			bare.Place = func(size fyne.Size) { s.Place(0, 0, size.Width, size.Height) }
			bare.Init(bare)
			want, got := drawn(t, plain, size), drawn(t, bare, size)
			everyPixel(want, func(x, y int) {
				if p, q := pixel(want, x, y), pixel(got, x, y); p != q {
					t.Errorf("%v: at %d, %d it is %v, want %v", size, x, y, q, p)
				}
			})
		}
	}
}

// A sheet is put together from five pieces: there is no gap between them, and no
// border where two of them meet.
func TestASheetIsOfOnePiece(t *testing.T) {
	for _, o := range []theme.Options{{Mode: theme.Light}, {Mode: theme.Dark, Scale: 1.2}, {Mode: theme.HighContrast}} {
		wear(t, o)
		edge := int(theme.Stroke(theme.Control)) + 1
		inside, outside := color.NRGBAModel.Convert(theme.Color(theme.Surface)), color.NRGBAModel.Convert(theme.Color(theme.Background))
		for _, size := range slabSizes {
			img := drawn(t, NewSheet(theme.LineStrong, newBox()), size)
			everyPixel(img, func(x, y int) {
				in := min(x-placedAt.x, placedAt.x+int(size.Width)-1-x, y-placedAt.y, placedAt.y+int(size.Height)-1-y)
				corner := max(min(x-placedAt.x, placedAt.x+int(size.Width)-1-x), min(y-placedAt.y, placedAt.y+int(size.Height)-1-y)) < int(px(panelRadius))
				switch c := pixel(img, x, y); {
				case in >= edge && !corner && c != inside:
					t.Errorf("%v: at %d, %d, %d inside, it is %v", size, x, y, in, c)
				case in < -edge && c != outside:
					t.Errorf("%v: at %d, %d, outside, it is %v", size, x, y, c)
				}
			})
		}
	}
}

func everyPixel(img image.Image, look func(x, y int)) {
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			look(x, y)
		}
	}
}

func pixel(img image.Image, x, y int) color.Color { return color.NRGBAModel.Convert(img.At(x, y)) }

// placedAt is an odd place in a window.
var placedAt = struct{ x, y int }{7, 5}

func drawn(t *testing.T, o fyne.CanvasObject, size fyne.Size) image.Image {
	t.Helper()
	ground := newBox()
	paintBox(ground, theme.Background, theme.Transparent, 0, 0)
	b := &Block{Parts: []fyne.CanvasObject{ground, o}, Min: func() fyne.Size { return fyne.Size{} }}
	b.Place = func(all fyne.Size) {
		put(ground, 0, 0, all.Width, all.Height)
		put(o, float32(placedAt.x), float32(placedAt.y), size.Width, size.Height)
	}
	b.Init(b)
	w := test.NewTempWindow(t, b)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(80, 60))
	return w.Canvas().Capture()
}
