package chart

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	view "wardlight/internal/station/view/obschart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// Sizes of the observation chart, in design units.
const (
	obsRow   = 22 // a range
	obsHead  = 24 // a parameter's name
	obsLeast = 58 // a column
	obsPad   = 16 // beside a column's values
	obsRight = 12 // at the right, where the bar that scrolls is
)

// obsGrid draws the sets as the NEWS2 chart does: each value, with all its
// digits, in the row of the range that it falls into. The newest columns that
// have room are shown; a column is never made narrower than its widest value.
type obsGrid struct {
	kit.Block
	chart view.Chart
	back  int // columns paged back from the newest

	objects []fyne.CanvasObject
	width   float32
}

func newObsGrid() *obsGrid {
	g := &obsGrid{}
	g.Min = func() fyne.Size { return fyne.NewSize(theme.Px(240), g.tall()) }
	g.Tall = func(float32) float32 { return g.tall() }
	g.Place = g.place
	g.Redraw = func() { g.width = 0 }
	g.Init(g)
	return g
}

func (g *obsGrid) show(c view.Chart, back int) {
	g.chart, g.back, g.width = c, back, 0
	g.place(g.Size())
	g.Changed()
}

// rows is how many rows a group has: its ranges, and one for what fits none.
func obsRows(g view.Group) int {
	n := len(g.Bands)
	if g.Odd || n == 0 {
		n++
	}
	return n
}

func (g *obsGrid) tall() float32 {
	h := float32(0)
	for _, gr := range g.chart.Groups {
		h += theme.Px(obsHead) + float32(obsRows(gr))*theme.Px(obsRow)
	}
	return h
}

// side is how wide the ranges and their points are.
func (g *obsGrid) side() float32 {
	w := float32(0)
	for _, gr := range g.chart.Groups {
		for _, b := range gr.Bands {
			w = max(w, kit.TextWidth(bandWords(b), kit.Dense))
		}
	}
	return w + theme.Px(26)
}

func bandWords(b view.Band) string {
	switch {
	case b.Points > 0:
		return b.Label + "  " + words.F("scores %d", b.Points)
	default:
		return b.Label
	}
}

// column is how wide each column is: the widest thing in any of them.
func (g *obsGrid) column() float32 {
	w := theme.Px(obsLeast)
	for _, gr := range g.chart.Groups {
		for _, m := range gr.Marks {
			w = max(w, kit.TextWidth(m.Text, kit.BodyBold)+theme.Px(obsPad))
		}
	}
	for _, c := range g.chart.Columns {
		w = max(w, kit.TextWidth(c.Clock, kit.DenseStrong)+theme.Px(obsPad+20*boolean(c.Unsent)), kit.TextWidth(c.Day, kit.Caption)+theme.Px(obsPad))
	}
	return w
}

// seen are the columns that have room, the newest at the right edge.
func (g *obsGrid) seen(width float32) (from, to int) {
	fits := max(int((width-g.side()-theme.Px(obsRight))/g.column()), 1)
	to = max(len(g.chart.Columns)-g.back, min(fits, len(g.chart.Columns)))
	return max(to-fits, 0), to
}

// x is the left edge of a shown column.
func (g *obsGrid) x(i, from, to int, width float32) float32 {
	return width - theme.Px(obsRight) - float32(to-i)*g.column()
}

func (g *obsGrid) place(size fyne.Size) {
	if size.Width == g.width || size.Width <= 0 {
		return
	}
	g.width = size.Width
	g.objects = g.objects[:0:0]
	from, to := g.seen(size.Width)
	y := float32(0)
	for _, gr := range g.chart.Groups {
		y = g.drawGroup(gr, y, from, to, size.Width)
	}
	g.Parts = g.objects
	g.Changed()
}

func (g *obsGrid) add(o fyne.CanvasObject, x, y, w, h float32) {
	kit.PlaceAt(o, x, y, w, h)
	g.objects = append(g.objects, o)
}

func (g *obsGrid) drawGroup(gr view.Group, y float32, from, to int, width float32) float32 {
	px := theme.Px
	head := kit.NewLine(kit.T(gr.Name, kit.BodyStrong, theme.Text), kit.T(gr.Unit, kit.Caption, theme.TextMuted).After(8))
	g.rect(theme.SurfaceAlt, 0, y, width, px(obsHead))
	m := head.MinSize()
	g.add(head, px(12), y+(px(obsHead)-m.Height)/2, m.Width, m.Height)
	y += px(obsHead)
	side := g.side()
	for i, b := range gr.Bands {
		at := y + float32(i)*px(obsRow)
		g.rect(bandFill(b.Points), side, at, width-side, px(obsRow))
		g.words(kit.T(bandWords(b), kit.Dense, theme.TextMuted), px(12), at)
	}
	rows := float32(obsRows(gr))
	if len(gr.Bands) > 0 && gr.Odd {
		g.words(kit.T(words.T("as entered"), kit.Dense, theme.TextMuted), px(12), y+float32(len(gr.Bands))*px(obsRow))
	}
	for i := from; i <= to; i++ { // hairlines between columns
		g.rect(theme.Line, g.x(i, from, to, width), y, theme.Stroke(theme.Hairline), rows*px(obsRow))
	}
	for i := from; i < to; i++ {
		g.drawMark(gr, i, y, from, to, width)
	}
	return y + rows*px(obsRow)
}

// drawMark draws one value, and the line that leads to it from the one before.
func (g *obsGrid) drawMark(gr view.Group, i int, y float32, from, to int, width float32) {
	m := gr.Marks[i]
	if m.Text == "" {
		return
	}
	wide := g.column()
	line := kit.NewLine(markSpan(m))
	size := line.MinSize()
	row := func(k view.Mark) float32 {
		band := k.Band
		if band == view.None {
			band = len(gr.Bands)
		}
		return y + (float32(band)+0.5)*theme.Px(obsRow)
	}
	x := g.x(i, from, to, width) + wide/2
	if m.Joined && i > from {
		before := kit.NewLine(markSpan(gr.Marks[i-1])).MinSize()
		join := canvas.NewLine(theme.Color(theme.TextMuted))
		join.StrokeWidth = theme.Stroke(theme.Control)
		join.Position1 = fyne.NewPos(x-wide+before.Width/2+theme.Px(2), row(gr.Marks[i-1]))
		join.Position2 = fyne.NewPos(x-size.Width/2-theme.Px(2), row(m))
		g.objects = append(g.objects, join)
	}
	g.add(line, x-size.Width/2, row(m)-size.Height/2, size.Width, size.Height)
}

// markSpan is a value as drawn: what scores stands in a chip, whose edge and
// colour repeat what the row says in words.
func markSpan(m view.Mark) kit.Span {
	switch {
	case m.Struck:
		return kit.T(m.Text, kit.Dense, theme.TextMuted).Struck()
	case m.Points >= 3:
		return kit.Chip(m.Text, "", kit.CriticalTone)
	case m.Points == 2:
		return kit.Chip(m.Text, "", kit.WarningTone)
	case m.Points == 1:
		return kit.Chip(m.Text, "", kit.LateTone)
	}
	return kit.T(m.Text, kit.DenseStrong, theme.Text)
}

// bandFill tints a row by what it scores; the words at its left say it.
func bandFill(points int) theme.Token {
	switch points {
	case 1:
		return theme.NewsSingle
	case 2:
		return theme.WarningTint
	case 3:
		return theme.ChartCritBand
	}
	return theme.Surface
}

func (g *obsGrid) rect(fill theme.Token, x, y, w, h float32) {
	g.add(canvas.NewRectangle(theme.Color(fill)), x, y, w, h)
}

func (g *obsGrid) words(s kit.Span, x, y float32) {
	l := kit.NewLine(s)
	m := l.MinSize()
	g.add(l, x, y+(theme.Px(obsRow)-m.Height)/2, m.Width, m.Height)
}
