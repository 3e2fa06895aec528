package kit

import (
	"image"
	"image/color"
	"math"
)

// These are the few smooth shapes that a chart needs. Fyne's software painter
// beads its lines, so charts draw into a picture of their own: each pixel gets as
// much ink as the shape covers of it, judged by its distance from the edge.

// point is a place in a picture, in pixels.
type point struct{ x, y float64 }

func newPicture(w, h int) *image.NRGBA {
	return image.NewNRGBA(image.Rect(0, 0, max(w, 1), max(h, 1)))
}

// ink lays colour over a pixel.
func ink(img *image.NRGBA, x, y int, c color.NRGBA, cover float64) {
	if cover <= 0 || !(image.Point{X: x, Y: y}).In(img.Rect) {
		return
	}
	a := min(cover, 1) * float64(c.A) / 255
	i := img.PixOffset(x, y)
	under := float64(img.Pix[i+3]) / 255
	out := a + under*(1-a)
	if out <= 0 {
		return
	}
	mix := func(top uint8, at int) uint8 {
		return uint8((float64(top)*a+float64(img.Pix[at])*under*(1-a))/out + 0.5)
	}
	img.Pix[i], img.Pix[i+1], img.Pix[i+2] = mix(c.R, i), mix(c.G, i+1), mix(c.B, i+2)
	img.Pix[i+3] = uint8(out*255 + 0.5)
}

// cover fills what a distance function says is inside: negative inside, in pixels.
func cover(img *image.NRGBA, x0, y0, x1, y1 float64, c color.Color, distance func(x, y float64) float64) {
	tint := color.NRGBAModel.Convert(c).(color.NRGBA)
	r := image.Rect(int(math.Floor(x0))-1, int(math.Floor(y0))-1, int(math.Ceil(x1))+2, int(math.Ceil(y1))+2).Intersect(img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			d := distance(float64(x)+0.5, float64(y)+0.5)
			ink(img, x, y, tint, 0.5-d)
		}
	}
}

// strokeLine draws a line with round ends.
func strokeLine(img *image.NRGBA, a, b point, width float64, c color.Color) {
	half := width / 2
	dx, dy := b.x-a.x, b.y-a.y
	length := dx*dx + dy*dy
	cover(img, min(a.x, b.x)-half, min(a.y, b.y)-half, max(a.x, b.x)+half, max(a.y, b.y)+half, c,
		func(x, y float64) float64 {
			t := 0.0
			if length > 0 {
				t = min(max(((x-a.x)*dx+(y-a.y)*dy)/length, 0), 1)
			}
			return math.Hypot(x-a.x-t*dx, y-a.y-t*dy) - half
		})
}

// fillDisc draws a round point.
func fillDisc(img *image.NRGBA, at point, radius float64, c color.Color) {
	cover(img, at.x-radius, at.y-radius, at.x+radius, at.y+radius, c,
		func(x, y float64) float64 { return math.Hypot(x-at.x, y-at.y) - radius })
}

// strokeCircle draws a ring.
func strokeCircle(img *image.NRGBA, at point, radius, width float64, c color.Color) {
	cover(img, at.x-radius-width, at.y-radius-width, at.x+radius+width, at.y+radius+width, c,
		func(x, y float64) float64 { return math.Abs(math.Hypot(x-at.x, y-at.y)-radius) - width/2 })
}

// fillSquare draws a square point.
func fillSquare(img *image.NRGBA, at point, half float64, c color.Color) {
	cover(img, at.x-half, at.y-half, at.x+half, at.y+half, c,
		func(x, y float64) float64 { return max(math.Abs(x-at.x), math.Abs(y-at.y)) - half })
}

// fillTriangle draws a triangle point that looks up or down.
func fillTriangle(img *image.NRGBA, at point, half float64, up bool, c color.Color) {
	slope := math.Hypot(2*half, half) // length of a side, to turn heights into distances
	cover(img, at.x-half, at.y-half, at.x+half, at.y+half, c,
		func(x, y float64) float64 {
			dy := y - at.y
			if !up {
				dy = -dy
			}
			side := (2*math.Abs(x-at.x) - (dy + half)) * half / slope
			return max(side, dy-half)
		})
}

// strokeCross draws a cross: there is no number here.
func strokeCross(img *image.NRGBA, at point, half, width float64, c color.Color) {
	strokeLine(img, point{at.x - half, at.y - half}, point{at.x + half, at.y + half}, width, c)
	strokeLine(img, point{at.x - half, at.y + half}, point{at.x + half, at.y - half}, width, c)
}

// fillBand fills whole rows of pixels between two heights.
func fillBand(img *image.NRGBA, x0, y0, x1, y1 float64, c color.Color) {
	tint := color.NRGBAModel.Convert(c).(color.NRGBA)
	r := image.Rect(int(math.Round(x0)), int(math.Round(y0)), int(math.Round(x1)), int(math.Round(y1))).Intersect(img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			ink(img, x, y, tint, 1)
		}
	}
}
