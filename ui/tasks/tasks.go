// Package tasks draws the tasks page: what is to be done, by patient, with a box
// that finishes each in one press, and beside it the form for a new one.
//
// It binds the view model to widgets. A press on a box finishes the task that was
// drawn there when the mouse went down; nothing moves under the pointer or the
// focus; everything can be done by keyboard alone.
package tasks

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/tasks"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The icons of the package, by the names of assets.
const (
	iconPlus    = "plus-bold"
	iconOverdue = "clock-countdown-fill"
	iconUnsent  = "cloud-arrow-up-fill"
	iconSimilar = "users-bold"
	iconUrgent  = "warning-fill"
	iconLeft    = "person-simple-walk-fill"
)

// Actions are what the page asks of the window.
type Actions struct {
	Chart func(ward.PatientID)
	Saved func() // a task was made
	Left  func() // the form was left
}

// Page is the tasks page.
type Page struct {
	m     *view.Model
	do    Actions
	state view.State

	block   *kit.Block
	pills   kit.FilterPills
	bar     *fyne.Container
	fresh   *kit.Button
	again   *kit.Button
	asOf    *kit.Line
	trouble *kit.Note
	list    *kit.List
	panel   *kit.Panel
	empty   *kit.Empty
	form    *form
	closing *closing
	off     *kit.Button // takes the chosen task off the list
	side    *kit.Panel  // the form for a new task
	aside   *kit.Panel  // the one for taking one off
	width   float32
	narrow  bool
}

// New makes the page.
func New(m *view.Model, do Actions, typing *kit.Typing, clock kit.Clock) *Page {
	p := &Page{m: m, do: do, asOf: kit.NewLine(), empty: kit.NewEmpty(words.T("Loading tasks")), trouble: kit.NewNote(kit.CriticalNote)}
	p.list = kit.NewList(newRow, p.bind, clock)
	p.list.OnSurface = true
	p.list.OnSelect = func(id string) { m.Select(id) }
	p.list.OnOpen = func(string) { p.chart() }
	p.list.OnMark = func(id string) { m.Finish(id) }
	p.list.OnClick = p.click
	p.list.OnHeld = func(waiting bool) { kit.SetShown(p.again, waiting); p.block.Changed() }
	p.panel = kit.NewPanel(kit.PanelConfig{}, p.list)
	p.form = newForm(p, typing)
	p.side = kit.NewPanel(kit.PanelConfig{}, p.form.object)
	p.closing = newClosing(p, typing)
	p.aside = kit.NewPanel(kit.PanelConfig{}, p.closing.object)
	p.off = kit.NewButton(kit.ButtonConfig{Text: words.T("Not done here"), Size: kit.Small}, p.takeOff)
	p.fresh = kit.NewButton(kit.ButtonConfig{Text: words.T("New task"), Icon: iconPlus, Key: words.C("key", "Ctrl N"), Size: kit.Small}, p.New)
	p.again = kit.NewButton(kit.ButtonConfig{Text: words.T("Sort again"), Size: kit.Small}, func() { p.list.SortAgain() })
	p.pills = kit.NewFilterPills(view.Filters(), m.SetFilter)
	p.bar = kit.NewBar(8, append(p.pills.Objects(), kit.NewSpring(), p.again, p.asOf, p.off, p.fresh)...)
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.bar, p.trouble, p.panel, p.empty, p.side, p.aside},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) }, Place: p.place, Redraw: p.fill,
	}
	p.block.Init(p.block)
	for _, o := range []kit.Hidable{p.again, p.panel, p.side, p.aside, p.trouble, p.off} {
		kit.SetShown(o, false)
	}
	return p
}

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// Anew is called when the page is turned to: what was held while nobody saw it is in
// its order then.
func (p *Page) Anew(bool) { p.list.Anew(true) }

// First is what the arrow keys find.
func (p *Page) First() fyne.Focusable { return p.list }

// New begins a task for the patient of the chosen line.
func (p *Page) New() {
	p.m.NewHere()
	p.form.focus()
}

// NewFor begins a task for a patient.
func (p *Page) NewFor(who ward.Identity) {
	p.m.New(&who)
	p.form.focus()
}

// Show draws a state.
func (p *Page) Show(s view.State) {
	p.state = s
	for i, f := range s.Pills {
		p.pills.Show(i, f.Text, f.Count, f.On)
	}
	p.asOf.Update(kit.T(s.AsOf, kit.Caption, theme.TextMuted))
	said := s.Empty
	switch {
	case !s.Loaded && s.Error != "":
		said = s.Error
	case !s.Loaded:
		said = words.T("Loading tasks from this computer’s copy")
	}
	p.empty.Update(said)
	told := s.Error != "" && s.Loaded && s.Form == nil && s.Close == nil
	kit.SetShown(p.trouble, told)
	if told {
		p.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.BodyStrong, theme.CriticalText))
	}
	p.form.show(s)
	p.closing.show(s)
	p.arrange()
	p.fill()
	p.block.Changed()
}

// aForm says whether something is asked beside the list.
func (p *Page) aForm() bool { return p.state.Form != nil || p.state.Close != nil }

// arrange shows the list, a form, or both where there is room.
func (p *Page) arrange() {
	some, form := len(p.state.Lines) > 0, p.aForm()
	kit.SetShown(p.side, p.state.Form != nil)
	kit.SetShown(p.aside, p.state.Close != nil)
	kit.SetShown(p.off, some && !form)
	kit.SetShown(p.empty, !some && (!form || !p.narrow))
	kit.SetShown(p.panel, some && (!form || !p.narrow))
}

// fill lists the lines at the present scale and width.
func (p *Page) fill() {
	items := make([]kit.Item, 0, 2*len(p.state.Lines))
	probe := newRow().(*row)
	apart := false
	for _, l := range p.state.Lines {
		if l.Left != "" && !apart {
			apart = true
			probe.section(leftWith())
			items = append(items, kit.Item{ID: "left", Height: probe.high(p.list.Size().Width), Group: true, Data: leftWith()})
		}
		if l.First {
			probe.head(l)
			items = append(items, kit.Item{ID: "patient " + string(l.Who.ID), Height: probe.high(p.list.Size().Width), Group: true, Data: l})
		}
		probe.set(l, false)
		it := kit.Item{ID: l.ID, Height: probe.high(p.list.Size().Width), Key: l.Who.ShowName(), Data: l}
		if l.Late != "" {
			it.Bar = theme.Warning
		}
		items = append(items, it)
	}
	p.list.SetItems(items)
	p.list.Select(p.state.Open)
}

func (p *Page) bind(o fyne.CanvasObject, it kit.Item, st kit.RowState) {
	l, ok := it.Data.(view.Line)
	switch r := o.(*row); {
	case !ok:
		if said, ok := it.Data.(section); ok {
			r.section(said)
		}
	case it.Group:
		r.head(l)
	default:
		r.set(l, st.Gone)
	}
}

// click finishes where the box is; anywhere else it chooses the line.
func (p *Page) click(id string, at fyne.Position) bool {
	p.list.Select(id)
	p.m.Select(id)
	if at.X < theme.Px(boxed) {
		p.m.Finish(id)
	}
	return true
}

// chart opens the chart of the chosen line.
func (p *Page) chart() {
	for _, l := range p.state.Lines {
		switch {
		case l.ID != p.state.Open:
		case l.Run:
			p.m.Finish(l.ID) // leads to its steps
		default:
			p.do.Chart(l.Who.ID)
		}
	}
}

// leave closes the form, and reports whether it was open.
func (p *Page) leave() bool {
	if !p.m.Leave() {
		return false
	}
	p.back()
	p.do.Left()
	return true
}

// back gives the focus to the list after the form.
func (p *Page) back() {
	if c := canvasOf(p.block); c != nil {
		c.Unfocus()
	}
}

// takeOff asks why the chosen task leaves the list.
func (p *Page) takeOff() {
	p.m.BeginClose()
	if p.state.Close != nil {
		p.closing.reason.Focus()
	}
}

func (p *Page) save() {
	if p.state.Close != nil {
		p.m.SaveClose(p.back)
		if c := p.state.Close; c != nil && c.Bad {
			p.closing.reason.Focus()
		}
		return
	}
	p.m.Save(func() {
		p.back()
		p.do.Saved()
	})
	p.form.focusBad()
}

// Key does what a key of the window means here, and reports whether it meant
// anything.
func (p *Page) Key(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyF2:
		if p.aForm() {
			p.save()
			return true
		}
	case fyne.KeyF6:
		if !p.aForm() && p.state.Open != "" {
			p.m.Finish(p.state.Open)
			return true
		}
	case fyne.KeyEscape:
		return p.leave()
	default: // is the window's
	}
	return false
}

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) {
	o, ok := map[string]fyne.CanvasObject{"tasks": p.list, "new": p.fresh, "not-done": p.off}[name]
	if ok {
		return o, o.Visible()
	}
	if name == "reason" {
		return p.closing.reason.TextField, p.aside.Visible()
	}
	o, ok = p.form.named()[name]
	return o, ok && p.side.Visible()
}

func (p *Page) place(size fyne.Size) {
	px := theme.Px
	width := max(size.Width-px(24), 0)
	h := kit.HeightFor(p.bar, width)
	kit.PlaceAt(p.bar, px(12), px(6), width, h)
	y := px(6) + h + px(8)
	if p.trouble.Visible() {
		h := kit.HeightFor(p.trouble, width)
		kit.PlaceAt(p.trouble, px(12), y, width, h)
		y += h + px(8)
	}
	rest := max(size.Height-y-px(10), 0)
	if narrow := size.Width < px(820); narrow != p.narrow {
		p.narrow = narrow
		p.arrange()
	}
	left := width
	for _, side := range []*kit.Panel{p.side, p.aside} {
		if p.aForm() && !p.narrow {
			left = max(width-px(432), 0)
			kit.PlaceAt(side, px(24)+left, y, px(420), rest)
		} else {
			kit.PlaceAt(side, px(12), y, width, rest)
		}
	}
	kit.PlaceAt(p.empty, px(12), y, left, rest)
	kit.PlaceAt(p.panel, px(12), y, left, rest)
	if left != p.width { // lines wrap at another place
		p.width = left
		p.fill()
	}
}

func canvasOf(o fyne.CanvasObject) fyne.Canvas {
	if fyne.CurrentApp() == nil {
		return nil
	}
	return fyne.CurrentApp().Driver().CanvasForObject(o)
}
