package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// Line draws spans side by side on one baseline. It never wraps and never cuts:
// its MinSize is all of it.
type Line struct {
	widget.BaseWidget

	// Align places the spans in a line that is wider than they are.
	Align fyne.TextAlign

	spans []Span
	parts []*part
	pane  *pane
	min   fyne.Size
	base  float32
}

// NewLine makes a line.
func NewLine(spans ...Span) *Line {
	l := &Line{}
	l.ExtendBaseWidget(l)
	l.set(spans)
	return l
}

// WidthOf is how wide a line of spans is. It makes no line: what is only measured
// must not stay in the toolkit's caches.
func WidthOf(spans ...Span) float32 {
	var w float32
	for i, s := range apartSpans(spans) {
		p := part{span: s}
		if s.Text != "" {
			p.text = canvas.NewText("", nil)
			styleText(p.text, s.Text, s.style(), s.color())
		}
		p.measure()
		if i > 0 || s.Gap < 0 {
			w += px(s.Gap)
		}
		w += p.size.Width
	}
	return w
}

// NewText makes a line of one text.
func NewText(text string, style Style, color tokenName) *Line { return NewLine(T(text, style, color)) }

// Update shows other spans, and says whether they are others; nothing is redrawn when
// they are the same.
func (l *Line) Update(spans ...Span) bool {
	if slices.Equal(l.spans, spans) {
		return false
	}
	l.set(spans)
	l.relayout()
	canvasRefresh(l)
	return true
}

// Text returns the words of the line, for tests and for screen readers.
func (l *Line) Text() string { return spansText(l.spans) }

// Spans returns what the line shows.
func (l *Line) Spans() []Span { return slices.Clone(l.spans) }

func (l *Line) set(spans []Span) {
	l.spans = slices.Clone(spans)
	spans = apartSpans(spans)
	for len(l.parts) < len(spans) {
		l.parts = append(l.parts, &part{})
	}
	l.parts = l.parts[:len(spans)]
	for i, s := range spans {
		if l.parts[i].span != s || l.parts[i].size.IsZero() {
			l.parts[i].set(s)
		}
	}
	l.measure()
	if l.pane != nil {
		l.pane.objects = l.objects()
	}
}

func (l *Line) objects() []fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for _, p := range l.parts {
		objects = p.objects(objects)
	}
	return objects
}

func (l *Line) measure() {
	var w, above, below float32
	for i, p := range l.parts {
		if i > 0 || p.span.Gap < 0 {
			w += px(p.span.Gap)
		}
		w += p.size.Width
		above = max(above, p.baseline)
		below = max(below, p.size.Height-p.baseline)
	}
	l.base = above
	l.min = fyne.NewSize(w, above+below)
}

func (l *Line) relayout() {
	size := l.Size()
	x := float32(0)
	switch l.Align {
	case fyne.TextAlignTrailing:
		x = size.Width - l.min.Width
	case fyne.TextAlignCenter:
		x = (size.Width - l.min.Width) / 2
	default: // from the left edge
	}
	top := (size.Height - l.min.Height) / 2
	for i, p := range l.parts {
		if i > 0 {
			x += px(p.span.Gap)
		}
		p.place(x, top+l.base-p.baseline)
		x += p.size.Width
	}
}

// CreateRenderer implements fyne.Widget.
func (l *Line) CreateRenderer() fyne.WidgetRenderer {
	l.pane = &pane{
		objects: l.objects(),
		min:     func() fyne.Size { return l.min },
		layout:  func(fyne.Size) { l.relayout() },
		refresh: func() {
			for _, p := range l.parts {
				p.redraw()
			}
			l.measure()
			l.relayout()
			canvasRefresh(l)
		},
	}
	return l.pane
}

// AccessibilityLabel implements fyne.Accessible.
func (l *Line) AccessibilityLabel() string { return l.Text() }

// AccessibilityRole implements fyne.Accessible.
func (l *Line) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

func spansText(spans []Span) string {
	var out []byte
	for i, s := range spans {
		if i > 0 && s.Text != "" && s.Gap > 0 {
			out = append(out, ' ')
		}
		out = append(out, s.Text...)
	}
	return string(out)
}
