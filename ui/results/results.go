// Package results draws the results inbox: at the left what waits, worst first;
// at the right the one that is open, with its answers.
//
// What is critical or was corrected is answered by itself; the rest may be marked
// (Space, or a press on the box) and acknowledged together. An answer acts on the
// version that was drawn, and nothing moves under the pointer or the focus.
package results

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/results"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// Actions are what the page asks of the window.
type Actions struct {
	Chart func(ward.PatientID)
}

// Page is the results inbox.
type Page struct {
	m     *view.Model
	do    Actions
	clock kit.Clock
	state view.State

	block  *kit.Block
	pills  kit.FilterPills
	bar    *fyne.Container
	marked *kit.Button
	again  *kit.Button
	asOf   *kit.Line
	list   *kit.List
	panel  *kit.Sheet
	detail *detail
	side   *kit.Sheet
	empty  *kit.Empty
	width  float32
	narrow bool
	reads  bool // narrow: the open line is in front
}

// New makes the page.
func New(m *view.Model, do Actions, typing *kit.Typing, clock kit.Clock) *Page {
	p := &Page{m: m, do: do, clock: clock, asOf: kit.NewLine(), empty: kit.NewEmpty(words.T("Loading results"))}
	p.list = kit.NewList(newRow, p.bind, clock)
	p.list.OnSurface = true
	p.list.OnSelect = func(id string) { p.m.Select(id) }
	p.list.OnOpen = func(id string) { p.open() }
	p.list.OnMark = func(id string) { p.m.Mark(id) }
	p.list.OnClick = p.click
	p.list.OnHeld = func(waiting bool) { kit.SetShown(p.again, waiting); p.block.Changed() }
	p.panel = kit.NewSheet(theme.Line, p.list)
	p.detail = newDetail(p, typing)
	p.side = kit.NewSheet(theme.Line, p.detail.object)
	p.marked = kit.NewButton(kit.ButtonConfig{Size: kit.Small}, func() { p.m.AcknowledgeMarked() })
	p.again = kit.NewButton(kit.ButtonConfig{Text: words.T("Sort again"), Size: kit.Small}, func() { p.list.SortAgain() })
	p.pills = kit.NewFilterPills([]view.Filter{view.All, view.Mine, view.Taken, view.Handed}, m.SetFilter)
	p.bar = kit.NewBar(8, append(p.pills.Objects(), p.marked, kit.NewSpring(), p.again, p.asOf)...)
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.bar, p.panel, p.side, p.empty},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) }, Place: p.place, Redraw: p.fill,
	}
	p.block.Init(p.block)
	kit.SetShown(p.marked, false)
	kit.SetShown(p.again, false)
	kit.SetShown(p.panel, false)
	kit.SetShown(p.side, false)
	return p
}

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// Anew is called when the page is turned to: what was held while nobody saw it is in
// its order then.
func (p *Page) Anew(bool) { p.list.Anew(true) }

// First is what the arrow keys find.
func (p *Page) First() fyne.Focusable { return p.list }

func (p *Page) now() time.Time {
	if p.clock.Now != nil {
		return p.clock.Now()
	}
	return time.Now()
}

// Show draws a state.
func (p *Page) Show(s view.State) {
	done := p.state.Busy && !s.Busy && s.Error == ""
	p.state = s
	for i, f := range s.Pills {
		p.pills.Show(i, f.Text, f.Count, f.On)
	}
	p.marked.Update(kit.ButtonConfig{Text: words.F("Acknowledge %d marked", s.Marked), Size: kit.Small, Off: s.Busy})
	kit.SetShown(p.marked, s.Marked > 0)
	p.asOf.Update(kit.T(s.AsOf, kit.Caption, theme.TextMuted))
	empty := s.Empty
	if !s.Loaded {
		empty = words.T("Loading results from this computer’s copy")
	}
	if s.Error != "" && s.Open == nil {
		empty = s.Error
	}
	p.empty.Update(empty)
	p.arrange()
	p.fill()
	p.detail.show(s, p.now())
	p.block.Changed()
	if done {
		p.toList()
	}
}

// toList gives the focus back to the list after an answer: what had it is gone, and the
// arrow keys go on with the next line. Whoever is elsewhere by now is left alone.
func (p *Page) toList() {
	c := canvasOf(p.block)
	if c == nil || !p.block.Visible() {
		return
	}
	if f := c.Focused(); f != nil && !p.has(f) {
		return
	}
	p.read(false)
	kit.Focus(c, p.list)
}

// has says whether something that can have the focus is this page's.
func (p *Page) has(f fyne.Focusable) bool {
	d := p.detail
	own := []fyne.Focusable{p.list, p.marked, p.again, d.words.Focusable(), d.primary, d.nothing, d.act, d.hand, d.chart, d.save, d.leave}
	for _, pill := range p.pills {
		own = append(own, pill)
	}
	return slices.Contains(own, f)
}

// arrange shows the list, the open line, or both where there is room.
func (p *Page) arrange() {
	some := len(p.state.Lines) > 0
	kit.SetShown(p.empty, !some)
	kit.SetShown(p.panel, some && (!p.narrow || !p.reads))
	kit.SetShown(p.side, some && p.state.Open != nil && (!p.narrow || p.reads))
}

// fill lists the lines at the present scale and width.
func (p *Page) fill() {
	items := make([]kit.Item, 0, len(p.state.Lines)+5)
	probe := newRow().(*row)
	last := ward.InboxKind("")
	for _, l := range p.state.Lines {
		if l.Kind != last {
			last = l.Kind
			items = append(items, kit.Item{ID: "head " + string(l.Kind), Height: 26, Group: true, Data: l})
		}
		probe.set(l, false)
		it := kit.Item{ID: l.ID, Height: probe.high(p.list.Size().Width), Key: l.Who.ShowName(), Data: l, Urgent: l.Kind == ward.InboxCritical}
		if l.Kind == ward.InboxCritical {
			it.Bar = theme.Critical
		}
		items = append(items, it)
	}
	p.list.SetItems(items)
	if p.state.Open != nil && p.list.Selected() != p.state.Open.ID {
		p.list.Select(p.state.Open.ID)
		if p.list.Focused() {
			p.list.Reveal(p.state.Open.ID)
		}
	}
}

func (p *Page) bind(o fyne.CanvasObject, it kit.Item, st kit.RowState) {
	l, ok := it.Data.(view.Line)
	switch r := o.(*row); {
	case !ok:
	case it.Group:
		r.title(view.Title(l.Kind))
	default:
		r.set(l, st.Gone)
	}
}

// click marks where the box is; anywhere else it opens the line.
func (p *Page) click(id string, at fyne.Position) bool {
	for _, l := range p.state.Lines {
		if l.ID == id && l.CanMark && at.X < theme.Px(boxed) {
			p.m.Mark(id)
			return true
		}
	}
	p.list.Select(id)
	p.m.Select(id)
	p.read(true)
	return true
}

// open is Enter on a line: the chart, or the line itself where there is room for
// one of the two.
func (p *Page) open() {
	if p.narrow && !p.reads {
		p.read(true)
		return
	}
	if p.state.Open != nil {
		p.do.Chart(p.state.Open.Who.ID)
	}
}

// read brings the open line to the front where there is room for one.
func (p *Page) read(on bool) bool {
	if !p.narrow || p.reads == on {
		return false
	}
	p.reads = on
	p.arrange()
	p.block.Changed()
	if c := canvasOf(p.block); c != nil {
		c.Unfocus()
	}
	return true
}

func (p *Page) ask(kind string) {
	p.m.Ask(kind)
	if c := canvasOf(p.block); c != nil && p.state.Asking == kind {
		kit.Focus(c, p.detail.words.Focusable())
	}
}

func (p *Page) answer() { p.m.Answer(p.detail.words.Text()) }

// leave closes the question for words, and reports whether it was open.
func (p *Page) leave() bool {
	if !p.m.Leave() {
		return false
	}
	if c := canvasOf(p.block); c != nil {
		kit.Focus(c, p.list)
	}
	return true
}

// Key does what a key of the window means here, and reports whether it meant
// anything.
func (p *Page) Key(ev *fyne.KeyEvent) bool {
	l := p.state.Open
	if l == nil || p.state.Busy {
		return false
	}
	switch ev.Name {
	case fyne.KeyF5:
		if l.Kind == ward.InboxCritical || l.Kind == ward.InboxQuiet {
			p.m.Take()
			return true
		}
	case fyne.KeyF6:
		switch {
		case p.state.Marked > 0:
			p.m.AcknowledgeMarked()
		case l.CanMark:
			p.m.Acknowledge()
		default:
			p.ask("acting")
		}
		return true
	case fyne.KeyF7:
		if !l.CanMark {
			p.ask("handed-to")
			return true
		}
	case fyne.KeyEscape:
		return p.leave() || p.read(false)
	default: // is the window's
	}
	return false
}

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) {
	d := p.detail
	o, ok := map[string]fyne.CanvasObject{
		"results": p.list, "marked": p.marked, "primary": d.primary, "nothing": d.nothing, "acting": d.act, "hand-to": d.hand, "chart": d.chart, "words": d.words, "save": d.save,
	}[name]
	return o, ok && o.Visible() && (o == fyne.CanvasObject(p.list) || o == fyne.CanvasObject(p.marked) || p.side.Visible())
}

func (p *Page) place(size fyne.Size) {
	px := theme.Px
	width := max(size.Width-px(24), 0)
	h := kit.HeightFor(p.bar, width)
	kit.PlaceAt(p.bar, px(12), px(6), width, h)
	y := px(6) + h + px(8)
	rest := max(size.Height-y-px(10), 0)
	kit.PlaceAt(p.empty, px(12), y, width, rest)
	left := min(max(size.Width*0.36, px(380)), px(468))
	narrow := size.Width < px(820)
	if narrow {
		left = width
	}
	if narrow != p.narrow {
		p.narrow, p.reads = narrow, false
		p.arrange()
	}
	kit.PlaceAt(p.panel, px(12), y, left, rest)
	if narrow {
		kit.PlaceAt(p.side, px(12), y, width, rest)
	} else {
		kit.PlaceAt(p.side, px(24)+left, y, width-left-px(12), rest)
	}
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
