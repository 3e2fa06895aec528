package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"wardlight/ui/theme"
)

// listBody is the inside of a list's scroll: it is as high as all rows together
// and holds objects for those in view only. It takes the pointer for all rows,
// so that a click is judged by the row drawn at the press.
type listBody struct {
	widget.BaseWidget
	list *List

	boxes []*rowBox          // in view, in order
	free  []*rowBox          // made and not in use
	byID  map[string]*rowBox // those in view
	pane  *pane

	press   string        // the row the mouse went down on
	pressIn fyne.Position // where in the row
	pressAt fyne.Position
	hover   string
}

func newListBody(l *List) *listBody {
	b := &listBody{list: l, byID: map[string]*rowBox{}}
	b.ExtendBaseWidget(b)
	return b
}

// rowBox is one row on the screen: what the list draws, around what the page draws.
type rowBox struct {
	item    row
	back    *canvas.Rectangle
	line    *canvas.Rectangle
	urgency *canvas.Rectangle
	bar     *canvas.Rectangle // of the selected row
	content fyne.CanvasObject
	ring    *ring
}

func (b *listBody) newBox() *rowBox {
	if n := len(b.free); n > 0 {
		box := b.free[n-1]
		b.free = b.free[:n-1]
		return box
	}
	return &rowBox{
		back: newBox(), line: newBox(), urgency: newBox(), bar: newBox(),
		content: b.list.newRow(), ring: newRing(0, true),
	}
}

func (r *rowBox) objects(to []fyne.CanvasObject) []fyne.CanvasObject {
	return append(to, r.back, r.line, r.urgency, r.bar, r.content, r.ring.Rectangle)
}

// arrange makes boxes for the rows in view and gives back the others. A row that
// stays in view keeps its box, so that nothing in it is drawn anew.
func (b *listBody) arrange() {
	b.sync(false)
}

// rebind also fills the boxes of all rows in view again.
func (b *listBody) rebind() {
	b.sync(true)
}

func (b *listBody) sync(fill bool) {
	l := b.list
	l.fitViewed()
	from, to := b.viewed()
	wanted := make(map[string]bool, to-from)
	for i := from; i < to; i++ {
		wanted[l.rows[i].ID] = true
	}
	changed := false
	for _, box := range b.boxes { // in order: which box is used again must not depend on chance
		if id := box.item.ID; !wanted[id] {
			delete(b.byID, id)
			b.free = append(b.free, box)
			changed = true
		}
	}
	b.boxes = b.boxes[:0]
	for i := from; i < to; i++ {
		box, known := b.byID[l.rows[i].ID]
		if !known {
			box = b.newBox()
			b.byID[l.rows[i].ID] = box
			changed = true
		}
		box.item = l.rows[i]
		b.boxes = append(b.boxes, box)
		if fill || !known {
			b.fill(box)
		}
		b.place(box, l.tops[i], l.tops[i+1]-l.tops[i])
	}
	l.placeGround()
	if b.pane != nil && (changed || fill) {
		b.pane.objects = b.objects()
		canvasRefresh(b)
	}
}

// viewed is the range of rows in view.
func (b *listBody) viewed() (from, to int) {
	l := b.list
	height := l.scroll.Size().Height
	if len(l.rows) == 0 || height <= 0 {
		return 0, 0
	}
	from = l.indexAt(l.scroll.Offset.Y)
	to = l.indexAt(l.scroll.Offset.Y+height) + 1
	return from, to
}

func (b *listBody) fill(box *rowBox) {
	l := b.list
	selected := box.item.ID == l.selected && !box.item.Group
	b.paint(box)
	l.bind(box.content, box.item.Item, RowState{Selected: selected, Gone: box.item.Gone})
}

// paint draws what belongs to the list itself.
func (b *listBody) paint(box *rowBox) {
	l := b.list
	selected := box.item.ID == l.selected && !box.item.Group
	fill := theme.Transparent
	switch {
	case box.item.Group:
		fill = theme.SurfaceAlt
	case selected:
		fill = theme.Selected
	case b.hover == box.item.ID:
		fill = theme.Hover
	}
	paintBox(box.back, fill, theme.Transparent, 0, 0)
	paintBox(box.line, theme.Line, theme.Transparent, 0, 0)
	paintBox(box.bar, theme.Primary, theme.Transparent, 0, 0)
	shown(box.bar, selected && box.item.Bar == "")
	bar := box.item.Bar
	if bar == "" {
		bar = theme.Transparent
	}
	paintBox(box.urgency, bar, theme.Transparent, 0, 0)
	shown(box.urgency, box.item.Bar != "")
	box.ring.show(selected && l.focused)
}

// shown shows or hides an object where it is not so already: to say it again is to
// ask for a frame.
func shown(o fyne.CanvasObject, on bool) {
	switch {
	case o.Visible() == on:
	case on:
		o.Show()
	default:
		o.Hide()
	}
}

func (b *listBody) place(box *rowBox, top, height float32) {
	width := b.Size().Width
	line := theme.Stroke(theme.Hairline)
	put(box.back, 0, top, width, height)
	put(box.line, 0, top+height-line, width, line)
	put(box.urgency, 0, top, px(6), height-line)
	put(box.bar, 0, top, px(4), height-line)
	put(box.content, 0, top, width, height-line)
	box.ring.place(fyne.NewPos(0, top), fyne.NewSize(width, height-line))
}

func (b *listBody) objects() []fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for _, box := range b.boxes {
		objects = box.objects(objects)
	}
	return objects
}

// CreateRenderer implements fyne.Widget.
func (b *listBody) CreateRenderer() fyne.WidgetRenderer {
	b.pane = &pane{
		objects: b.objects(),
		min:     func() fyne.Size { return fyne.NewSize(px(48), b.list.tops[len(b.list.rows)]) },
		layout:  func(fyne.Size) { b.arrange() },
		refresh: func() { b.rebind() },
	}
	return b.pane
}

// at is the row at a point of the body, or "".
func (b *listBody) at(pos fyne.Position) string {
	l := b.list
	if len(l.rows) == 0 || pos.Y < 0 || pos.Y >= l.tops[len(l.rows)] {
		return ""
	}
	return l.rows[l.indexAt(pos.Y)].ID
}

// MouseDown implements desktop.Mouseable: from now to the release nothing moves.
func (b *listBody) MouseDown(ev *desktop.MouseEvent) {
	if ev.Button != desktop.MouseButtonPrimary {
		return
	}
	b.press, b.pressAt = b.at(ev.Position), ev.AbsolutePosition
	if b.press != "" {
		b.pressIn = ev.Position.SubtractXY(0, b.list.tops[b.list.indexAt(ev.Position.Y)])
	}
}

// MouseUp implements desktop.Mouseable. A release far from the press is a person
// who thought better of it.
func (b *listBody) MouseUp(ev *desktop.MouseEvent) {
	id := b.press
	b.press = ""
	moved := ev.AbsolutePosition.Subtract(b.pressAt)
	near := abs(moved.X) <= px(dragTolerance) && abs(moved.Y) <= px(dragTolerance)
	if id != "" && near {
		b.list.click(id, b.pressIn)
	}
	b.list.released()
}

func abs(v float32) float32 { return max(v, -v) }

// MouseIn implements desktop.Hoverable.
func (b *listBody) MouseIn(ev *desktop.MouseEvent) {
	b.list.pointerIn()
	b.setHover(b.at(ev.Position))
}

// MouseMoved implements desktop.Hoverable.
func (b *listBody) MouseMoved(ev *desktop.MouseEvent) {
	b.list.pointerIn()
	b.setHover(b.at(ev.Position))
}

// MouseOut implements desktop.Hoverable.
func (b *listBody) MouseOut() {
	b.setHover("")
	b.press = ""
	b.list.pointerOut()
	b.list.released()
}

func (b *listBody) setHover(id string) {
	if b.hover == id {
		return
	}
	before := b.hover
	b.hover = id
	for _, touched := range []string{before, id} {
		if box, ok := b.byID[touched]; ok {
			b.paint(box)
		}
	}
	canvasRefresh(b)
}
