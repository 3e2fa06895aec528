package kit

import (
	"math"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"wardlight/ui/theme"
)

// RowState is how the list shows a row, for a page that draws by it.
type RowState struct {
	Selected bool
	Gone     bool // no longer in the list; kept in place so that nothing jumps
}

// How long the pointer must be off the list before a held order is shown.
const (
	holdAfterPointer = 2 * time.Second
	dragTolerance    = 12 // from press to release, in design units
)

// List is a list of rows that a page draws itself. Only the rows in view exist,
// so ten thousand cost what twenty do: with Exact, not even their heights are
// measured.
//
// Rows never reorder under the pointer or the keyboard focus: SetItems shows new
// content at once but holds a new order until the pointer has been off the list
// for two seconds and the focus is elsewhere, or until SortAgain. Something that
// has just become urgent goes straight to the top. While the mouse is down
// nothing changes at all, and the click acts on the row that was drawn when it
// went down.
type List struct {
	widget.BaseWidget

	// OnSelect is called when a person moves to a row, by key or click.
	OnSelect func(id string)
	// OnOpen is called on Enter, and on a click where ClickOpens is set.
	OnOpen func(id string)
	// OnClick, where set, is asked first: it gets the place in the row at which the
	// mouse went down, and answers whether that was all, as for a check box.
	OnClick func(id string, at fyne.Position) bool
	// OnMark is called on Space.
	OnMark func(id string)
	// OnHeld is called when a new order begins or ceases to wait.
	OnHeld func(waiting bool)
	// OnScrolled is called when other rows came into view.
	OnScrolled func()
	// Exact, where set, is how high a row really is, in design units. It is asked
	// once for each row that comes into view.
	Exact      func(Item) float32
	ClickOpens bool
	// OnSurface says that the list lies on a panel of the surface's colour: rows
	// then have no ground of their own, which would only be painted over it.
	OnSurface bool

	newRow func() fyne.CanvasObject
	bind   func(row fyne.CanvasObject, item Item, state RowState)
	clock  Clock

	header fyne.CanvasObject
	ground *Slab // below all rows in view; each of its own would cost three times as much
	body   *listBody
	scroll *container.Scroll
	pane   *pane

	wide float32 // for which width rows were measured
	rows []row
	tops []float32 // tops[i] is where row i starts; one more than rows
	next []Item    // what is asked for, while an order is held or a press lasts

	waiting   bool
	deferred  bool // items came while the mouse was down
	selected  string
	focused   bool
	inside    bool // the pointer is over the list
	left      time.Time
	stopTimer func()

	ahead typeAhead
}

// NewList makes a list. newRow makes one reusable row; bind fills it for an item
// and must only redraw what changed.
func NewList(newRow func() fyne.CanvasObject, bind func(fyne.CanvasObject, Item, RowState), clock Clock) *List {
	l := &List{newRow: newRow, bind: bind, clock: clock, tops: []float32{0}, ground: NewSlab()}
	l.ExtendBaseWidget(l)
	l.body = newListBody(l)
	l.scroll = container.NewVScroll(l.body)
	l.scroll.OnScrolled = func(fyne.Position) {
		turn()
		l.body.arrange()
		if l.OnScrolled != nil {
			l.OnScrolled()
		}
	}
	return l
}

// SetHeader puts an object above the rows that does not scroll.
func (l *List) SetHeader(o fyne.CanvasObject) {
	l.header = o
	if l.pane != nil {
		l.pane.objects = l.objects()
		l.place(l.Size())
		canvasRefresh(l)
	}
}

// SetItems shows other items, in their order where that disturbs nobody.
func (l *List) SetItems(items []Item) {
	l.next = slices.Clone(items)
	switch {
	case l.body.press != "":
		l.deferred = true // the release looks again
	case l.disturbs():
		rows, pending := holdOrder(l.rows, l.next)
		l.show(rows)
		l.setWaiting(pending)
	default:
		l.settle()
	}
}

// SetAnswer shows other items in their own order with one of them chosen, because a
// person asked for something else: all of it at once, as every row is bound once.
func (l *List) SetAnswer(items []Item, selected string) {
	l.next, l.selected, l.deferred = slices.Clone(items), selected, false
	l.settle()
}

// SortAgain shows the order that is waiting, because a person asked for it.
func (l *List) SortAgain() { l.settle() }

// Anew shows the order that is waiting, because the page was turned to: nobody has
// aimed at a row of it yet, though the pointer rests where the list is. The list
// begins at its top, or stays where it was for somebody who comes back to a row.
func (l *List) Anew(back bool) {
	if l.waiting {
		l.settle()
	}
	if !back {
		l.scrollTo(0)
	}
}

// Offset is how far the list is scrolled.
func (l *List) Offset() float32 { return l.scroll.Offset.Y }

// Waiting reports whether a new order is held back.
func (l *List) Waiting() bool { return l.waiting }

// disturbs reports whether a new order would move rows under a pointer or focus.
func (l *List) disturbs() bool {
	if len(l.rows) == 0 {
		return false
	}
	recent := !l.left.IsZero() && l.clock.now().Sub(l.left) < holdAfterPointer
	return l.inside || l.focused || recent
}

func (l *List) settle() {
	l.show(rowsOf(l.next))
	l.setWaiting(false)
}

// reconsider shows a waiting order if it no longer disturbs anybody.
func (l *List) reconsider() {
	if l.waiting && l.body.press == "" && !l.disturbs() {
		l.settle()
	}
}

// released shows what came while the mouse was down.
func (l *List) released() {
	if l.deferred {
		l.deferred = false
		l.SetItems(l.next)
	}
}

func (l *List) setWaiting(on bool) {
	if l.waiting == on {
		return
	}
	l.waiting = on
	if l.OnHeld != nil {
		l.OnHeld(on)
	}
}

// show replaces the rows and keeps what is in view in place: rows that came in
// above push the scroll offset, unless the list is at its top, where a new urgent
// row must be seen.
func (l *List) show(rows []row) {
	anchor, into := l.anchor()
	l.rows = rows
	l.measure()
	if i := l.indexOf(anchor); i >= 0 && l.scroll.Offset.Y > 0 {
		l.scroll.Offset.Y = l.tops[i] + into
	}
	l.clampOffset()
	l.sizeBody()
	l.scroll.Refresh() // moves the body and binds its rows anew
}

func (l *List) sizeBody() {
	l.body.Resize(fyne.NewSize(l.scroll.Size().Width, max(l.tops[len(l.rows)], l.scroll.Size().Height)))
}

// scrollTo brings the body to an offset, within bounds.
func (l *List) scrollTo(y float32) {
	end := max(l.tops[len(l.rows)]-l.scroll.Size().Height, 0)
	l.scroll.ScrollToOffset(fyne.NewPos(0, min(max(y, 0), end)))
	l.body.arrange()
	if l.OnScrolled != nil {
		l.OnScrolled()
	}
}

// anchor is the first row in view and how far it is scrolled into.
func (l *List) anchor() (id string, into float32) {
	if len(l.rows) == 0 {
		return "", 0
	}
	i := l.indexAt(l.scroll.Offset.Y)
	return l.rows[i].ID, l.scroll.Offset.Y - l.tops[i]
}

func (l *List) clampOffset() {
	end := max(l.tops[len(l.rows)]-l.scroll.Size().Height, 0)
	l.scroll.Offset.Y = min(max(l.scroll.Offset.Y, 0), end)
}

func (l *List) measure() {
	l.tops = slices.Grow(l.tops[:0], len(l.rows)+1)
	y, scale := float32(0), float64(theme.Scale()) // asked once for all rows
	for _, r := range l.rows {
		l.tops = append(l.tops, y)
		y += float32(math.Round(float64(r.Height) * scale))
	}
	l.tops = append(l.tops, y)
}

// fitViewed puts exact heights in place of the guesses of the rows in view. What
// the pointer is on stays where it is: a row that the upper edge cuts grows
// upwards, the others downwards.
func (l *List) fitViewed() {
	if l.Exact == nil {
		return
	}
	moved := false
	for l.fitOnce() { // a lower row lets another come into view
		moved = true
	}
	if moved {
		l.clampOffset()
		l.sizeBody()
		l.body.Move(fyne.NewPos(0, -l.scroll.Offset.Y))
	}
}

func (l *List) fitOnce() (changed bool) {
	from, to := l.body.viewed()
	for i := from; i < to; i++ {
		r := &l.rows[i]
		if r.exact {
			continue
		}
		r.exact = true
		h := max(l.Exact(r.Item), r.least)
		if h == r.Height {
			continue
		}
		if grown := rowPx(h) - rowPx(r.Height); l.tops[i] < l.scroll.Offset.Y {
			l.scroll.Offset.Y += grown
		}
		r.Height, changed = h, true
	}
	if changed {
		l.measure()
	}
	return changed
}

// rowPx is a row's height on the screen.
func rowPx(height float32) float32 {
	return float32(math.Round(float64(height) * float64(theme.Scale())))
}

// Viewed are the rows in view, by their ids.
func (l *List) Viewed() []string {
	from, to := l.body.viewed()
	ids := make([]string, 0, to-from)
	for i := from; i < to; i++ {
		ids = append(ids, l.rows[i].ID)
	}
	return ids
}

func (l *List) indexOf(id string) int {
	return slices.IndexFunc(l.rows, func(r row) bool { return r.ID == id })
}

// indexAt is the row at a height of the body, within bounds.
func (l *List) indexAt(y float32) int {
	i, found := slices.BinarySearch(l.tops, y)
	if !found {
		i--
	}
	return min(max(i, 0), len(l.rows)-1)
}

// Selected returns the chosen row, or "".
func (l *List) Selected() string { return l.selected }

// Select chooses a row for the program; OnSelect is not called.
func (l *List) Select(id string) {
	if l.selected == id {
		return
	}
	l.selected = id
	l.body.rebind()
}

// Reveal brings a row into view for the program.
func (l *List) Reveal(id string) {
	if i := l.indexOf(id); i >= 0 {
		l.reveal(i)
	}
}

// Focused reports whether the list has the focus.
func (l *List) Focused() bool { return l.focused }

// InView returns the first and last row that are in view, counted from 1, and how
// many there are. Headings count as well.
func (l *List) InView() (first, last, total int) {
	if len(l.rows) == 0 {
		return 0, 0, 0
	}
	from := l.indexAt(l.scroll.Offset.Y)
	to := l.indexAt(l.scroll.Offset.Y + l.scroll.Size().Height - 1)
	return from + 1, to + 1, len(l.rows)
}

// ScrollPage moves the view by whole pages, for page buttons.
func (l *List) ScrollPage(pages float32) {
	l.scrollTo(l.scroll.Offset.Y + pages*max(l.scroll.Size().Height-px(24), px(24)))
}

// choosable reports whether a row can have the focus. One that is no longer in the list,
// and only kept in place, cannot: what stands beside the list is not about it.
func (l *List) choosable(i int) bool {
	return i >= 0 && i < len(l.rows) && !l.rows[i].Group && !l.rows[i].Gone
}

// FocusGained implements fyne.Focusable.
func (l *List) FocusGained() {
	l.focused = true
	if !l.choosable(l.indexOf(l.selected)) {
		l.moveTo(l.firstFrom(0, 1))
	}
	l.body.rebind()
}

// FocusLost implements fyne.Focusable.
func (l *List) FocusLost() {
	l.focused = false
	l.body.rebind()
	l.reconsider()
}

// firstFrom is the next choosable row from i in a direction, or -1.
func (l *List) firstFrom(i, step int) int {
	for ; i >= 0 && i < len(l.rows); i += step {
		if l.choosable(i) {
			return i
		}
	}
	return -1
}

// moveTo chooses a row for a person and brings it into view.
func (l *List) moveTo(i int) {
	if !l.choosable(i) {
		return
	}
	changed := l.selected != l.rows[i].ID
	l.selected = l.rows[i].ID
	l.reveal(i)
	l.body.rebind()
	if changed && l.OnSelect != nil {
		l.OnSelect(l.selected)
	}
}

// reveal scrolls until a row is in view. Rows that come into view on the way may
// turn out higher than they were guessed and push it out again.
func (l *List) reveal(i int) {
	for range 8 {
		offset, out := l.offsetFor(i)
		if !out {
			return
		}
		l.scrollTo(offset)
	}
}

// offsetFor is where the view must begin to hold row i; out is false where it
// holds it already.
func (l *List) offsetFor(i int) (offset float32, out bool) {
	height := l.scroll.Size().Height
	if height <= 0 {
		return 0, false
	}
	offset = l.scroll.Offset.Y
	switch {
	case l.tops[i] < offset && i == l.firstFrom(0, 1):
		return 0, true // its heading as well
	case l.tops[i] < offset:
		return l.tops[i], true
	}
	least := min(l.tops[i+1]-height, l.tops[i]) // of a row that is higher than the view, its beginning
	return least, least > offset
}

// TypedKey implements fyne.Focusable.
func (l *List) TypedKey(ev *fyne.KeyEvent) {
	presence()
	at := l.indexOf(l.selected)
	switch ev.Name {
	case fyne.KeyDown:
		l.moveTo(l.firstFrom(at+1, 1))
	case fyne.KeyUp:
		l.moveTo(l.firstFrom(at-1, -1))
	case fyne.KeyPageDown:
		l.moveTo(l.pageFrom(at, 1))
	case fyne.KeyPageUp:
		l.moveTo(l.pageFrom(at, -1))
	case fyne.KeyHome:
		l.moveTo(l.firstFrom(0, 1))
	case fyne.KeyEnd:
		l.moveTo(l.firstFrom(len(l.rows)-1, -1))
	case fyne.KeyReturn, fyne.KeyEnter:
		l.open(at)
	case fyne.KeySpace:
		if l.choosable(at) && l.OnMark != nil {
			l.OnMark(l.rows[at].ID)
		}
	default:
		forward(l, ev)
	}
}

func (l *List) open(i int) {
	if l.choosable(i) && !l.rows[i].Gone && l.OnOpen != nil {
		l.OnOpen(l.rows[i].ID)
	}
}

// pageFrom is the row one page from i.
func (l *List) pageFrom(i, direction int) int {
	if len(l.rows) == 0 {
		return -1
	}
	i = max(i, 0)
	page := max(l.scroll.Size().Height-px(24), px(24))
	to := l.indexAt(l.tops[i] + float32(direction)*page)
	if to == i {
		to = min(max(i+direction, 0), len(l.rows)-1)
	}
	if found := l.firstFrom(to, direction); found >= 0 {
		return found
	}
	return l.firstFrom(to, -direction)
}

// TypedRune implements fyne.Focusable: letters jump to the next row whose key
// begins with them. Digits count too, as for a bed.
func (l *List) TypedRune(r rune) {
	presence()
	if !l.ahead.takes(r, l.clock.now()) {
		return
	}
	i := l.ahead.find(len(l.rows), l.indexOf(l.selected), func(i int, typed string) bool {
		return l.choosable(i) && strings.HasPrefix(strings.ToLower(l.rows[i].Key), typed)
	})
	if i >= 0 {
		l.moveTo(i)
	}
}

func (l *List) pointerIn() {
	l.inside = true
	if l.stopTimer != nil {
		l.stopTimer()
		l.stopTimer = nil
	}
}

func (l *List) pointerOut() {
	l.inside = false
	l.left = l.clock.now()
	if l.stopTimer != nil {
		l.stopTimer()
	}
	l.stopTimer = l.clock.after(holdAfterPointer, func() {
		l.stopTimer = nil
		l.reconsider()
	})
}

// click is a press and release on one row.
func (l *List) click(id string, at fyne.Position) {
	i := l.indexOf(id)
	focusOn(l)
	if l.choosable(i) && !l.rows[i].Gone && l.OnClick != nil && l.OnClick(id, at) {
		return
	}
	l.moveTo(i)
	if l.ClickOpens {
		l.open(i)
	}
}

func (l *List) objects() []fyne.CanvasObject {
	objects := l.ground.Objects()
	if l.header != nil {
		objects = append(objects, l.header)
	}
	return append(objects, l.scroll)
}

// placeGround lays the ground as far down as there are rows.
func (l *List) placeGround() {
	fill := theme.Surface
	if l.OnSurface {
		fill = theme.Transparent
	}
	l.ground.Paint(fill)
	view := l.scroll.Size()
	down := l.tops[len(l.rows)] - l.scroll.Offset.Y
	l.ground.Place(0, l.scroll.Position().Y, view.Width, min(max(down, 0), view.Height))
}

func (l *List) place(size fyne.Size) {
	top := float32(0)
	if l.header != nil {
		top = l.header.MinSize().Height
		put(l.header, 0, 0, size.Width, top)
	}
	put(l.scroll, 0, top, size.Width, max(size.Height-top, 0))
	if l.Exact != nil && l.wide != size.Width { // words wrap elsewhere now
		for i := range l.rows {
			l.rows[i].exact = false
		}
	}
	l.wide = size.Width
	l.clampOffset()
	l.sizeBody()
	l.body.arrange()
}

// CreateRenderer implements fyne.Widget.
func (l *List) CreateRenderer() fyne.WidgetRenderer {
	l.pane = &pane{
		objects: l.objects(),
		min: func() fyne.Size {
			h := px(48)
			if l.header != nil {
				h += l.header.MinSize().Height
			}
			return fyne.NewSize(px(120), h)
		},
		layout: l.place,
		refresh: func() {
			l.measure()
			l.place(l.Size())
			l.body.rebind()
			canvasRefresh(l)
		},
	}
	return l.pane
}
