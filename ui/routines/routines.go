// Package routines draws the page on which a ward writes its own checklists: the list
// of them with who wrote each, and beside it the form for the next version, or the
// steps as they will be ticked.
//
// It binds the view model to widgets and decides nothing. Everything can be done by
// keyboard alone; where there is no room beside, the form stands below the list.
package routines

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	view "wardlight/internal/station/view/routines"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The icons of the page, by the names of assets.
const (
	iconPlus = "plus-bold"
	iconOff  = "prohibit-fill"
	iconDone = "check-circle-fill"
)

// Page is the page of routines.
type Page struct {
	m     *view.Model
	state view.State

	bar     *fyne.Container
	fresh   *kit.Button
	asOf    *kit.Line
	trouble *kit.Note
	saved   *kit.Flow
	empty   *kit.Empty
	list    *kit.List
	panel   *kit.Panel
	form    *form
	scroll  *container.Scroll
	side    *kit.Panel
	block   *kit.Block
	narrow  bool
	width   float32
}

// New makes the page.
func New(m *view.Model, typing *kit.Typing, clock kit.Clock) *Page {
	p := &Page{m: m, asOf: kit.NewLine(), trouble: kit.NewNote(kit.CriticalNote), saved: kit.NewFlow(), empty: kit.NewEmpty(words.T("Loading routines from this computer’s copy"))}
	p.list = kit.NewList(func() fyne.CanvasObject { return kit.NewEntry() }, func(o fyne.CanvasObject, it kit.Item, _ kit.RowState) {
		if l, ok := it.Data.(view.Line); ok {
			set(o.(*kit.Entry), l)
		}
	}, clock)
	p.list.OnSurface = true
	p.list.OnSelect = func(id string) { p.choose(id) }
	p.list.OnOpen = func(string) { p.enter() }
	p.panel = kit.NewPanel(kit.PanelConfig{}, p.list)
	p.form = newForm(m, typing, func(o fyne.CanvasObject) { kit.Reveal(p.scroll, o) })
	p.scroll = kit.NewScroll(kit.NewInset(16, 12, p.form.object))
	p.side = kit.NewPanel(kit.PanelConfig{}, p.scroll)
	p.fresh = kit.NewButton(kit.ButtonConfig{Text: words.T("New routine"), Icon: iconPlus, Size: kit.Small}, func() { m.NewRoutine(); p.enter() })
	p.bar = kit.NewBar(8, kit.NewText(words.T("Routines"), kit.Subheading, theme.Text), kit.NewSpring(), p.asOf, p.fresh)
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.bar, p.trouble, p.saved, p.panel, p.empty, p.side},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) }, Place: p.place, Redraw: p.fill,
	}
	p.block.Init(p.block)
	for _, o := range []kit.Hidable{p.trouble, p.saved, p.side, p.panel, p.fresh} {
		kit.SetShown(o, false)
	}
	return p
}

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// First is what the arrow keys find.
func (p *Page) First() fyne.Focusable { return p.list }

// choose turns to a routine; where something is unsaved, the mark stays where it was.
func (p *Page) choose(id string) {
	p.m.Choose(id)
	p.mark()
}

func (p *Page) mark() {
	for _, l := range p.state.Lines {
		if l.Chosen && p.list.Selected() != l.ID {
			p.list.Select(l.ID)
		}
	}
}

// enter goes to where the form begins.
func (p *Page) enter() {
	if p.state.Form != nil && p.state.Form.MayEdit {
		p.form.name.Focus()
	}
}

// Show draws a state.
func (p *Page) Show(s view.State) {
	p.state = s
	p.asOf.Update(kit.T(s.AsOf, kit.Caption, theme.TextMuted))
	kit.SetShown(p.trouble, s.Error != "")
	if s.Error != "" {
		p.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.BodyStrong, theme.CriticalText))
	}
	kit.SetShown(p.saved, s.Saved != "")
	if s.Saved != "" {
		p.saved.Update(kit.Span{Icon: iconDone, IconColor: theme.Ok, Text: s.Saved, Style: kit.Dense, Color: theme.TextMuted})
	}
	said := s.Empty
	if !s.Loaded {
		said = words.T("Loading routines from this computer’s copy")
		if s.Error != "" {
			said = words.T("Routines cannot be shown: see above.")
		}
	}
	p.empty.Update(said)
	kit.SetShown(p.empty, said != "")
	kit.SetShown(p.panel, len(s.Lines) > 0)
	kit.SetShown(p.side, s.Form != nil)
	kit.SetShown(p.fresh, s.MayEdit)
	p.fresh.Update(kit.ButtonConfig{Text: words.T("New routine"), Icon: iconPlus, Size: kit.Small, Off: s.Busy})
	p.form.show(s)
	p.fill()
	p.scroll.Refresh()
	p.block.Changed()
}

func (p *Page) fill() {
	items := make([]kit.Item, 0, len(p.state.Lines))
	probe := kit.NewEntry()
	for _, l := range p.state.Lines {
		set(probe, l)
		items = append(items, kit.Item{ID: l.ID, Key: l.Name, Data: l, Height: probe.High(p.list.Size().Width)})
	}
	p.list.SetItems(items)
	p.mark()
}

// Key does what a key of the window means here, and reports whether it meant
// anything.
func (p *Page) Key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyF2:
		p.m.Save()
		return true
	case fyne.KeyEscape:
		return p.m.Leave()
	default:
		return false
	}
}

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) {
	switch name {
	case "routines":
		return p.list, p.panel.Visible()
	case "new":
		return p.fresh, p.fresh.Visible()
	}
	o, ok := p.form.named()[name]
	return o, ok && p.side.Visible() && o.Visible()
}

func (p *Page) place(size fyne.Size) {
	px := theme.Px
	width := max(size.Width-px(24), 0)
	y := px(6)
	for _, o := range []fyne.CanvasObject{p.bar, p.trouble, p.saved} {
		if !o.Visible() {
			continue
		}
		h := kit.HeightFor(o, width)
		kit.PlaceAt(o, px(12), y, width, h)
		y += h + px(8)
	}
	rest := max(size.Height-y-px(10), 0)
	p.narrow = size.Width < px(820)
	left := min(px(380), width*0.36)
	if p.narrow {
		left = width
	}
	if left != p.width {
		p.width = left
		p.list.Resize(fyne.NewSize(left, p.list.Size().Height))
		p.fill()
	}
	if p.empty.Visible() { // above the starters, or alone
		h := rest
		if p.panel.Visible() {
			h = min(px(96), rest*0.4)
		}
		kit.PlaceAt(p.empty, px(12), y, width, h)
		y += h
		rest -= h
	}
	if !p.narrow || !p.side.Visible() {
		kit.PlaceAt(p.panel, px(12), y, left, rest)
		kit.PlaceAt(p.side, px(24)+left, y, max(width-left-px(12), 0), rest)
		return
	}
	high := min(px(120), rest*0.3)
	kit.PlaceAt(p.panel, px(12), y, width, high)
	kit.PlaceAt(p.side, px(12), y+high+px(8), width, max(rest-high-px(8), 0))
}

// set writes one routine of the list.
func set(row *kit.Entry, l view.Line) {
	head := []kit.Span{kit.T(l.Name, kit.BodyStrong, theme.Text)}
	if l.Off {
		head = append(head, kit.Chip(words.T("switched off"), iconOff, kit.Quiet).After(8).Kept())
	}
	if l.Starter {
		head = append(head, kit.Chip(words.T("starter"), iconPlus, kit.Quiet).After(8).Kept())
	}
	var under []kit.Span
	for _, w := range l.Words {
		under = append(under, kit.T(w, kit.Dense, theme.TextMuted).OnOwnLine())
	}
	row.Set(head, under)
}

func number(i int) string { return strconv.Itoa(i + 1) }
