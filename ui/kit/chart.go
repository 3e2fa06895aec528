package kit

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"wardlight/internal/words"
	"wardlight/ui/theme"
)

// PointShape carries the meaning of a point, with its colour.
type PointShape int

// The shapes of points.
const (
	RoundPoint   PointShape = iota
	TriangleUp              // above its range
	TriangleDown            // below its range
	SquarePoint             // somebody must act
	NoPoint                 // no number: a cross, and a gap in the line
)

// ChartPoint is one number at its time.
type ChartPoint struct {
	At    time.Time
	Value float64
	Shape PointShape
	Ring  bool   // replaced an earlier number
	Label string // the number as it is written elsewhere; for NoPoint why there is none
	// Beyond is, for NoPoint, on which side of the scale the value lies where only
	// that is known: 1 above (">180"), -1 below ("<2.0"), 0 not known at all.
	Beyond int
}

// ChartBand is a band of values with its meaning. An edge that is NaN lies beyond
// the chart.
type ChartBand struct {
	From, To float64
	Fill     theme.Token
	Line     theme.Token // drawn at the edges within the chart; empty is none
	Label    string      // at the right, in lines
	Colour   theme.Token // of the label
}

// ChartConfig is what a trend shows.
type ChartConfig struct {
	Points    []ChartPoint // in order of time
	Bands     []ChartBand
	From, To  time.Time // zero: what the points span
	Low, High float64   // always in view, where High is over Low
	// Times and dates as they are written; they default to 15:04 and 02-Jan.
	TimeText func(time.Time) string
	DateText func(time.Time) string
}

// TrendChart draws numbers over time: bands behind, a line that never bridges a
// gap, and a point for each number whose shape says what its colour says. Pointer
// and arrow keys move a hairline from point to point.
type TrendChart struct {
	widget.BaseWidget

	// OnPoint is called with the point under the hairline, or -1.
	OnPoint func(index int)

	config  ChartConfig
	raster  *canvas.Raster
	cross   *canvas.Rectangle
	ring    *ring
	texts   []*part
	used    int // of the texts
	pane    *pane
	at      int
	focused bool
}

// NewTrendChart makes a chart.
func NewTrendChart(config ChartConfig) *TrendChart {
	c := &TrendChart{config: config, cross: newBox(), ring: newRing(4, false), at: -1}
	c.raster = canvas.NewRaster(c.paint)
	c.ExtendBaseWidget(c)
	c.redraw()
	return c
}

// Update shows other numbers.
func (c *TrendChart) Update(config ChartConfig) {
	c.config = config
	c.at = -1
	c.Refresh()
}

// The margins around the plot, in design units.
const (
	chartLeft   = 30
	chartRight  = 48
	chartTop    = 6
	chartBottom = 34
)

// view is the viewport in design-independent units of the widget.
func (c *TrendChart) view() viewport {
	size := c.Size()
	from, to := c.config.From, c.config.To
	if from.IsZero() && len(c.config.Points) > 0 {
		from = c.config.Points[0].At
		to = c.config.Points[len(c.config.Points)-1].At
	}
	from, to = padTime(from, to, 0.07)
	low, high := c.valueRange()
	v := viewport{from: from, to: to, low: low, high: high}
	v.left, v.top = float64(px(chartLeft)), float64(px(chartTop))
	v.width = max(float64(size.Width-px(chartLeft)-c.rightMargin()), 1)
	v.height = max(float64(size.Height-px(chartTop)-px(chartBottom)), 1)
	return v
}

func (c *TrendChart) rightMargin() float32 {
	w := px(chartRight)
	for _, b := range c.config.Bands {
		for _, line := range strings.Split(b.Label, "\n") {
			w = max(w, TextWidth(line, Caption)+px(8))
		}
	}
	return w
}

func (c *TrendChart) valueRange() (low, high float64) {
	var values []float64
	for _, p := range c.config.Points {
		if p.Shape != NoPoint {
			values = append(values, p.Value)
		}
	}
	for _, b := range c.config.Bands {
		values = append(values, b.From, b.To)
	}
	low, high = valueRange(values...)
	if c.config.High > c.config.Low {
		low, high = min(low, c.config.Low), max(high, c.config.High)
	}
	return low, high
}

// redraw writes the words around the plot.
func (c *TrendChart) redraw() {
	c.used = 0
	paintBox(c.cross, theme.Primary, theme.Transparent, 0, 0)
	shown(c.cross, c.at >= 0)
	c.ring.show(c.focused)
	if c.Size().Width <= 0 {
		return
	}
	v := c.view()
	ticks := niceTicks(v.low, v.high, 6)
	for _, tick := range ticks {
		p := c.write(T(tickLabel(tick, ticks), Caption, theme.TextMuted))
		p.place(float32(v.left)-px(6)-p.size.Width, float32(v.y(tick))-p.size.Height/2)
	}
	c.writeBands(v)
	c.writeTimes(v)
	c.writeLabels(v)
	if c.at >= 0 && c.at < len(c.config.Points) {
		x := float32(v.x(c.config.Points[c.at].At))
		put(c.cross, x, float32(v.top), 1, float32(v.height))
	}
}

// write takes the next text of those that there are, or makes one.
func (c *TrendChart) write(s Span) *part {
	if c.used == len(c.texts) {
		c.texts = append(c.texts, &part{})
	}
	p := c.texts[c.used]
	c.used++
	p.set(s)
	return p
}

func (c *TrendChart) writeBands(v viewport) {
	for _, b := range c.config.Bands {
		if b.Label == "" {
			continue
		}
		top, bottom, topIn, bottomIn := bandEdges(b, v)
		y := (top + bottom) / 2
		switch { // a band that goes on beyond the chart is named at its edge
		case bottomIn && !topIn:
			y = bottom
		case topIn && !bottomIn:
			y = top
		}
		lines := strings.Split(b.Label, "\n")
		h := TextHeight(Caption)
		at := float32(y) - h*float32(len(lines))/2
		for _, line := range lines {
			p := c.write(T(line, Caption, b.Colour))
			p.place(float32(v.left+v.width)+px(5), at)
			at += h
		}
	}
}

// writeTimes prints the time of as many points as fit, newest first, and the date
// where it changes.
func (c *TrendChart) writeTimes(v viewport) {
	timeText, dateText := c.formats()
	var xs, widths []float64
	for _, p := range c.config.Points {
		xs = append(xs, v.x(p.At))
		widths = append(widths, float64(max(TextWidth(timeText(p.At), Caption), TextWidth(dateText(p.At), Caption))))
	}
	y := float32(v.top+v.height) + px(2)
	last, room := "", float64(px(3))
	for _, i := range spread(xs, widths, room) {
		at := c.config.Points[i].At
		p := c.write(T(timeText(at), Caption, theme.TextMuted))
		p.place(float32(xs[i])-p.size.Width/2, y)
		if date := dateText(at); date != last {
			d := c.write(T(date, Caption, theme.TextMuted))
			d.place(float32(xs[i])-d.size.Width/2, y+p.size.Height)
			last = date
		}
	}
}

func (c *TrendChart) formats() (timeText, dateText func(time.Time) string) {
	timeText, dateText = c.config.TimeText, c.config.DateText
	if timeText == nil {
		timeText = func(t time.Time) string { return t.Format("15:04") }
	}
	if dateText == nil {
		dateText = words.DayMonth
	}
	return timeText, dateText
}

// writeLabels prints the numbers over their points, newest first where they would
// lie over each other.
func (c *TrendChart) writeLabels(v viewport) {
	var xs, widths []float64
	for _, p := range c.config.Points {
		xs = append(xs, v.x(p.At))
		w := float32(0)
		for _, line := range strings.Split(p.Label, "\n") {
			w = max(w, TextWidth(line, labelStyle(p.Shape)))
		}
		widths = append(widths, float64(w))
	}
	for _, i := range spread(xs, widths, 2) {
		p := c.config.Points[i]
		if p.Shape == NoPoint {
			y := float32(noPointY(p, v)) + px(9)
			if p.Beyond < 0 {
				y -= px(18) + TextHeight(Caption)*float32(1+strings.Count(p.Label, "\n"))
			}
			c.writeReason(p, float32(xs[i]), y)
			continue
		}
		text := c.write(T(p.Label, labelStyle(p.Shape), labelColor(p.Shape)))
		x := min(float32(xs[i])-text.size.Width/2, float32(v.left+v.width)-text.size.Width/2)
		text.place(x, float32(v.y(p.Value))-px(9)-text.size.Height)
	}
}

func (c *TrendChart) writeReason(p ChartPoint, x, y float32) {
	for _, line := range strings.Split(p.Label, "\n") {
		text := c.write(T(line, Caption, theme.TextMuted))
		text.place(x-text.size.Width/2, y)
		y += text.size.Height
	}
}

func labelStyle(s PointShape) Style {
	switch s {
	case NoPoint:
		return Caption
	case SquarePoint:
		return BodyBold
	default:
		return DenseStrong
	}
}

func (c *TrendChart) objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{c.raster, c.cross}
	for _, p := range c.texts[:c.used] {
		objects = p.objects(objects)
	}
	return append(objects, c.ring.Rectangle)
}

// CreateRenderer implements fyne.Widget.
func (c *TrendChart) CreateRenderer() fyne.WidgetRenderer {
	draw := func() {
		c.redraw()
		c.pane.objects = c.objects()
	}
	c.pane = &pane{
		objects: c.objects(),
		min:     func() fyne.Size { return fyne.NewSize(px(240), px(160)) },
		layout: func(size fyne.Size) {
			put(c.raster, 0, 0, size.Width, size.Height)
			c.ring.place(fyne.Position{}, size)
			draw()
		},
		refresh: func() {
			draw()
			c.raster.Refresh()
			canvasRefresh(c)
		},
	}
	return c.pane
}

// moveTo puts the hairline on a point.
func (c *TrendChart) moveTo(i int) {
	if i == c.at {
		return
	}
	c.at = i
	v := c.view()
	shown(c.cross, i >= 0)
	if i >= 0 {
		put(c.cross, float32(v.x(c.config.Points[i].At)), float32(v.top), 1, float32(v.height))
	}
	canvasRefresh(c.cross)
	if c.OnPoint != nil {
		c.OnPoint(i)
	}
}

// MouseIn implements desktop.Hoverable.
func (c *TrendChart) MouseIn(ev *desktop.MouseEvent) { c.MouseMoved(ev) }

// MouseMoved implements desktop.Hoverable.
func (c *TrendChart) MouseMoved(ev *desktop.MouseEvent) {
	c.moveTo(nearest(c.config.Points, c.view(), float64(ev.Position.X)))
}

// MouseOut implements desktop.Hoverable.
func (c *TrendChart) MouseOut() {
	if !c.focused {
		c.moveTo(-1)
	}
}

// FocusGained implements fyne.Focusable.
func (c *TrendChart) FocusGained() {
	c.focused = true
	c.ring.show(true)
	c.moveTo(len(c.config.Points) - 1)
}

// FocusLost implements fyne.Focusable.
func (c *TrendChart) FocusLost() {
	c.focused = false
	c.ring.show(false)
	c.moveTo(-1)
}

// TypedRune implements fyne.Focusable.
func (c *TrendChart) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (c *TrendChart) TypedKey(ev *fyne.KeyEvent) {
	presence()
	last := len(c.config.Points) - 1
	switch ev.Name {
	case fyne.KeyLeft:
		c.moveTo(min(max(c.at-1, 0), last))
	case fyne.KeyRight:
		c.moveTo(min(c.at+1, last))
	case fyne.KeyHome:
		c.moveTo(min(0, last))
	case fyne.KeyEnd:
		c.moveTo(last)
	default:
		forward(c, ev)
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (c *TrendChart) AccessibilityLabel() string {
	labels := make([]string, 0, len(c.config.Points))
	timeText, dateText := c.formats()
	for _, p := range c.config.Points {
		labels = append(labels, dateText(p.At)+" "+timeText(p.At)+" "+strings.ReplaceAll(p.Label, "\n", " "))
	}
	return strings.Join(slices.Clip(labels), "; ")
}

// AccessibilityRole implements fyne.Accessible.
func (c *TrendChart) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// BeyondOf is on which side of a scale a value with a comparator lies.
func BeyondOf(value string) int {
	switch {
	case strings.HasPrefix(value, ">"), strings.HasPrefix(value, "≥"):
		return 1
	case strings.HasPrefix(value, "<"), strings.HasPrefix(value, "≤"):
		return -1
	}
	return 0
}
