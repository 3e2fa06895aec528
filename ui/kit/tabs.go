package kit

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/assets"
	"wardlight/internal/words"
	"wardlight/ui/theme"
)

// Tabs are the pages of one patient or thing, 34 high. They take the focus as
// one: left and right move, Enter goes there.
//
// Where there is no room for all of them beside one another (SetRoom), as many as
// fit are shown, and at the end how many there are besides: a press on that turns
// to the next few, and behind the last to the first again. No word is cut and none
// is made smaller. The arrows go through all of them, and what is shown follows.
type Tabs struct {
	chooser
	labels     []string
	room       float32 // 0: as much as they take
	starts     []int   // where each of the groups begins that are shown by turns
	turned     int     // the group that is shown
	back, line *canvas.Rectangle
	mark       *canvas.Rectangle
	parts      []*part
	more       *part
	ring       *ring
	pane       *pane
}

// NewTabs makes tabs.
func NewTabs(labels []string, selected int, onChoose func(int)) *Tabs {
	t := &Tabs{labels: slices.Clone(labels), back: newBox(), line: newBox(), mark: newBox(), more: &part{}, ring: newRing(4, true)}
	t.OnChoose, t.manual = onChoose, true
	t.extend(t, func() int { return len(t.labels) }, t.indexAt)
	t.selected = selected
	t.redraw()
	return t
}

// Update shows other tabs; nothing is redrawn when they are the same. The selected
// one is among those that are seen.
func (t *Tabs) Update(labels []string, selected int) {
	if t.selected == selected && slices.Equal(t.labels, labels) {
		return
	}
	other := t.selected != selected
	t.labels, t.selected = slices.Clone(labels), selected
	t.divide()
	if other {
		t.turned = t.groupOf(selected)
	}
	t.Refresh()
}

// SetRoom says how wide the tabs may be; 0 for as wide as they are.
func (t *Tabs) SetRoom(width float32) {
	if t.room == width {
		return
	}
	t.room = width
	t.divide()
	t.turned = t.groupOf(max(t.selected, 0))
	t.Refresh()
}

// Full is how wide all of them are beside one another.
func (t *Tabs) Full() float32 {
	w := 2 * px(tabsMargin)
	for i := range t.labels {
		w += t.width(i)
	}
	return w
}

// Shown are the tabs that are seen, from the first to before the last.
func (t *Tabs) Shown() (from, to int) {
	if t.turned+1 < len(t.starts) {
		return t.starts[t.turned], t.starts[t.turned+1]
	}
	if t.turned < len(t.starts) {
		return t.starts[t.turned], len(t.labels)
	}
	return 0, len(t.labels)
}

// Turn shows the next few, and behind the last the first again.
func (t *Tabs) Turn() {
	if len(t.starts) < 2 {
		return
	}
	t.turned = (t.turned + 1) % len(t.starts)
	t.cursor = t.starts[t.turned]
	t.Refresh()
}

const (
	tabsMargin = 10
	tabPad     = 12
)

// divide makes groups of as many tabs as fit.
func (t *Tabs) divide() {
	widths := make([]float32, len(t.labels))
	for i := range t.labels {
		widths[i] = t.width(i)
	}
	t.starts = tabGroups(widths, t.room-2*px(tabsMargin), t.moreWidth())
	if t.room <= 0 {
		t.starts = []int{0}
	}
	t.turned = min(t.turned, len(t.starts)-1)
}

// tabGroups are where the groups begin into which tabs of these widths are divided,
// so that each fits into a room beside what turns to the next. One that fits nowhere
// stands alone.
func tabGroups(widths []float32, room, more float32) []int {
	all := float32(0)
	for _, w := range widths {
		all += w
	}
	starts, used := []int{0}, float32(0)
	if all <= room+0.5 {
		return starts
	}
	for i, w := range widths {
		if i > starts[len(starts)-1] && used+w > room-more+0.5 {
			starts, used = append(starts, i), 0
		}
		used += w
	}
	return starts
}

func (t *Tabs) groupOf(i int) int {
	g := 0
	for k, start := range t.starts {
		if start <= i {
			g = k
		}
	}
	return g
}

// moreWords says how many are not seen.
func (t *Tabs) moreWords() string {
	from, to := t.Shown()
	return words.F("%d more", len(t.labels)-(to-from))
}

// moreWidth does not depend on what is shown, so that nothing moves by a turn.
func (t *Tabs) moreWidth() float32 {
	return TextWidth(words.F("%d more", len(t.labels)), Dense) + px(iconGap+16+2*tabPad)
}

func (t *Tabs) redraw() {
	if t.starts == nil {
		t.divide()
	}
	paintBox(t.back, theme.Surface, theme.Transparent, 0, 0)
	paintBox(t.line, theme.Line, theme.Transparent, 0, 0)
	paintBox(t.mark, theme.Primary, theme.Transparent, 0, 0)
	for len(t.parts) < len(t.labels) {
		t.parts = append(t.parts, &part{})
	}
	t.parts = t.parts[:len(t.labels)]
	for i, label := range t.labels {
		style, color := Body, theme.TextMuted
		switch i {
		case t.selected:
			style, color = BodyStrong, theme.Primary
		case t.hover:
			color = theme.Text
		}
		t.parts[i].set(T(label, style, color))
	}
	color := theme.Primary
	if t.hover == len(t.labels) {
		color = theme.Text
	}
	t.more.set(Span{Icon: assets.IconCaretRight, IconColor: color, Text: t.moreWords(), Style: Dense, Color: color})
	t.ring.show(t.focused)
}

// span is where tab i lies from left to right; after the last that is seen lies what
// turns to the others.
func (t *Tabs) span(i int) (x, w float32) {
	x = px(tabsMargin)
	from, to := t.Shown()
	for k := from; k < min(i, to); k++ {
		x += t.width(k)
	}
	if i >= len(t.labels) {
		return x, t.moreWidth()
	}
	return x, t.width(i)
}

// width keeps a tab's place when it becomes the semibold one.
func (t *Tabs) width(i int) float32 { return TextWidth(t.labels[i], BodyStrong) + 2*px(tabPad) }

// indexAt is the tab under a point, len(labels) for what turns to the others, or -1.
func (t *Tabs) indexAt(pos fyne.Position) int {
	from, to := t.Shown()
	for i := from; i < to; i++ {
		if x, w := t.span(i); pos.X >= x && pos.X < x+w {
			return i
		}
	}
	if x, w := t.span(len(t.labels)); len(t.starts) > 1 && pos.X >= x && pos.X < x+w {
		return len(t.labels)
	}
	return -1
}

// Tapped implements fyne.Tappable.
func (t *Tabs) Tapped(ev *fyne.PointEvent) {
	i := t.press
	if i < 0 {
		i = t.indexAt(ev.Position)
	}
	if i == len(t.labels) && len(t.starts) > 1 {
		t.press = -1
		t.Turn()
		return
	}
	t.chooser.Tapped(ev)
}

// FocusGained implements fyne.Focusable: the ring is where the eye is.
func (t *Tabs) FocusGained() {
	from, to := t.Shown()
	t.chooser.FocusGained()
	if t.cursor < from || t.cursor >= to {
		t.cursor = from
		t.Refresh()
	}
}

// TypedKey implements fyne.Focusable.
func (t *Tabs) TypedKey(ev *fyne.KeyEvent) {
	t.chooser.TypedKey(ev)
	if g := t.groupOf(t.cursor); g != t.turned {
		t.turned = g
		t.Refresh()
	}
}

func (t *Tabs) objects() []fyne.CanvasObject {
	objects := []fyne.CanvasObject{t.back, t.line, t.mark}
	from, to := t.Shown()
	for _, p := range t.parts[from:to] {
		objects = p.objects(objects)
	}
	if len(t.starts) > 1 {
		objects = t.more.objects(objects)
	}
	return append(objects, t.ring.Rectangle)
}

func (t *Tabs) place(size fyne.Size) {
	line := theme.Stroke(theme.Hairline)
	put(t.back, 0, 0, size.Width, size.Height)
	put(t.line, 0, size.Height-line, size.Width, line)
	from, to := t.Shown()
	shown(t.mark, t.selected >= from && t.selected < to)
	for i := from; i < to; i++ {
		p := t.parts[i]
		x, w := t.span(i)
		p.place(x+(w-p.size.Width)/2, (size.Height-p.size.Height)/2)
		if i == t.selected {
			put(t.mark, x, size.Height-px(3), w, px(3))
		}
		if i == t.cursor {
			t.ring.place(fyne.NewPos(x, 0), fyne.NewSize(w, size.Height))
		}
	}
	x, w := t.span(len(t.labels))
	t.more.place(x+(w-t.more.size.Width)/2, (size.Height-t.more.size.Height)/2)
}

// CreateRenderer implements fyne.Widget.
func (t *Tabs) CreateRenderer() fyne.WidgetRenderer {
	t.pane = &pane{
		objects: t.objects(),
		min: func() fyne.Size {
			w := t.Full()
			if t.room > 0 {
				w = min(w, t.room)
			}
			return fyne.NewSize(w, px(34))
		},
		layout: t.place,
		refresh: func() {
			t.divide() // the text may be of another size
			t.redraw()
			t.pane.objects = t.objects()
			t.place(t.Size())
			canvasRefresh(t)
		},
	}
	return t.pane
}
