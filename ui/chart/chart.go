// Package chart draws one patient's chart: the banner that never leaves, and
// the tabs for results, vital signs, allergies, problems, orders, notes, routines,
// visits and the timeline.
//
// It binds the view model to widgets and computes no clinical fact. A button
// acts on what was drawn when it was pressed; a form that was begun for one
// patient is emptied before another one's name stands above it; no value is cut
// at any text size; everything can be done by keyboard alone.
package chart

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// tab is what each tab of the chart can do.
type tab interface {
	object() fyne.CanvasObject
	show(s view.State, now time.Time)
	key(ev *fyne.KeyEvent) bool
	named() map[string]fyne.CanvasObject
	first() fyne.Focusable
}

// Page is the chart page.
type Page struct {
	m     *view.Model
	clock kit.Clock
	leave func()
	lead  []fyne.CanvasObject

	state   view.State
	drawn   ward.PatientID
	banner  *banner
	back    *kit.Button
	tabs    *kit.Tabs
	short   bool // the tabs' words are
	asOf    *kit.Line
	newTask *kit.Button // begins a task for the patient; hidden where nobody does
	opens   func(patient ward.PatientID, result ward.ResultID, sum string)
	keep    func(patient ward.PatientID)
	phoned  *kit.Button // writes a phoned result down; hidden where nobody does
	calls   kit.ButtonConfig
	bar     *fyne.Container
	held    *fyne.Container // what is not filed, on every tab
	notes   []view.Held
	under   *canvas.Rectangle
	line    *canvas.Rectangle
	tab     map[view.Tab]tab
	present view.Tab
	block   *kit.Block
}

// New makes the page. back leaves the chart for the list that it was opened
// from.
//
// lead are the window's own buttons: they stand in the page's bar where there is
// no rail, so that they cost no line of their own.
func New(m *view.Model, typing *kit.Typing, clock kit.Clock, back func(), lead ...fyne.CanvasObject) *Page {
	p := &Page{
		lead: lead, m: m, clock: clock, leave: back, asOf: kit.NewLine(), present: view.Results,
		under: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil), held: kit.NewColumn(4),
	}
	p.banner = newBanner(p.follow)
	p.back = kit.NewButton(kit.ButtonConfig{Text: words.T("Back"), Icon: iconBack, Key: words.C("key", "Esc"), Size: kit.Small}, p.goBack)
	p.phoned = kit.NewButton(kit.ButtonConfig{}, nil)
	p.phoned.Hide()
	p.tabs = kit.NewTabs(labels(), 0, func(i int) { m.SetTab(view.Tabs()[i]) })
	p.bar = kit.NewBar(8, append(append([]fyne.CanvasObject{p.back}, lead...), p.tabs, kit.NewSpring(), p.asOf, p.phoned)...)
	p.tab = map[view.Tab]tab{
		view.Results: newResults(m, typing, clock), view.Vitals: newObservations(m, typing),
		view.Allergies: newAllergies(m, typing), view.Orders: newOrders(m, typing), view.Notes: newNotes(m, typing), view.Story: newStory(m, clock),
		view.Problems: newProblems(m, typing, clock), view.Routines: newRoutines(m, typing, clock),
		view.Visits: newListing(m, view.Visits, clock), view.Medicines: newMedicines(m, clock), view.Documents: newListing(m, view.Documents, clock),
	}
	p.newTask = kit.NewButton(kit.ButtonConfig{}, nil)
	p.newTask.Hide()
	p.tab[view.Tasks] = newListing(m, view.Tasks, clock, p.newTask)
	if l, ok := p.tab[view.Documents].(*listing); ok {
		l.do = p.openDocument
	}
	if s, ok := p.tab[view.Story].(*story); ok {
		s.vitals = p.seeSets
	}
	parts := []fyne.CanvasObject{p.under, p.line, p.banner.object, p.bar, p.held}
	for _, t := range view.Tabs() {
		o := p.tab[t].object()
		kit.SetShown(o, t == view.Results)
		parts = append(parts, o)
	}
	p.block = &kit.Block{Parts: parts, Min: func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) }, Place: p.place, Redraw: p.paint}
	p.block.Init(p.block)
	p.paint()
	return p
}

// OnPhoned shows a button by which a phoned result is written down for the patient
// whose chart it is.
func (p *Page) OnPhoned(look kit.ButtonConfig, do func(ward.PatientID)) {
	p.calls = look
	p.phoned.OnTap = func() {
		if p.state.ID != "" {
			do(p.state.ID)
		}
	}
	p.phoned.Update(look)
	p.phoned.Show()
}

// OnList shows in the banner whether the patient is on the reader's own list, and the
// link that puts them on it or takes them off. is says so; known is false while nobody
// knows.
func (p *Page) OnList(is func(ward.PatientID) (on, known bool), do func(ward.PatientID)) {
	p.banner.listed, p.keep = is, do
	p.banner.draw()
}

// Relist draws what the banner says of the reader's own list anew: it may have changed.
func (p *Page) Relist() { p.banner.draw() }

// follow does what a link of the banner says, about the patient whom it stood with.
func (p *Page) follow(link string) {
	if link != linkList {
		p.m.SetTab(view.Allergies)
		return
	}
	if id := p.banner.chart.Who.ID; id != "" && p.keep != nil {
		p.keep(id)
	}
}

// OnTask opens a task that is still to be done, from the timeline.
func (p *Page) OnTask(do func(task string)) {
	if s, ok := p.tab[view.Story].(*story); ok {
		s.task = do
	}
}

// OnNewTask shows a button that begins a task for the patient whose chart it is.
func (p *Page) OnNewTask(look kit.ButtonConfig, do func()) {
	p.newTask.OnTap = do
	p.newTask.Update(look)
	p.newTask.Show()
}

// openDocument opens a document of the list of documents.
func (p *Page) openDocument(id string, _ view.Deed) {
	if result, sum, ok := p.m.DocumentOf(id); ok && p.opens != nil {
		p.opens(p.state.ID, result, sum)
	}
}

// newMedicines is the list of medicines with the way to ask for one.
func newMedicines(m *view.Model, clock kit.Clock) *listing {
	return newListing(m, view.Medicines, clock, kit.NewButton(kit.ButtonConfig{Text: words.T("Request a medicine"), Icon: iconPlus, Size: kit.Small}, m.RequestMedicine))
}

// OnDocument shows a button for each document of a result; do opens it.
func (p *Page) OnDocument(do func(patient ward.PatientID, result ward.ResultID, sum string)) {
	p.opens = do
	if r, ok := p.tab[view.Results].(*results); ok {
		r.detail.open = do
	}
	if s, ok := p.tab[view.Story].(*story); ok {
		s.document = do
	}
}

// OnLabels shows buttons that print the labels of this patient's open tests, so many
// of each. key is the one that prints all of them.
func (p *Page) OnLabels(key string, do func(patient ward.PatientID, orders []fhir.ID, copies int)) {
	if o, ok := p.tab[view.Orders].(*orders); ok {
		o.list.labels(key, func(list []fhir.ID, copies int) { do(o.id, list, copies) })
	}
}

// Copies is how many labels of each are printed.
func (p *Page) Copies() int {
	if o, ok := p.tab[view.Orders].(*orders); ok {
		return o.list.copies
	}
	return 1
}

func labels() []string { return tabWords(false) }

// tabWords are the words of the tabs; short where the window is narrow, so that they
// stand beside the button that leads back and cost no line of their own.
func tabWords(short bool) []string {
	out := make([]string, 0, len(view.Tabs()))
	for _, t := range view.Tabs() {
		name := t.Say()
		if short && t == view.Vitals {
			name = words.T("Vitals")
		}
		out = append(out, name)
	}
	return out
}

func (p *Page) paint() {
	p.under.FillColor, p.line.FillColor = theme.Color(theme.Surface), theme.Color(theme.Line)
}

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// First is what gets the focus when the page is opened.
func (p *Page) First() fyne.Focusable { return p.tab[p.present].first() }

// Enter turns the present tab to where something is typed: whoever asks to enter
// must not find a page that only shows.
func (p *Page) Enter() {
	if t, ok := p.tab[p.present].(interface{ enter() }); ok {
		t.enter()
	}
}

// seeSets turns the tab of vital signs to the sets that there are.
func (p *Page) seeSets() {
	if o, ok := p.tab[view.Vitals].(*observations); ok {
		o.turnTo(sideChart)
	}
}

// Stray is what gets the focus when somebody types and nothing has it; nil where
// that could change what is filled in.
func (p *Page) Stray() fyne.Focusable {
	if t, ok := p.tab[p.present].(interface{ stray() fyne.Focusable }); ok {
		return t.stray()
	}
	return p.First()
}

func (p *Page) now() time.Time {
	if p.clock.Now != nil {
		return p.clock.Now()
	}
	return time.Now()
}

// Show draws a state.
func (p *Page) Show(s view.State) {
	p.state = s
	now := p.now()
	if s.ID != p.drawn {
		p.drawn = s.ID
		p.banner.update(ward.Chart{}, now) // the old name goes before anything else
	}
	p.banner.update(s.Chart, now)
	p.asOf.Update(kit.T(s.AsOf, kit.Caption, theme.TextMuted))
	p.showHeld(s.Held)
	turned := p.present != s.Tab
	p.present = s.Tab
	p.tabs.Update(tabWords(p.short), slices.Index(view.Tabs(), s.Tab))
	for _, t := range view.Tabs() {
		kit.SetShown(p.tab[t].object(), t == s.Tab)
		p.tab[t].show(s, now)
	}
	p.block.Changed()
	if turned {
		p.focus()
	}
}

// showHeld says what is not filed, above whatever tab is open.
func (p *Page) showHeld(list []view.Held) {
	if slices.Equal(list, p.notes) {
		return
	}
	p.notes, p.held.Objects = list, nil
	for _, h := range list {
		tone := kit.LateNote
		if h.Critical {
			tone = kit.CriticalNote
		}
		p.held.Objects = append(p.held.Objects, kit.NewNote(tone, kit.T(h.Head, kit.BodyStrong, theme.Text), kit.T(h.Words, kit.Dense, theme.Text).After(8)))
	}
	p.held.Refresh()
}

// focus goes to where the work of a tab begins; while somebody moves along the
// tabs it stays with them.
func (p *Page) focus() {
	c := canvasOf(p.block)
	if c == nil || c.Focused() == nil || c.Focused() == fyne.Focusable(p.tabs) {
		return
	}
	if o, ok := c.Focused().(fyne.CanvasObject); ok && !o.Visible() {
		c.Unfocus()
	}
}

func canvasOf(o fyne.CanvasObject) fyne.Canvas {
	app := fyne.CurrentApp()
	if app == nil {
		return nil
	}
	return app.Driver().CanvasForObject(o)
}

// Key does what a key of the window means here, and reports whether it meant
// anything.
func (p *Page) Key(ev *fyne.KeyEvent) bool {
	if p.state.ID == "" {
		return false
	}
	if p.tab[p.present].key(ev) {
		return true
	}
	if ev.Name == fyne.KeyEscape {
		p.goBack()
		return true
	}
	return false
}

func (p *Page) goBack() {
	if p.leave != nil {
		p.leave()
	}
}

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) {
	switch name {
	case "tabs":
		return p.tabs, true
	case "back":
		return p.back, true
	case "phoned":
		return p.phoned, p.phoned.Visible()
	}
	o, ok := p.tab[p.present].named()[name]
	return o, ok && o.Visible()
}

func (p *Page) place(size fyne.Size) {
	px := theme.Px
	low := size.Height < px(lowWindow)
	p.banner.fit(size.Width, low)
	for _, o := range p.lead {
		kit.SetShown(o, size.Width < px(leadBelow))
	}
	p.fitBar(size.Width)
	h := p.banner.object.HeightFor(size.Width)
	kit.PlaceAt(p.banner.object, 0, 0, size.Width, h)
	bar := max(kit.HeightFor(p.bar, size.Width-px(24)), px(34))
	kit.PlaceAt(p.under, 0, h, size.Width, bar)
	kit.PlaceAt(p.bar, px(12), h, size.Width-px(24), bar)
	kit.PlaceAt(p.line, 0, h+bar, size.Width, theme.Stroke(theme.Hairline))
	above, below := px(8), px(10)
	if low {
		above, below = px(2), px(2)
	}
	top := h + bar + above
	if len(p.held.Objects) > 0 {
		high := kit.HeightFor(p.held, size.Width-px(24))
		kit.PlaceAt(p.held, px(12), top, size.Width-px(24), high)
		top += high + above
	}
	for _, t := range p.tab {
		kit.PlaceAt(t.object(), px(12), top, max(size.Width-px(24), 0), max(size.Height-top-below, 0))
	}
}

// fitBar gives the tabs the room that they need: first the words of the buttons
// beside them go, which their icons stand for, then the long words of the tabs. Where
// that is not enough, the tabs show as many as fit.
func (p *Page) fitBar(width float32) {
	px := theme.Px
	narrow := width < px(leadBelow)
	if p.phoned.Visible() {
		look := p.calls
		if width < px(phonedBelow) {
			look.Text, look.Key = "", ""
		}
		p.phoned.Update(look)
	}
	after := p.asOf.MinSize().Width // what stands behind the tabs
	for _, o := range []fyne.CanvasObject{p.asOf, p.phoned} {
		if o.Visible() {
			after += px(8)
		}
	}
	if p.phoned.Visible() {
		after += p.phoned.MinSize().Width
	}
	at, room := slices.Index(view.Tabs(), p.present), float32(0)
	for _, try := range []struct{ icon, short bool }{{false, false}, {true, false}, {true, true}} {
		back := kit.ButtonConfig{Text: words.T("Back"), Icon: iconBack, Key: words.C("key", "Esc"), Size: kit.Small}
		if try.icon || narrow {
			back.Text, back.Key = "", ""
		}
		p.short = try.short || narrow
		p.back.Update(back)
		p.tabs.Update(tabWords(p.short), at)
		room = width - px(24) - p.back.MinSize().Width - px(8)
		for _, o := range p.lead {
			if o.Visible() {
				room -= o.MinSize().Width + px(8)
			}
		}
		switch full := p.tabs.Full(); {
		case full <= room-after:
			p.tabs.SetRoom(room)
			return
		case (full > room || narrow) && room-after >= px(leastTabs): // by turns, and no line more for what stands behind them
			p.tabs.SetRoom(room - after)
		default:
			p.tabs.SetRoom(max(room, px(120)))
		}
	}
	// What stands behind them keeps its place in the line, where a few tabs still have
	// room: a line of its own would cost a result.
	if room-after >= px(fewTabs) {
		p.tabs.SetRoom(room - after)
	}
}

// fewTabs is how wide the tabs are at least before what stands behind them goes to
// the next line.
const fewTabs = 330

// Leads says whether the page shows its lead.
func (p *Page) Leads() bool { return p.block.Size().Width < theme.Px(leadBelow) }

const (
	// lowWindow is below which height everything but the results gives way: at
	// text of 200 % on a small screen, under a red band.
	lowWindow = 340
	// leadBelow is below which width the window has no rail, and the page holds
	// the buttons that stand for it.
	leadBelow = 760
	// leastTabs is the room in which a few tabs are still seen at once.
	leastTabs = 240
	// phonedBelow is below which width the button for a phoned result is an icon.
	phonedBelow = 1000
)
