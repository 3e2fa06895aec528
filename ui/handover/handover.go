// Package handover draws the handover page: one row a patient in the five columns
// of I-PASS, and beside them the form in which somebody writes, gives, accepts or
// notes a call down.
//
// Boxed facts come from the record and carry their own times; everything else is
// what people wrote. It binds the view model to widgets; everything can be done
// by keyboard alone.
package handover

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/handover"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The icons of the package, by the names of assets.
const (
	iconPrint    = "printer-bold"
	iconGive     = "arrows-left-right-bold"
	iconWrite    = "note-pencil-bold"
	iconCall     = "phone-call-bold"
	iconUnstable = "warning-octagon-fill"
	iconWatcher  = "eye-fill"
	iconStable   = "check-circle-fill"
	iconQuestion = "question-bold"
	iconAllergy  = "warning-diamond-fill"
	iconRoutine  = "list-checks-bold"
	iconOverdue  = "clock-countdown-fill"
	iconUnsent   = "cloud-arrow-up-fill"
	iconLate     = "warning-fill"
	iconSimilar  = "users-bold"
)

// Actions are what the page asks of the window.
type Actions struct {
	Chart func(ward.PatientID)
	Print func()
}

// Page is the handover page.
type Page struct {
	m     *view.Model
	do    Actions
	state view.State

	block         *kit.Block
	pills         kit.FilterPills
	resumes       bool         // the next form that opens is one that was begun before
	early         fyne.KeyName // that was pressed before the sheets were here
	bar           *fyne.Container
	print, give   *kit.Button
	again         *kit.Button
	asOf          *kit.Line
	heads         *heads
	list          *kit.List
	panel         *kit.Panel
	empty         *kit.Empty
	trouble       *kit.Note
	accept, write *kit.Button
	call          *kit.Button
	chosen        *kit.Flow
	name          []kit.Span // what chosen says
	foot          *kit.Flow
	deeds         *fyne.Container
	form          *form
	side          *kit.Panel
	width         float32
	narrow        bool
}

// New makes the page.
func New(m *view.Model, do Actions, typing *kit.Typing, clock kit.Clock) *Page {
	p := &Page{m: m, do: do, asOf: kit.NewLine(), empty: kit.NewEmpty(words.T("Loading the sheets")), trouble: kit.NewNote(kit.CriticalNote), chosen: kit.NewFlow(), foot: kit.NewFlow(), heads: newHeads()}
	p.list = kit.NewList(newRow, p.bind, clock)
	p.list.OnSurface = true
	p.list.OnSelect = func(id string) { m.Select(id) }
	p.list.OnOpen = func(string) { p.chart() }
	p.list.OnHeld = func(waiting bool) { kit.SetShown(p.again, waiting); p.block.Changed() }
	p.panel = kit.NewPanel(kit.PanelConfig{}, kit.NewFill(p.heads, p.list))
	p.form = newForm(p, typing)
	p.side = kit.NewPanel(kit.PanelConfig{}, p.form.object)
	p.print = kit.NewButton(printConfig(0), do.Print)
	p.give = kit.NewButton(kit.ButtonConfig{Text: words.T("Give handover"), Icon: iconGive, Key: "F2", Kind: kit.Primary}, func() { p.begin(m.GiveTo) })
	p.again = kit.NewButton(kit.ButtonConfig{Text: words.T("Sort again"), Size: kit.Small}, func() { p.list.SortAgain() })
	p.accept = kit.NewButton(kit.ButtonConfig{Text: words.T("Read back"), Key: "F6"}, func() { p.begin(m.AcceptOpen) })
	p.write = kit.NewButton(kit.ButtonConfig{Text: words.T("Write"), Icon: iconWrite, Key: "F3"}, func() { p.begin(m.WriteOpen) })
	p.call = kit.NewButton(kit.ButtonConfig{Text: words.T("Call about them"), Icon: iconCall, Key: "F8"}, func() { p.begin(m.CallOpen) })
	p.pills = kit.NewFilterPills(view.Filters(), m.SetFilter)
	p.bar = kit.NewBar(8, append(p.pills.Objects(), kit.NewSpring(), p.again, p.asOf, p.print, p.give)...)
	p.deeds = kit.NewBar(8, p.write, p.accept, p.call)
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.bar, p.trouble, p.panel, p.empty, p.chosen, p.deeds, p.foot, p.side},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) }, Place: p.place, Redraw: p.fill,
	}
	p.block.Init(p.block)
	for _, o := range []kit.Hidable{p.again, p.panel, p.side, p.trouble, p.deeds, p.chosen} {
		kit.SetShown(o, false)
	}
	return p
}

// printConfig says how many patients are on the print before it is pressed.
func printConfig(sheets int) kit.ButtonConfig {
	text := words.T("Print sheets")
	if sheets > 0 {
		text = words.N(sheets, "Print %d sheet", "Print %d sheets")
	}
	return kit.ButtonConfig{Text: text, Icon: iconPrint, Key: "F9", Off: sheets == 0}
}

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// Resume opens a form about a patient again, once their sheet has been read.
func (p *Page) Resume(id ward.PatientID, kind view.Kind) {
	p.resumes = !p.state.Loaded // else it opens at once, or not at all
	if p.m.Resume(id, kind); !p.resumes && p.state.Form != nil {
		p.form.focus()
	}
}

// Anew is called when the page is turned to: what was held while nobody saw it is in
// its order then.
func (p *Page) Anew(bool) {
	p.early = "" // it was meant for the page as it was left
	p.list.Anew(true)
}

// First is what the arrow keys find.
func (p *Page) First() fyne.Focusable { return p.list }

// begin opens a form and goes to its first field.
func (p *Page) begin(open func()) {
	open()
	p.form.focus()
}

// Show draws a state.
func (p *Page) Show(s view.State) {
	closed := p.state.Form != nil && s.Form == nil
	p.state = s
	for i, f := range s.Pills {
		p.pills.Show(i, f.Text, f.Count, f.On)
	}
	p.asOf.Update(kit.T(s.AsOf, kit.Caption, theme.TextMuted))
	said := s.Empty
	switch {
	case !s.Loaded && s.Error != "":
		said = s.Error
	case !s.Loaded && p.early == fyne.KeyF2:
		said = words.T("Loading the sheets from this computer’s copy. The form of the handover opens when they are here.")
	case !s.Loaded && p.early != "":
		said = words.F("Loading the sheets from this computer’s copy. Press %s again when they are here: nobody is chosen yet.", string(p.early))
	case !s.Loaded:
		said = words.T("Loading the sheets from this computer’s copy")
	}
	p.empty.Update(said)
	told := s.Error != "" && s.Loaded && s.Form == nil
	kit.SetShown(p.trouble, told)
	if told {
		p.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.BodyStrong, theme.CriticalText))
	}
	p.give.Update(kit.ButtonConfig{Text: words.T("Give handover"), Icon: iconGive, Key: "F2", Kind: kit.Primary, Off: len(s.Lines) == 0 || s.Busy})
	p.print.Update(printConfig(len(s.Lines)))
	p.showFoot()
	p.form.show(s)
	p.arrange()
	p.fill()
	p.block.Changed()
	if p.resumes && s.Form != nil {
		p.resumes = false
		p.form.focus()
	}
	if c := canvasOf(p.block); closed && c != nil && p.form.has(c.Focused()) {
		c.Unfocus() // it is gone, and the arrow keys are the list's
	}
	p.late()
}

// soon keeps a key that came before the sheets were here. To give the whole list over is
// done when they are; the others are about one patient, and nobody is chosen yet: the page
// says so.
func (p *Page) soon(key fyne.KeyName) bool {
	switch key {
	case fyne.KeyF2, fyne.KeyF3, fyne.KeyF6, fyne.KeyF8:
	default:
		return false
	}
	if p.state.Loaded || p.state.Error != "" {
		return false
	}
	p.early = key
	p.Show(p.state)
	return true
}

// late does what was asked for while the sheets were read, if whoever asked is still here
// and has begun nothing else.
func (p *Page) late() {
	if !p.state.Loaded || p.early == "" {
		return
	}
	key, c := p.early, canvasOf(p.block)
	p.early = ""
	if key == fyne.KeyF2 && p.state.Form == nil && len(p.state.Lines) > 0 && p.block.Visible() && (c == nil || c.Focused() == nil) {
		p.begin(p.m.GiveTo)
	}
}

// showFoot says whom the deeds are about, and what waits.
func (p *Page) showFoot() {
	l, ok := p.openLine()
	if ok {
		p.name = []kit.Span{kit.T(l.Sheet.Who.Bed, kit.BodyBold, theme.Text), kit.T(l.Sheet.Who.ShowName(), kit.BodyStrong, theme.Text).After(8)}
		p.chosen.Update(p.name...)
	}
	kit.SetShown(p.accept, ok && l.CanAccept)
	foot := []kit.Span{kit.T(words.T("Boxed facts come from the record and carry their own times. Free text is only changed by people."), kit.Caption, theme.TextMuted)}
	switch {
	case p.state.Foot == "":
	case p.state.Late:
		foot = append([]kit.Span{{Icon: iconLate, Text: p.state.Foot, Style: kit.BodyStrong, Color: theme.WarningText}}, foot...)
		foot[1].Gap = 16
	default:
		foot = append([]kit.Span{kit.T(p.state.Foot, kit.DenseStrong, theme.Text)}, foot...)
		foot[1].Gap = 16
	}
	p.foot.Update(foot...)
}

func (p *Page) openLine() (view.Line, bool) {
	for _, l := range p.state.Lines {
		if l.ID == p.state.Open {
			return l, true
		}
	}
	return view.Line{}, false
}

// arrange shows the sheets, the form, or both where there is room.
func (p *Page) arrange() {
	some, form := len(p.state.Lines) > 0, p.state.Form != nil
	beside := !form || !p.narrow // there is room for more than the form
	kit.SetShown(p.side, form)
	list := some && beside
	kit.SetShown(p.empty, !some && beside)
	kit.SetShown(p.panel, list)
	kit.SetShown(p.deeds, list && !form)
	kit.SetShown(p.chosen, list && !form)
	kit.SetShown(p.foot, beside)
}

// fill lists the sheets at the present scale and width.
func (p *Page) fill() {
	items := make([]kit.Item, 0, len(p.state.Lines))
	probe := newRow().(*row)
	w := p.list.Size().Width
	for _, l := range p.state.Lines {
		probe.set(l, false)
		it := kit.Item{ID: l.ID, Height: probe.high(w), Key: l.Sheet.Who.ShowName(), Data: l}
		if l.Severity == ward.Unstable {
			it.Bar = theme.Critical
		}
		items = append(items, it)
	}
	p.heads.fit(w)
	p.list.SetItems(items)
	p.list.Select(p.state.Open)
}

func (p *Page) bind(o fyne.CanvasObject, it kit.Item, st kit.RowState) {
	if l, ok := it.Data.(view.Line); ok {
		o.(*row).set(l, st.Gone)
	}
}

func (p *Page) chart() {
	if l, ok := p.openLine(); ok {
		p.do.Chart(l.Sheet.Who.ID)
	}
}

// leave closes the form, and reports whether it was open.
func (p *Page) leave() bool {
	if !p.m.Leave() {
		return false
	}
	p.unfocus()
	return true
}

func (p *Page) unfocus() {
	if c := canvasOf(p.block); c != nil {
		c.Unfocus()
	}
}

// Key does what a key of the window means here, and reports whether it meant
// anything.
func (p *Page) Key(ev *fyne.KeyEvent) bool {
	if p.state.Form != nil {
		switch ev.Name {
		case fyne.KeyF2:
			p.m.Save()
			return true
		case fyne.KeyEscape:
			return p.leave()
		default:
			return ev.Name == fyne.KeyF3 || ev.Name == fyne.KeyF6 || ev.Name == fyne.KeyF8
		}
	}
	if len(p.state.Lines) == 0 {
		return p.soon(ev.Name)
	}
	switch ev.Name {
	case fyne.KeyF2:
		p.begin(p.m.GiveTo)
	case fyne.KeyF3:
		p.begin(p.m.WriteOpen)
	case fyne.KeyF6:
		p.begin(p.m.AcceptOpen)
	case fyne.KeyF8:
		p.begin(p.m.CallOpen)
	default:
		return false
	}
	return true
}

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) {
	o, ok := map[string]fyne.CanvasObject{
		"sheets": p.list, "print": p.print, "give": p.give, "read-back": p.accept, "write": p.write, "call": p.call,
	}[name]
	if ok {
		return o, o.Visible()
	}
	o, ok = p.form.named()[name]
	return o, ok && p.side.Visible() && o.Visible()
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
	if narrow := size.Width < px(980); narrow != p.narrow {
		p.narrow = narrow
		p.arrange()
	}
	left := width
	if p.state.Form != nil && !p.narrow {
		left = max(width-px(452), 0)
		kit.PlaceAt(p.side, px(24)+left, y, px(440), max(size.Height-y-px(10), 0))
	} else {
		kit.PlaceAt(p.side, px(12), y, width, max(size.Height-y-px(10), 0))
	}
	end := p.placeFoot(size, y, left)
	kit.PlaceAt(p.empty, px(12), y, left, max(end-y, 0))
	kit.PlaceAt(p.panel, px(12), y, left, max(end-y, 0))
	if left != p.width { // rows wrap at another place
		p.width = left
		p.fill()
	}
}

// placeFoot sets whom the deeds are about, the deeds and the foot under the list,
// and returns where the list ends.
func (p *Page) placeFoot(size fyne.Size, top, left float32) float32 {
	px := theme.Px
	end := size.Height - px(8)
	if p.foot.Visible() {
		h := p.foot.HeightFor(left)
		end = max(end-h, top)
		kit.PlaceAt(p.foot, px(12), end, left, h)
		end -= px(6)
	}
	if !p.deeds.Visible() {
		return end
	}
	name := min(kit.WidthOf(p.name...)+px(8), left)
	deeds := max(left-name-px(12), px(200))
	stacked := left-name-px(12) < px(420)
	if stacked {
		deeds, name = left, left
	}
	h := kit.HeightFor(p.deeds, deeds)
	n := p.chosen.HeightFor(name)
	if stacked {
		kit.PlaceAt(p.deeds, px(12), end-h, deeds, h)
		kit.PlaceAt(p.chosen, px(12), end-h-px(4)-n, name, n)
		return end - h - n - px(12)
	}
	h = max(h, n)
	kit.PlaceAt(p.chosen, px(12), end-h+(h-n)/2, name, n)
	kit.PlaceAt(p.deeds, px(24)+name, end-h, deeds, h)
	return end - h - px(8)
}

func canvasOf(o fyne.CanvasObject) fyne.Canvas {
	if fyne.CurrentApp() == nil {
		return nil
	}
	return fyne.CurrentApp().Driver().CanvasForObject(o)
}
