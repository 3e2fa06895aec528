package kit

import (
	"image"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"wardlight/assets"
	"wardlight/ui/theme"
)

// ScoreShape carries the meaning of a score badge together with its colour, so
// that no meaning rests on colour alone.
type ScoreShape int

// The shapes, from quiet to loud.
const (
	Pill         ScoreShape = iota // a quiet score
	DoubleStroke                   // a box with a heavy stroke
	RoundedBox                     // a filled box with round corners
	SquareBox                      // a filled box with square corners
)

// ScoreSize is where a badge stands.
type ScoreSize int

// The sizes: in a row, in a banner, beside a form, on the wall.
const (
	ScoreRow ScoreSize = iota
	ScoreBanner
	ScoreLive
	ScoreWall
)

// ScoreConfig is what a badge looks like.
type ScoreConfig struct {
	Text                 string
	Shape                ScoreShape
	Size                 ScoreSize
	Fill, Border, Colour theme.Token
}

// Score returns a badge of a shape in the colours that belong to it.
func Score(text string, shape ScoreShape, size ScoreSize) ScoreConfig {
	c := ScoreConfig{Text: text, Shape: shape, Size: size}
	switch shape {
	case DoubleStroke:
		c.Fill, c.Border, c.Colour = theme.NewsSingle, theme.NewsSingleStroke, theme.OnNewsSingle
	case RoundedBox:
		c.Fill, c.Border, c.Colour = theme.NewsUrgent, theme.NewsUrgentStroke, theme.OnNewsUrgent
	case SquareBox:
		c.Fill, c.Border, c.Colour = theme.NewsEmergency, theme.NewsEmergencyStroke, theme.OnNewsEmergency
	default:
		c.Fill, c.Border, c.Colour = theme.NewsLow, theme.NewsLowStroke, theme.OnNewsLow
	}
	return c
}

// ScoreBadge is a number in a shape.
type ScoreBadge struct {
	widget.BaseWidget
	config ScoreConfig
	back   *canvas.Rectangle
	text   *part
	pane   *pane
}

// NewScoreBadge makes a badge.
func NewScoreBadge(config ScoreConfig) *ScoreBadge {
	b := &ScoreBadge{config: config, back: newBox(), text: &part{}}
	b.ExtendBaseWidget(b)
	b.redraw()
	return b
}

// Update changes the badge; nothing is redrawn when it is the same.
func (b *ScoreBadge) Update(config ScoreConfig) {
	if b.config == config {
		return
	}
	b.config = config
	b.Refresh()
}

// Config returns what the badge shows.
func (b *ScoreBadge) Config() ScoreConfig { return b.config }

// dimensions are the smallest box and the text of a size, in design units.
func (b *ScoreBadge) dimensions() (w, h float32, style Style) {
	switch b.config.Size {
	case ScoreBanner:
		return 39, 26, Style{18, theme.Bold}
	case ScoreLive:
		return 112, 88, Style{56, theme.Bold}
	case ScoreWall:
		return 60, 50, Style{36, theme.Bold}
	default:
		return 30, 20, BodyBold
	}
}

func (b *ScoreBadge) redraw() {
	_, h, style := b.dimensions()
	b.text.set(T(b.config.Text, style, b.config.Colour))
	width, radius := theme.Stroke(theme.Control), float32(0)
	switch b.config.Shape {
	case Pill:
		radius = h / 2
	case DoubleStroke:
		width, radius = theme.Stroke(theme.Emphasis), 3
	case RoundedBox:
		radius = 4
	default: // SquareBox
	}
	paintBox(b.back, b.config.Fill, b.config.Border, width, radius)
}

func (b *ScoreBadge) min() fyne.Size {
	w, h, _ := b.dimensions()
	return fyne.NewSize(max(px(w), b.text.size.Width+2*px(w*0.2)), px(h))
}

// CreateRenderer implements fyne.Widget.
func (b *ScoreBadge) CreateRenderer() fyne.WidgetRenderer {
	place := func(size fyne.Size) {
		put(b.back, 0, 0, size.Width, size.Height)
		b.text.place((size.Width-b.text.size.Width)/2, (size.Height-b.text.size.Height)/2)
	}
	b.pane = &pane{
		objects: b.text.objects([]fyne.CanvasObject{b.back}),
		min:     b.min,
		layout:  place,
		refresh: func() {
			b.redraw()
			b.pane.objects = b.text.objects([]fyne.CanvasObject{b.back})
			place(b.Size())
			canvasRefresh(b)
		},
	}
	return b.pane
}

// AccessibilityLabel implements fyne.Accessible.
func (b *ScoreBadge) AccessibilityLabel() string { return b.config.Text }

// AccessibilityRole implements fyne.Accessible.
func (b *ScoreBadge) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// Spark is the small line of the last few numbers, with a dot at the newest. It
// carries no scale of its own: the words beside it say from what to what.
type Spark struct {
	widget.BaseWidget
	values []float64
	raster *canvas.Raster
}

// NewSpark makes a spark line of 40 by 16.
func NewSpark(values ...float64) *Spark {
	s := &Spark{values: values}
	s.raster = canvas.NewRaster(s.paint)
	s.ExtendBaseWidget(s)
	return s
}

// Update draws other numbers; nothing is redrawn when they are the same.
func (s *Spark) Update(values ...float64) {
	if sameFloats(s.values, values) {
		return
	}
	s.values = append([]float64(nil), values...)
	s.raster.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (s *Spark) CreateRenderer() fyne.WidgetRenderer {
	return &pane{
		objects: []fyne.CanvasObject{s.raster},
		min:     func() fyne.Size { return fyne.NewSize(px(40), px(16)) },
		layout:  func(size fyne.Size) { put(s.raster, 0, 0, size.Width, size.Height) },
		refresh: func() { s.raster.Refresh() },
	}
}

// Trend is a triangle and words, as "from 4". Getting worse is red and strong.
func Trend(worse, up bool, text string) Span {
	s := Span{Icon: assets.IconCaretDownFill, Text: text, Style: Dense, Color: theme.TextMuted}
	if up {
		s.Icon = assets.IconCaretUpFill
	}
	if worse {
		s.Style, s.Color, s.IconColor = DenseStrong, theme.Text, theme.CriticalText
	}
	return s
}

// paint draws the numbers from left to right, the lowest at the bottom.
func (s *Spark) paint(w, h int) image.Image {
	img := newPicture(w, h)
	if len(s.values) == 0 {
		return img
	}
	unit := float64(h) / 16
	low, high := slices.Min(s.values), slices.Max(s.values)
	span := max(high-low, 4) // a change of one point must not look like a cliff
	at := func(i int) point {
		x := float64(w) - 4*unit
		if n := len(s.values) - 1; n > 0 {
			x = 3*unit + (float64(w)-7*unit)*float64(i)/float64(n)
		}
		return point{x, float64(h) - 4*unit - (s.values[i]-low)/span*(float64(h)-8*unit)}
	}
	ink := theme.Color(theme.TextMuted)
	for i := 1; i < len(s.values); i++ {
		strokeLine(img, at(i-1), at(i), 1.5*unit, ink)
	}
	fillDisc(img, at(len(s.values)-1), 2.6*unit, ink)
	return img
}

func sameFloats(a, b []float64) bool { return slices.Equal(a, b) }
