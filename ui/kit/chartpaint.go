package kit

import (
	"image"
	"math"

	"wardlight/ui/theme"
)

// paint draws bands, grid, line and points into pixels.
func (c *TrendChart) paint(w, h int) image.Image {
	img := newPicture(w, h)
	size := c.Size()
	if size.Width <= 0 || size.Height <= 0 {
		return img
	}
	scale := float64(w) / float64(size.Width)
	v := c.view()
	v.left, v.top, v.width, v.height = v.left*scale, v.top*scale, v.width*scale, v.height*scale
	c.paintBands(img, v, scale)
	for _, tick := range niceTicks(v.low, v.high, 6) {
		y := v.y(tick)
		fillBand(img, v.left, y-scale/2, v.left+v.width, y+scale/2, theme.Color(theme.ChartGrid))
	}
	c.paintBandLines(img, v, scale)
	c.paintSeries(img, v, scale*float64(theme.Scale()))
	return img
}

// edges are where a band begins and ends in the picture.
func bandEdges(b ChartBand, v viewport) (top, bottom float64, topIn, bottomIn bool) {
	top, bottom = v.top, v.top+v.height
	if !math.IsNaN(b.To) && b.To < v.high {
		top, topIn = v.y(b.To), true
	}
	if !math.IsNaN(b.From) && b.From > v.low {
		bottom, bottomIn = v.y(b.From), true
	}
	return top, bottom, topIn, bottomIn
}

func (c *TrendChart) paintBands(img *image.NRGBA, v viewport, _ float64) {
	for _, b := range c.config.Bands {
		top, bottom, _, _ := bandEdges(b, v)
		fillBand(img, v.left, top, v.left+v.width, bottom, theme.Color(b.Fill))
	}
}

func (c *TrendChart) paintBandLines(img *image.NRGBA, v viewport, scale float64) {
	for _, b := range c.config.Bands {
		if b.Line == "" {
			continue
		}
		top, bottom, topIn, bottomIn := bandEdges(b, v)
		if topIn {
			fillBand(img, v.left, top-scale/2, v.left+v.width, top+scale, theme.Color(b.Line))
		}
		if bottomIn {
			fillBand(img, v.left, bottom-scale/2, v.left+v.width, bottom+scale, theme.Color(b.Line))
		}
	}
}

func (c *TrendChart) paintSeries(img *image.NRGBA, v viewport, unit float64) {
	points, line := c.config.Points, theme.Color(theme.ChartLine)
	place := func(i int) point { return point{v.x(points[i].At), v.y(points[i].Value)} }
	for _, run := range segments(points) {
		run = thin(points, run, v)
		for k := 1; k < len(run); k++ {
			strokeLine(img, place(run[k-1]), place(run[k]), 2*unit, line)
		}
		for _, i := range run {
			paintPoint(img, points[i], place(i), unit)
		}
	}
	for _, p := range points {
		if p.Shape == NoPoint {
			strokeCross(img, point{v.x(p.At), noPointY(p, v)}, 5*unit, 2*unit, theme.Color(theme.TextMuted))
		}
	}
}

// noPointY is where a cross stands: in the middle, since it has no value; or at
// the edge beyond which the value lies, so that nobody reads ">180" off the scale.
func noPointY(p ChartPoint, v viewport) float64 {
	switch {
	case p.Beyond > 0:
		return v.top + v.height*0.03
	case p.Beyond < 0:
		return v.top + v.height*0.97
	}
	return v.top + v.height*0.46
}

func pointColor(s PointShape) theme.Token {
	switch s {
	case TriangleUp:
		return theme.High
	case TriangleDown:
		return theme.Low
	case SquarePoint:
		return theme.Critical
	default:
		return theme.ChartLine
	}
}

func labelColor(s PointShape) theme.Token {
	switch s {
	case SquarePoint:
		return theme.CriticalText
	case NoPoint:
		return theme.TextMuted
	case RoundPoint:
		return theme.Text
	default:
		return pointColor(s)
	}
}

func paintPoint(img *image.NRGBA, p ChartPoint, at point, unit float64) {
	color := theme.Color(pointColor(p.Shape))
	switch p.Shape {
	case TriangleUp, TriangleDown:
		fillTriangle(img, at, 6*unit, p.Shape == TriangleUp, color)
	case SquarePoint:
		fillSquare(img, at, 7*unit, theme.Color(theme.Surface))
		fillSquare(img, at, 5.5*unit, color)
	default:
		fillDisc(img, at, 4.5*unit, color)
	}
	if p.Ring {
		strokeCircle(img, at, 9*unit, 2*unit, theme.Color(theme.Corrected))
	}
}
