package shell

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// railNone is below which width, in design units, the rail becomes one button.
// Until then it keeps its words: icons alone save 20 units and told nobody, at large
// text least of all, which page is which.
const railNone = 760

// body is everything under the strip while somebody is signed in: the red band,
// the rail, the page, and what may lie over the page.
type body struct {
	kit.Block
	n     *session
	rail  *kit.Rail
	lead  *lead // in place of the rail
	above *fyne.Container
	page  fyne.CanvasObject
}

// lead is the two buttons that stand for the rail and the search where there is
// no room for them.
type lead struct{ pages, find *kit.Button }

func newLead(n *session) *lead {
	open := func() { n.palette.open() }
	return &lead{
		pages: kit.NewButton(kit.ButtonConfig{Text: words.T("Pages"), Icon: iconList}, open),
		find:  kit.NewButton(kit.ButtonConfig{Text: words.T("Find"), Icon: iconFind}, open),
	}
}

func newBody(n *session) *body {
	b := &body{n: n}
	b.rail = kit.NewRail(kit.RailConfig{}, func(i int) { n.turn(n.listed[i]) })
	b.lead = newLead(n)
	b.above = kit.NewBar(6, b.lead.pages, b.lead.find)
	b.page = n.pages[pageBoard].Object()
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(320), theme.Px(160)) }
	b.Place = b.place
	b.Init(b)
	b.parts()
	return b
}

// parts are in reading order, so that Tab goes through them in it. Pages that are
// not shown stay among them, hidden: a change of appearance reaches them too.
func (b *body) parts() {
	b.Parts = []fyne.CanvasObject{b.n.front.Band(), b.n.drill.object, b.n.wentUp.object, b.n.notice.object, b.n.pack.object, b.rail, b.above}
	for _, id := range append(pageIDs(), pageChart) {
		o := b.n.pages[id].Object()
		kit.SetShown(o, o == b.page && !b.n.palette.isOpen())
		b.Parts = append(b.Parts, o)
	}
	b.Parts = append(b.Parts, b.n.palette.object, b.n.help.object, b.n.glass.object, b.n.beyond.object, b.n.phoned.object, b.n.onCall.object, b.n.front.Card(), b.n.toast)
}

// cover takes the page off the screen while the palette lies over it, and dims the
// ground instead: every frame begins with the ground, so that this costs nothing.
// Nobody reads a page through a veil while typing, and where no graphics chip
// helps, to paint page and veil again for every letter takes longer than
// everything else together.
func (b *body) cover() {
	open := b.n.palette.isOpen()
	if !open {
		b.n.drawLate()
	}
	kit.SetShown(b.page, !open)
	kit.SetShown(b.above, b.leadsAbove() && !open)
	theme.DimGround(open)
}

// turn shows the session's page.
func (b *body) turn() {
	b.page = b.n.pages[b.n.at].Object()
	b.parts()
	b.badges()
	b.Changed()
}

// badges draws the rail: which page, and what waits on each.
func (b *body) badges() {
	n := b.n
	c := kit.RailConfig{Selected: -1}
	at := n.at
	if at == pageChart {
		at = n.from
	}
	for i, id := range n.listed {
		it := infoOf(id).item
		it.Count, it.Urgent = count(n.badge(id)), id == pageAlerts
		c.Items = append(c.Items, it)
		if id == at {
			c.Selected = i
		}
	}
	b.rail.Update(c)
	label := words.T("Pages")
	if n.urgent > 0 {
		label += " " + count(n.urgent)
	}
	for _, l := range []*lead{b.lead, n.lead} {
		l.pages.Update(kit.ButtonConfig{Text: label, Icon: iconList})
	}
	// On the chart every line is a result's: icons, and how much waits.
	n.chartLead.pages.Update(kit.ButtonConfig{Text: count(n.urgent), Icon: iconList})
	n.chartLead.find.Update(kit.ButtonConfig{Icon: iconFind})
}

func (b *body) place(size fyne.Size) {
	px := theme.Px
	y, x := float32(0), float32(0)
	if band := b.n.front.Band(); band.Visible() {
		kit.PlaceAt(band, 0, 0, size.Width, px(32))
		y = px(32)
	}
	for _, o := range []*kit.Block{b.n.drill.object, b.n.wentUp.object, b.n.notice.object, b.n.pack.object} {
		if o.Visible() {
			h := min(o.HeightFor(size.Width), size.Height/2)
			kit.PlaceAt(o, 0, y, size.Width, h)
			y += h
		}
	}
	b.badges()
	top := y
	kit.SetShown(b.rail, !b.few())
	kit.SetShown(b.above, b.leadsAbove() && !b.n.palette.isOpen())
	switch {
	case !b.few():
		x = b.railWidth()
		kit.PlaceAt(b.rail, 0, y, x, size.Height-y)
	case b.leadsAbove():
		h := kit.HeightFor(b.above, size.Width-px(24))
		kit.PlaceAt(b.above, px(12), y+px(5), size.Width-px(24), h)
		top = y + h + px(5)
	}
	kit.PlaceAt(b.page, x, top, size.Width-x, max(size.Height-top-b.toastRoom(), 0))
	b.n.front.KeepFree(b.toastRoom())
	for _, over := range []fyne.CanvasObject{b.n.palette.object, b.n.help.object, b.n.glass.object, b.n.beyond.object, b.n.phoned.object, b.n.onCall.object, b.n.front.Card()} {
		kit.PlaceAt(over, 0, y, size.Width, max(size.Height-y, 0))
	}
	t := b.n.toast.MinSize()
	kit.PlaceAt(b.n.toast, max(size.Width-t.Width-px(16), 0), size.Height-t.Height-px(12), min(t.Width, size.Width), t.Height)
}

// few says that there is no room for the rail.
func (b *body) few() bool { return b.Size().Width/theme.Scale() < railNone }

func (b *body) railWidth() float32 {
	if b.few() {
		return 0
	}
	return b.rail.MinSize().Width
}

// leadsAbove says that the buttons of the lead stand above the page.
func (b *body) leadsAbove() bool { return b.few() && !b.leads() }

// toastRoom is what the page gives up while a toast is shown: it never covers a
// value.
func (b *body) toastRoom() float32 {
	if !b.n.toast.Visible() {
		return 0
	}
	return b.n.toast.MinSize().Height + theme.Px(24)
}

// leads says whether the page shows the buttons of the lead itself.
func (b *body) leads() bool {
	p, ok := b.n.pages[b.n.at].(interface{ Leads() bool })
	return ok && p.Leads()
}
