package kit

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/assets"
	"wardlight/ui/theme"
)

// RailItem is one page in the rail.
type RailItem struct {
	Label  string
	Icon   assets.Icon
	Count  string // in the badge; empty is no badge
	Urgent bool   // the badge is red and square
}

// RailConfig is what the rail shows.
type RailConfig struct {
	Items    []RailItem
	Selected int // -1 for none
}

// Rail is the row of pages at the left, 68 wide. It takes the focus as one: up
// and down move, Enter goes there.
type Rail struct {
	chooser
	config RailConfig
	back   *Slab
	line   *canvas.Rectangle
	items  []*railBox
	ring   *ring
	pane   *pane
}

type railBox struct {
	back, bar, badge *canvas.Rectangle
	icon             *canvas.Image
	label, count     *part
}

// NewRail makes a rail. OnChoose of the rail gets the index.
func NewRail(config RailConfig, onChoose func(int)) *Rail {
	r := &Rail{config: config, back: NewSlab(), line: newBox(), ring: newRing(4, true)}
	r.OnChoose = onChoose
	r.vertical, r.manual = true, true
	r.extend(r, func() int { return len(r.config.Items) }, r.indexAt)
	r.redraw()
	return r
}

// Update shows something else; nothing is redrawn when it is the same.
func (r *Rail) Update(c RailConfig) {
	if r.config.Selected == c.Selected && slices.Equal(r.config.Items, c.Items) {
		return
	}
	r.config = c
	r.Refresh()
}

// Selected is the page that is marked, from 0; -1 for none.
func (r *Rail) Selected() int { return r.config.Selected }

func (r *Rail) width() float32 {
	return px(68)
}

func (r *Rail) itemHeight() float32 { return px(54) }

func (r *Rail) indexAt(pos fyne.Position) int {
	i := int((pos.Y - px(6)) / r.itemHeight())
	if pos.Y < px(6) || i >= len(r.config.Items) {
		return -1
	}
	return i
}

func (r *Rail) redraw() {
	r.selected = r.config.Selected
	r.back.Paint(theme.Surface)
	paintBox(r.line, theme.Line, theme.Transparent, 0, 0)
	for len(r.items) < len(r.config.Items) {
		r.items = append(r.items, &railBox{
			back: newBox(), bar: newBox(), badge: newBox(),
			icon: newIcon(assets.IconList, theme.Text), label: &part{}, count: &part{},
		})
	}
	r.items = r.items[:len(r.config.Items)]
	for i, it := range r.config.Items {
		r.drawItem(r.items[i], it, i == r.config.Selected, i == r.hover)
	}
	r.ring.show(r.focused)
}

func (r *Rail) drawItem(b *railBox, it RailItem, selected, hovered bool) {
	fill, text, style := theme.Transparent, theme.TextMuted, Dense
	if hovered {
		fill = theme.Hover
	}
	if selected {
		fill, text, style = theme.PrimaryTint, theme.Primary, DenseStrong
	}
	paintBox(b.back, fill, theme.Transparent, 0, 0)
	paintBox(b.bar, theme.Primary, theme.Transparent, 0, 0)
	shown(b.bar, selected)
	setIcon(b.icon, it.Icon, text)
	b.label.set(T(it.Label, style, text))
	badge, onBadge, radius := theme.TextMuted, theme.Surface, float32(8)
	if it.Urgent {
		badge, onBadge, radius = theme.Critical, theme.OnCritical, 2
	}
	paintBox(b.badge, badge, theme.Transparent, 0, radius)
	b.count.set(T(it.Count, CaptionStrong, onBadge))
	shown(b.badge, it.Count != "")
}

func (r *Rail) objects() []fyne.CanvasObject {
	objects := append(r.back.Objects(), r.line)
	for _, b := range r.items {
		objects = append(objects, b.back, b.bar, b.icon, b.badge)
		objects = b.label.objects(objects)
		objects = b.count.objects(objects)
	}
	return append(objects, r.ring.Rectangle)
}

func (r *Rail) place(size fyne.Size) {
	line := theme.Stroke(theme.Hairline)
	r.back.Place(0, 0, size.Width, size.Height)
	put(r.line, size.Width-line, 0, line, size.Height)
	for i, b := range r.items {
		top, high := px(6)+float32(i)*r.itemHeight(), r.itemHeight()
		put(b.back, 0, top, size.Width-line, high)
		put(b.bar, 0, top, px(3), high)
		side := px(20)
		iconTop := top + px(8)
		middle := size.Width / 2
		put(b.icon, middle-side/2, iconTop, side, side)
		b.label.place(middle-b.label.size.Width/2, iconTop+side+px(1))
		wide := max(b.count.size.Width+px(8), px(16))
		left := max(min(middle+px(4), size.Width-wide-px(2)), 0) // a large number stays on the rail
		put(b.badge, left, iconTop-px(4), wide, px(16))
		b.count.place(left+(wide-b.count.size.Width)/2, iconTop-px(4)+(px(16)-b.count.size.Height)/2)
	}
	if r.cursor < len(r.items) {
		r.ring.place(fyne.NewPos(0, px(6)+float32(r.cursor)*r.itemHeight()), fyne.NewSize(size.Width-line, r.itemHeight()))
	}
}

// CreateRenderer implements fyne.Widget.
func (r *Rail) CreateRenderer() fyne.WidgetRenderer {
	r.pane = &pane{
		objects: r.objects(),
		min: func() fyne.Size {
			w := r.width()
			for _, b := range r.items {
				w = max(w, b.label.size.Width+px(8))
			}
			return fyne.NewSize(w, px(12)+float32(len(r.items))*r.itemHeight())
		},
		layout: r.place,
		refresh: func() {
			r.redraw()
			r.pane.objects = r.objects()
			r.place(r.Size())
			canvasRefresh(r)
		},
	}
	return r.pane
}

// SegmentedConfig is a switch between a few answers.
type SegmentedConfig struct {
	Labels []string
	// Letters, where set, are what the answers are called by on paper, in order: "ACVPU".
	// Typed, they come before the beginnings of the labels.
	Letters  string
	Selected int  // -1 for none yet
	Tall     bool // as high as a form field
}

// Segmented is a switch of a few segments, of which one is chosen or none yet. Letters
// choose, as in a list: by how a label begins.
type Segmented struct {
	chooser
	config SegmentedConfig
	ahead  typeAhead
	clock  Clock
	back   *canvas.Rectangle
	fill   *canvas.Rectangle
	lines  []*canvas.Rectangle
	parts  []*part
	ring   *ring
	pane   *pane
}

// NewSegmented makes a switch.
func NewSegmented(config SegmentedConfig, onChoose func(int)) *Segmented {
	s := &Segmented{config: config, back: newBox(), fill: newBox(), ring: newRing(4, false)}
	s.OnChoose = onChoose
	s.extend(s, func() int { return len(s.config.Labels) }, s.indexAt)
	s.redraw()
	return s
}

// Update shows another state; nothing is redrawn when it is the same.
func (s *Segmented) Update(c SegmentedConfig) {
	if s.config.Selected == c.Selected && s.config.Tall == c.Tall && s.config.Letters == c.Letters && slices.Equal(s.config.Labels, c.Labels) {
		return
	}
	s.config = c
	s.Refresh()
}

// TypedRune implements fyne.Focusable: letters choose the answer that begins with them.
func (s *Segmented) TypedRune(r rune) {
	presence()
	if !s.ahead.takes(r, s.clock.now()) {
		return
	}
	if i := strings.Index(strings.ToLower(s.config.Letters), s.ahead.typed); i >= 0 && len(s.ahead.typed) == 1 {
		s.choose(i)
		return
	}
	i := s.ahead.find(len(s.config.Labels), s.config.Selected, func(i int, typed string) bool {
		return strings.HasPrefix(strings.ToLower(s.config.Labels[i]), typed)
	})
	if i >= 0 {
		s.choose(i)
	}
}

// Config returns what the switch shows.
func (s *Segmented) Config() SegmentedConfig { return s.config }

func (s *Segmented) redraw() {
	s.selected = s.config.Selected
	paintBox(s.back, theme.Surface, theme.LineStrong, theme.Stroke(theme.Control), 4)
	paintBox(s.fill, theme.Primary, theme.Transparent, 0, 4)
	for len(s.parts) < len(s.config.Labels) {
		s.parts = append(s.parts, &part{})
		s.lines = append(s.lines, newBox())
	}
	s.parts, s.lines = s.parts[:len(s.config.Labels)], s.lines[:len(s.config.Labels)]
	for i, label := range s.config.Labels {
		style, color := s.styleOf(false), theme.Text
		if i == s.config.Selected {
			style, color = s.styleOf(true), theme.OnPrimary
		}
		s.parts[i].set(T(label, style, color))
		paintBox(s.lines[i], theme.LineStrong, theme.Transparent, 0, 0)
	}
	s.ring.show(s.focused)
}

func (s *Segmented) styleOf(chosen bool) Style {
	style := Dense
	if s.config.Tall {
		style = Body
	}
	if chosen {
		style.Face = theme.SemiBold
	}
	return style
}

func (s *Segmented) width(i int) float32 {
	return TextWidth(s.config.Labels[i], s.styleOf(true)) + 2*px(10)
}

func (s *Segmented) indexAt(pos fyne.Position) int {
	x := float32(0)
	for i := range s.config.Labels {
		x += s.width(i)
		if pos.X < x {
			return i
		}
	}
	return -1
}

func (s *Segmented) objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{s.back, s.fill}
	for i, p := range s.parts {
		if i > 0 {
			objects = append(objects, s.lines[i])
		}
		objects = p.objects(objects)
	}
	return append(objects, s.ring.Rectangle)
}

func (s *Segmented) place(size fyne.Size) {
	need := s.min()
	put(s.back, 0, 0, need.Width, size.Height)
	s.ring.place(fyne.Position{}, fyne.NewSize(need.Width, size.Height))
	shown(s.fill, s.config.Selected >= 0)
	line := theme.Stroke(theme.Control)
	x := float32(0)
	for i, p := range s.parts {
		w := s.width(i)
		p.place(x+(w-p.size.Width)/2, (size.Height-p.size.Height)/2)
		put(s.lines[i], x, line, line, size.Height-2*line)
		if i == s.config.Selected {
			put(s.fill, x, 0, w, size.Height)
		}
		x += w
	}
}

func (s *Segmented) min() fyne.Size {
	w := float32(0)
	for i := range s.config.Labels {
		w += s.width(i)
	}
	if s.config.Tall {
		return fyne.NewSize(w, px(theme.RowHeights().FormField))
	}
	return fyne.NewSize(w, px(26))
}

// CreateRenderer implements fyne.Widget.
func (s *Segmented) CreateRenderer() fyne.WidgetRenderer {
	s.pane = &pane{
		objects: s.objects(),
		min:     s.min,
		layout:  s.place,
		refresh: func() {
			s.redraw()
			s.pane.objects = s.objects()
			s.place(s.Size())
			canvasRefresh(s)
		},
	}
	return s.pane
}
