package chart

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// orders is the tab of tests and medicines: at the left the sheet of what is
// about to be asked for, with what speaks against each beside it, at the right
// what was asked for and where it stands.
type orders struct {
	m     *view.Model
	sheet *orderSheet
	list  *orderList
	id    ward.PatientID

	stack  *fyne.Container
	scroll *container.Scroll // of the list, and of both where there is no room beside
	block  *kit.Block
	narrow bool
}

func newOrders(m *view.Model, typing *kit.Typing) *orders {
	o := &orders{m: m}
	o.list = newOrderList(m)
	o.sheet = newOrderSheet(m, typing, o.reveal)
	o.stack = kit.NewColumn(8, o.list.object)
	o.scroll = kit.NewScroll(o.stack)
	o.list.reveal = func(b fyne.CanvasObject) { kit.Reveal(o.scroll, b) }
	o.block = &kit.Block{
		Parts: []fyne.CanvasObject{o.sheet.panel, o.scroll},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: o.place,
	}
	o.block.Init(o.block)
	return o
}

func (o *orders) object() fyne.CanvasObject { return o.block }
func (o *orders) first() fyne.Focusable     { return o.sheet.find.Focusable() }

func (o *orders) named() map[string]fyne.CanvasObject {
	out := o.sheet.named()
	for name, b := range o.list.buttons {
		out[name] = b
	}
	return out
}

func (o *orders) show(s view.State, now time.Time) {
	if s.ID != o.id {
		o.id = s.ID
		o.sheet.forget()
	}
	if s.Tab != view.Orders {
		return // nothing of it is seen, and it is drawn when it is
	}
	o.sheet.show(s, now)
	o.list.show(s, now)
	o.stack.Refresh()
	o.scroll.Refresh()
	o.block.Changed()
}

func (o *orders) key(ev *fyne.KeyEvent) bool {
	if ev.Name != fyne.KeyF2 {
		return false
	}
	o.sheet.signNow()
	return true
}

// reveal brings something of the sheet into view, whichever scroll it is in.
func (o *orders) reveal(b fyne.CanvasObject) {
	if o.narrow {
		kit.Reveal(o.scroll, b)
		return
	}
	kit.Reveal(o.sheet.scroll, b)
}

// fold puts the sheet above the list, in one scroll, where there is no room
// beside it.
func (o *orders) fold(on bool) {
	if o.narrow == on {
		return
	}
	o.narrow = on
	o.stack.Objects = []fyne.CanvasObject{o.list.object}
	o.block.Parts = []fyne.CanvasObject{o.sheet.panel, o.scroll}
	if on {
		o.stack.Objects = []fyne.CanvasObject{o.sheet.panel, o.list.object}
		o.block.Parts = o.block.Parts[1:]
	}
	o.stack.Refresh()
	o.scroll.Refresh()
	o.block.Changed()
}

func (o *orders) place(size fyne.Size) {
	px := theme.Px
	o.fold(size.Width < px(760))
	if o.narrow {
		kit.PlaceAt(o.scroll, 0, 0, size.Width, size.Height)
		return
	}
	left := size.Width*0.55 - px(6)
	kit.PlaceAt(o.sheet.panel, 0, 0, left, size.Height)
	kit.PlaceAt(o.scroll, left+px(12), 0, size.Width-left-px(12), size.Height)
}
