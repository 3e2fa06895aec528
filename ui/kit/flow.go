package kit

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Flow draws spans like a paragraph: they wrap at spaces to the width there is,
// each keeping its own style. A kept span never breaks, a glued one stays with
// the one before; so a label and its value, or a number and its unit, never part.
type Flow struct {
	widget.BaseWidget

	// Gap is the extra room between lines, in design units.
	Gap float32
	// Align places lines that are narrower than the flow.
	Align fyne.TextAlign
	// OnLink is called with the Tap of a span that was clicked.
	OnLink func(id string)

	spans []Span
	atoms []atom
	parts []*part
	pane  *pane
	width float32 // for which the lines below were made
	lines []flowLine
}

// atom is what cannot be broken: one or several parts with their gaps.
type atom struct {
	parts []*part
	gap   float32 // before the atom, where it does not start a line
	width float32
	of    int  // of which span
	right bool // it is written from right to left
	plain bool // it has no direction of its own
}

type flowLine struct {
	atoms       []atom
	top, height float32
	base, width float32
}

// NewFlow makes a paragraph.
func NewFlow(spans ...Span) *Flow {
	f := &Flow{}
	f.ExtendBaseWidget(f)
	f.set(spans)
	return f
}

// Update shows other spans; nothing is redrawn when they are the same.
func (f *Flow) Update(spans ...Span) {
	if slices.Equal(f.spans, spans) {
		return
	}
	f.set(spans)
	f.place()
	canvasRefresh(f)
}

// Text returns the words of the paragraph.
func (f *Flow) Text() string { return spansText(f.spans) }

func (f *Flow) set(spans []Span) {
	f.spans = slices.Clone(spans)
	f.build()
	if f.pane != nil {
		f.pane.objects = f.objects()
	}
}

// build cuts the spans into parts of one word, and binds parts to atoms. The
// spaces between words become gaps, which fall away where a line breaks.
func (f *Flow) build() {
	f.atoms, f.parts = nil, nil
	for i, s := range f.spans {
		s.Text = breaks.Replace(s.Text)
		for n, word := range piecesOf(s) {
			made := f.cut(s, word, n == 0)
			f.parts = append(f.parts, made...)
			if n == 0 && s.Glue && i > 0 && len(f.atoms) > 0 {
				last := &f.atoms[len(f.atoms)-1]
				last.parts = append(last.parts, made...)
				continue
			}
			f.atoms = append(f.atoms, atom{parts: made, of: i, right: !s.Chip && !s.Cap && fromRight(word), plain: undirected(word)})
		}
	}
	f.remeasure()
}

// cut makes the parts of a word, or of a span that never breaks, from the left. Most
// words are one.
func (f *Flow) cut(s Span, word string, first bool) (made []*part) {
	text := strings.TrimLeft(word, " ")
	s.Text = text
	list := []piece{{text: text}}
	if s.splits() {
		list = pieces(text)
	}
	for i, x := range list {
		one := s
		one.Text = x.text
		if !first || i > 0 {
			one.Icon, one.Gap, one.Glue, one.Own = "", 0, false, false
		}
		p := newPart(one)
		p.spaced = x.spaced || i == 0 && len(text) < len(word)
		made = append(made, p)
	}
	return made
}

// gapBefore is the room before a part that does not start a line.
func gapBefore(p *part) float32 {
	gap := px(p.span.Gap)
	if p.spaced {
		gap += TextWidth(" ", p.span.style())
	}
	return gap
}

// words splits a span where it may wrap, before a space.
func piecesOf(s Span) []string {
	if s.Keep || s.Chip || s.Cap || !strings.Contains(s.Text, " ") {
		return []string{s.Text}
	}
	var out []string
	start := 0
	for i := 1; i < len(s.Text); i++ {
		if s.Text[i] == ' ' && s.Text[i-1] != ' ' {
			out = append(out, s.Text[start:i])
			start = i
		}
	}
	return append(out, s.Text[start:])
}

// wrap fills the lines for a width. A single atom wider than the width gets a
// line of its own and is not cut.
func (f *Flow) wrap(width float32) []flowLine {
	var lines []flowLine
	var line flowLine
	for _, a := range f.atoms {
		need := a.width
		if len(line.atoms) > 0 {
			need += a.gap
		}
		if len(line.atoms) > 0 && (a.parts[0].span.Own || line.width+need > width+0.5) {
			lines = append(lines, line)
			line = flowLine{}
			need = a.width
		}
		line.atoms = append(line.atoms, a)
		line.width += need
	}
	if len(line.atoms) > 0 {
		lines = append(lines, line)
	}
	top := float32(0)
	for i := range lines {
		lines[i].measure()
		lines[i].top = top
		top += lines[i].height + px(f.Gap)
	}
	return lines
}

func (l *flowLine) measure() {
	var above, below float32
	for _, a := range l.atoms {
		for _, p := range a.parts {
			above = max(above, p.baseline)
			below = max(below, p.size.Height-p.baseline)
		}
	}
	l.base, l.height = above, above+below
}

func (f *Flow) ensure(width float32) {
	if f.width != width {
		f.width, f.lines = width, f.wrap(width)
	}
}

// HeightFor returns the height at a width.
func (f *Flow) HeightFor(width float32) float32 {
	lines := f.lines
	if f.width != width {
		lines = f.wrap(width)
	}
	return linesHeight(lines)
}

func linesHeight(lines []flowLine) float32 {
	if len(lines) == 0 {
		return 0
	}
	last := lines[len(lines)-1]
	return last.top + last.height
}

// place lays out the lines for the present size.
func (f *Flow) place() {
	f.ensure(f.Size().Width)
	for _, line := range f.lines {
		x := float32(0)
		switch f.Align {
		case fyne.TextAlignTrailing:
			x = f.width - line.width
		case fyne.TextAlignCenter:
			x = (f.width - line.width) / 2
		default: // from the left edge
		}
		for i, at := range line.drawn() {
			if i > 0 {
				x += line.atoms[i].gap // of the place: within a run all are a space
			}
			a := line.atoms[at]
			for n, p := range a.parts {
				if n > 0 {
					x += gapBefore(p)
				}
				p.place(x, line.top+line.base-p.baseline)
				x += p.size.Width
			}
		}
	}
}

// drawn is the order in which a line's atoms stand from the left.
func (l *flowLine) drawn() []int {
	return turned(len(l.atoms), func(i int) bool { return l.atoms[i].right }, func(i int) bool { return l.atoms[i].plain },
		func(a, b int) bool { return l.atoms[a].of == l.atoms[b].of })
}

func (f *Flow) objects() []fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for _, p := range f.parts {
		objects = p.objects(objects)
	}
	return objects
}

// CreateRenderer implements fyne.Widget.
func (f *Flow) CreateRenderer() fyne.WidgetRenderer {
	f.pane = &pane{
		objects: f.objects(),
		min:     f.min,
		layout:  func(fyne.Size) { f.place() },
		refresh: func() {
			for _, p := range f.parts {
				p.redraw()
			}
			f.remeasure()
			f.place()
			canvasRefresh(f)
		},
	}
	return f.pane
}

// remeasure adds up the sizes of the parts.
func (f *Flow) remeasure() {
	for i := range f.atoms {
		a := &f.atoms[i]
		a.gap, a.width = gapBefore(a.parts[0]), 0
		for n, p := range a.parts {
			if n > 0 {
				a.width += gapBefore(p)
			}
			a.width += p.size.Width
		}
	}
	f.width = -1
}

// min is the widest atom and the height at the present width; before the first
// layout the flow asks for one line.
func (f *Flow) min() fyne.Size {
	var widest, whole float32
	for i, a := range f.atoms {
		widest = max(widest, a.width)
		if i > 0 {
			whole += a.gap
		}
		whole += a.width
	}
	width := f.Size().Width
	if width <= 0 {
		width = whole
	}
	return fyne.NewSize(widest, f.HeightFor(max(width, widest)))
}

// linkAt returns the link under a point, if any.
func (f *Flow) linkAt(pos fyne.Position) string {
	for _, p := range f.parts {
		if p.span.Tap == "" || p.text == nil {
			continue
		}
		at, size := p.text.Position(), p.text.Size()
		if pos.X >= at.X && pos.X < at.X+size.Width && pos.Y >= at.Y && pos.Y < at.Y+size.Height {
			return p.span.Tap
		}
	}
	return ""
}

// Tapped implements fyne.Tappable for links.
func (f *Flow) Tapped(ev *fyne.PointEvent) {
	if id := f.linkAt(ev.Position); id != "" && f.OnLink != nil {
		f.OnLink(id)
	}
}

// Cursor implements desktop.Cursorable.
func (f *Flow) Cursor() desktop.Cursor {
	if f.OnLink != nil {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// AccessibilityLabel implements fyne.Accessible.
func (f *Flow) AccessibilityLabel() string { return f.Text() }

// AccessibilityRole implements fyne.Accessible.
func (f *Flow) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }
