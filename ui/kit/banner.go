package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"wardlight/assets"
	"wardlight/ui/theme"
)

// BannerPiece is one fact of a banner: a muted label and its value, which never
// part; or spans of the page's own.
type BannerPiece struct {
	Label string
	Value string
	Icon  assets.Icon
	Spans []Span // instead of label and value
}

// BannerConfig is who or what a page is about.
type BannerConfig struct {
	Name   string
	First  []BannerPiece // beside the name
	Second []BannerPiece // the line below; wraps to a third, nothing is dropped
	Over   string        // a word as "Died": the whole banner turns dark
	Thin   bool          // one line of a card instead of the fixed 72
	Tight  bool          // as low as its words, for a low window: smaller, and nothing is dropped
}

// Banner stays at the top of a page, 72 high or more: who this is, with labels
// muted and values strong. Where it gets narrow it grows; nothing is dropped.
type Banner struct {
	widget.BaseWidget

	// OnLink is called with the Tap of a span that was clicked.
	OnLink func(id string)

	config     BannerConfig
	right      fyne.CanvasObject
	back, line *canvas.Rectangle
	first      *Flow
	second     *Flow
	pane       *pane
}

// NewBanner makes a banner. right stands at its right end and may be nil.
func NewBanner(config BannerConfig, right fyne.CanvasObject) *Banner {
	b := &Banner{config: config, right: right, back: newBox(), line: newBox(), first: NewFlow(), second: NewFlow()}
	b.first.OnLink = func(id string) { b.link(id) }
	b.second.OnLink = func(id string) { b.link(id) }
	b.ExtendBaseWidget(b)
	b.redraw()
	return b
}

func (b *Banner) link(id string) {
	if b.OnLink != nil {
		b.OnLink(id)
	}
}

// Update shows something else; nothing is redrawn when it is the same.
func (b *Banner) Update(c BannerConfig) {
	if b.config.Name == c.Name && b.config.Over == c.Over && b.config.Thin == c.Thin && b.config.Tight == c.Tight &&
		samePieces(b.config.First, c.First) && samePieces(b.config.Second, c.Second) {
		return
	}
	b.config = c
	b.redraw()
	b.place(b.Size())
	canvasRefresh(b)
}

func samePieces(a, b []BannerPiece) bool {
	return slices.EqualFunc(a, b, func(x, y BannerPiece) bool {
		return x.Label == y.Label && x.Value == y.Value && x.Icon == y.Icon && slices.Equal(x.Spans, y.Spans)
	})
}

// Text returns what the banner says.
func (b *Banner) Text() string { return b.first.Text() + " " + b.second.Text() }

func (b *Banner) redraw() {
	fill := theme.Surface
	if b.config.Over != "" {
		fill = theme.TextMuted
	}
	paintBox(b.back, fill, theme.Transparent, 0, 0)
	paintBox(b.line, theme.LineStrong, theme.Transparent, 0, 0)
	name, value, apart := Heading, Subheading, float32(24)
	if b.config.Tight {
		name, value, apart = Style{16, theme.Bold}, BodyStrong, 14
	}
	first := []Span{T(b.config.Name, name, theme.Text)}
	if b.config.Over != "" {
		first = append(first, T(b.config.Over, name, theme.Text).After(16))
	}
	for _, p := range b.config.First {
		first = append(first, p.spans(value, apart)...)
	}
	var second []Span
	for i, p := range b.config.Second {
		gap := min(16, apart)
		if i == 0 {
			gap = 0
		}
		second = append(second, p.spans(DenseStrong, gap)...)
	}
	b.first.Gap, b.second.Gap = 1, 1
	b.first.Update(b.tinted(first)...)
	b.second.Update(b.tinted(second)...)
}

func (p BannerPiece) spans(style Style, gap float32) []Span {
	if len(p.Spans) > 0 {
		spans := slices.Clone(p.Spans)
		spans[0].Gap = gap
		return spans
	}
	label := Span{Text: p.Label, Icon: p.Icon, Style: Dense, Color: theme.TextMuted, Gap: gap, Keep: true}
	value := T(p.Value, style, theme.Text).Kept()
	if p.Label == "" && p.Icon == "" {
		value.Gap = gap
		return []Span{value}
	}
	return []Span{label, value.After(4).Glued()}
}

// tinted turns every text to the colour of the surface on the dark banner.
func (b *Banner) tinted(spans []Span) []Span {
	if b.config.Over == "" {
		return spans
	}
	for i := range spans {
		if !spans[i].Chip {
			spans[i].Color, spans[i].IconColor = theme.Surface, ""
		}
	}
	return spans
}

func (b *Banner) textWidth(width float32) float32 {
	width -= 2 * px(16)
	if b.right != nil {
		width -= b.right.MinSize().Width + px(16)
	}
	return max(width, px(64))
}

// HeightFor returns the height at a width.
func (b *Banner) HeightFor(width float32) float32 {
	w := b.textWidth(width)
	h := b.first.HeightFor(w)
	if len(b.config.Second) > 0 {
		h += px(2) + b.second.HeightFor(w)
	}
	least := px(72)
	if b.config.Thin {
		least = px(46)
	}
	if b.config.Tight {
		return h + 2*px(3)
	}
	return max(h+2*px(9), least)
}

func (b *Banner) place(size fyne.Size) {
	put(b.back, 0, 0, size.Width, size.Height)
	line := theme.Stroke(theme.Hairline)
	put(b.line, 0, size.Height-line, size.Width, line)
	w := b.textWidth(size.Width)
	one := b.first.HeightFor(w)
	two := float32(0)
	if len(b.config.Second) > 0 {
		two = px(2) + b.second.HeightFor(w)
	}
	top := (size.Height - one - two) / 2
	put(b.first, px(16), top, w, one)
	put(b.second, px(16), top+one+px(2), w, max(two-px(2), 0))
	if b.right != nil {
		m := b.right.MinSize()
		put(b.right, size.Width-px(16)-m.Width, (size.Height-m.Height)/2, m.Width, m.Height)
	}
}

// CreateRenderer implements fyne.Widget.
func (b *Banner) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{b.back, b.line, b.first, b.second}
	if b.right != nil {
		objects = append(objects, b.right)
	}
	b.pane = &pane{
		objects: objects,
		min: func() fyne.Size {
			least := max(b.first.MinSize().Width, b.second.MinSize().Width) + 2*px(16)
			if b.right != nil {
				least += b.right.MinSize().Width + px(16)
			}
			return fyne.NewSize(least, b.HeightFor(max(b.Size().Width, least)))
		},
		layout:  b.place,
		refresh: func() { b.redraw(); b.place(b.Size()); canvasRefresh(b) },
	}
	return b.pane
}
