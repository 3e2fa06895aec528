// Package rules draws the page that says what warns here and why: the list of alert
// rules with what became of each, and beside it the rule that is chosen, with its
// source, its limits and the figures.
//
// It binds the view model to widgets and decides nothing. Everything can be done by
// keyboard alone; where there is no room beside, the rule stands below the list.
package rules

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	view "wardlight/internal/station/view/rules"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// iconMust marks a rule that no setting mutes.
const iconMust = "lock-bold"

// Page is the page of alert rules.
type Page struct {
	m     *view.Model
	state view.State

	bar     *fyne.Container
	days    *kit.Segmented
	set     *kit.Flow
	trouble *kit.Note
	saved   *kit.Flow
	limits  *limits
	empty   *kit.Empty
	list    *kit.List
	panel   *kit.Panel
	detail  *fyne.Container
	scroll  *container.Scroll
	side    *kit.Panel
	block   *kit.Block
	drawn   string // which rule stands in detail
	width   float32
}

// New makes the page.
func New(m *view.Model, typing *kit.Typing, clock kit.Clock) *Page {
	p := &Page{m: m, set: kit.NewFlow(), trouble: kit.NewNote(kit.CriticalNote), saved: kit.NewFlow(), empty: kit.NewEmpty(loading()), detail: kit.NewColumn(8)}
	p.list = kit.NewList(func() fyne.CanvasObject { return kit.NewEntry() }, func(o fyne.CanvasObject, it kit.Item, _ kit.RowState) {
		if l, ok := it.Data.(view.Line); ok {
			set(o.(*kit.Entry), l)
		}
	}, clock)
	p.list.OnSurface = true
	p.list.OnSelect = func(id string) { m.Choose(id); p.mark() }
	p.limits = newLimits(m, typing, func(o fyne.CanvasObject) { kit.Reveal(p.scroll, o) })
	p.panel = kit.NewPanel(kit.PanelConfig{}, p.list)
	p.scroll = kit.NewScroll(kit.NewInset(16, 12, p.detail))
	p.side = kit.NewPanel(kit.PanelConfig{}, p.scroll)
	p.days = kit.NewSegmented(p.choices(view.Days()[0]), func(i int) { m.SetDays(view.Days()[i]) })
	p.bar = kit.NewBar(8, kit.NewText(words.T("Alert rules"), kit.Subheading, theme.Text), kit.NewSpring(), p.days)
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.bar, p.set, p.trouble, p.saved, p.panel, p.empty, p.side},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) }, Place: p.place, Redraw: p.fill,
	}
	p.block.Init(p.block)
	for _, o := range []kit.Hidable{p.trouble, p.saved, p.side, p.panel} {
		kit.SetShown(o, false)
	}
	return p
}

// choices are the times that are counted, with the one that is chosen.
func (p *Page) choices(days int) kit.SegmentedConfig {
	c := kit.SegmentedConfig{}
	for i, n := range view.Days() {
		c.Labels = append(c.Labels, words.F("%d days", n))
		if n == days {
			c.Selected = i
		}
	}
	return c
}

func loading() string { return words.T("Loading the rules from this computer’s copy") }

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// First is what the arrow keys find.
func (p *Page) First() fyne.Focusable { return p.list }

// Show draws a state.
func (p *Page) Show(s view.State) {
	p.state = s
	kit.SetShown(p.trouble, s.Error != "")
	if s.Error != "" {
		p.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.BodyStrong, theme.CriticalText))
	}
	kit.SetShown(p.saved, s.Saved != "")
	if s.Saved != "" {
		p.saved.Update(kit.Span{Icon: iconDone, IconColor: theme.Ok, Text: s.Saved, Style: kit.Dense, Color: theme.TextMuted})
	}
	said := ""
	switch {
	case !s.Loaded && s.Error != "":
		said = words.T("The rules cannot be shown: see above.")
	case !s.Loaded:
		said = loading()
	}
	p.empty.Update(said)
	kit.SetShown(p.empty, said != "")
	kit.SetShown(p.panel, len(s.Lines) > 0)
	kit.SetShown(p.side, s.Open != nil)
	p.set.Update()
	if s.Loaded {
		p.set.Update(kit.T(s.Set, kit.Caption, theme.TextMuted), kit.T(s.AsOf, kit.Caption, theme.TextMuted).OnOwnLine())
	}
	p.days.Update(p.choices(s.Days))
	p.draw(s.Open, s.Busy)
	p.fill()
	p.block.Changed()
	if s.Open != nil && s.Open.Limits != nil {
		p.limits.enter(s.Open.Limits.Form)
	}
}

// draw puts the chosen rule into its place.
func (p *Page) draw(d *view.Detail, busy bool) {
	p.detail.Objects = nil
	if d == nil {
		return
	}
	head := []kit.Span{kit.T(d.Name, kit.Subheading, theme.Text)}
	if d.Must {
		head = append(head, kit.Chip(words.T("must-show"), iconMust, kit.Quiet).After(8).Kept())
	}
	p.detail.Objects = append(p.detail.Objects, kit.NewFlow(head...), kit.NewFlow(kit.T(d.Words, kit.Body, theme.Text)))
	for _, f := range d.Facts {
		p.detail.Objects = append(p.detail.Objects, said(f))
	}
	if p.limits.show(d.Limits, busy); d.Limits != nil {
		p.detail.Objects = append(p.detail.Objects, p.limits.object)
	}
	p.detail.Objects = append(p.detail.Objects, kit.NewFlow(kit.T(words.T("What became of it"), kit.BodyStrong, theme.Text)))
	for _, f := range d.Use {
		p.detail.Objects = append(p.detail.Objects, kit.NewFlow(kit.T(f.Label, kit.Dense, theme.TextMuted), kit.T(f.Words, kit.BodyStrong, theme.Text).After(8)))
	}
	p.detail.Objects = append(p.detail.Objects, kit.NewFlow(kit.T(d.Figure, kit.Caption, theme.TextMuted)))
	p.detail.Refresh()
	if p.drawn != d.ID {
		p.drawn = d.ID
		p.scroll.Offset = fyne.NewPos(0, 0)
	}
	p.scroll.Refresh()
}

// said is a label over its lines.
func said(f view.Fact) fyne.CanvasObject {
	spans := []kit.Span{kit.T(f.Label, kit.CaptionStrong, theme.TextMuted)}
	for _, l := range strings.Split(f.Words, "\n") {
		spans = append(spans, kit.T(l, kit.Body, theme.Text).OnOwnLine())
	}
	return kit.NewFlow(spans...)
}

func (p *Page) fill() {
	items := make([]kit.Item, 0, len(p.state.Lines))
	probe, chosen := kit.NewEntry(), ""
	wide := p.list.Size().Width
	if p.width > 0 {
		wide = p.width
	}
	for _, l := range p.state.Lines {
		set(probe, l)
		items = append(items, kit.Item{ID: l.ID, Key: l.Name, Data: l, Height: probe.High(wide)})
		if l.Chosen {
			chosen = l.ID
		}
	}
	p.list.SetItems(items)
	if chosen != "" && p.list.Selected() != chosen {
		p.list.Select(chosen)
	}
}

// mark puts the mark back onto the rule that stands beside.
func (p *Page) mark() {
	for _, l := range p.state.Lines {
		if l.Chosen && p.list.Selected() != l.ID {
			p.list.Select(l.ID)
		}
	}
}

// Key does what a key of the window means here, and reports whether it meant anything.
func (p *Page) Key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyF2:
		p.m.SaveLimit()
		return true
	case fyne.KeyEscape:
		return p.m.LeaveLimit()
	default:
		return false
	}
}

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) {
	switch name {
	case "rules":
		return p.list, p.panel.Visible()
	case "days":
		return p.days, true
	case "rule":
		return p.side, p.side.Visible()
	}
	o, ok := p.limits.where(name)
	return o, ok && p.side.Visible()
}

func (p *Page) place(size fyne.Size) {
	px := theme.Px
	width := max(size.Width-px(24), 0)
	y := px(6)
	for _, o := range []fyne.CanvasObject{p.bar, p.set, p.trouble, p.saved} {
		if !o.Visible() {
			continue
		}
		h := kit.HeightFor(o, width)
		kit.PlaceAt(o, px(12), y, width, h)
		y += h + px(8)
	}
	rest := max(size.Height-y-px(10), 0)
	narrow := size.Width < px(820)
	left := min(px(380), width*0.36)
	if narrow {
		left = width
	}
	if left != p.width {
		p.width = left
		p.list.Resize(fyne.NewSize(left, p.list.Size().Height))
		p.fill()
	}
	if p.empty.Visible() {
		kit.PlaceAt(p.empty, px(12), y, width, rest)
		return
	}
	if !narrow {
		kit.PlaceAt(p.panel, px(12), y, left, rest)
		kit.PlaceAt(p.side, px(24)+left, y, max(width-left-px(12), 0), rest)
		return
	}
	high := min(px(160), rest*0.4)
	kit.PlaceAt(p.panel, px(12), y, width, high)
	kit.PlaceAt(p.side, px(12), y+high+px(8), width, max(rest-high-px(8), 0))
}

// set writes one rule of the list.
func set(row *kit.Entry, l view.Line) {
	name := kit.T(l.Name, kit.BodyStrong, theme.Text)
	if l.Must {
		name.Icon, name.IconColor = iconMust, theme.TextMuted
	}
	row.Set([]kit.Span{name}, []kit.Span{kit.T(l.Words, kit.Dense, theme.TextMuted)})
}
