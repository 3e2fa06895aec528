package alerts

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	view "wardlight/internal/station/view/alerts"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// Page lists what nobody has, what somebody has, and what the server holds back;
// beside it, what can be done about the chosen one.
type Page struct {
	block   *kit.Block
	do      Actions
	state   view.State
	list    *kit.List
	empty   *kit.Empty
	trouble *kit.Note
	side    *kit.Panel
	chosen  view.Line
	drawn   string // the line that the side shows
	names   map[string]fyne.CanvasObject
	width   float32
	second  *kit.Flow      // who has it; minutes count
	words   *kit.TextField // of an action; of the line at the side
	typing  *kit.Typing
	now     func() time.Time
	came    time.Time // since when a line is chosen that nobody chose
}

// Heights of the page's lines, in design units.
const (
	lineHigh = 62
	headHigh = 24
)

// NewPage makes the page.
func NewPage(do Actions, clock kit.Clock, typing *kit.Typing) *Page {
	p := &Page{do: do, now: clock.Now, typing: typing, empty: kit.NewEmpty(""), second: kit.NewFlow(), trouble: kit.NewNote(kit.CriticalNote), names: map[string]fyne.CanvasObject{}}
	if p.now == nil {
		p.now = time.Now
	}
	p.list = kit.NewList(func() fyne.CanvasObject { return newLineRow() }, p.bind, clock)
	p.list.OnSelect = p.choose
	p.list.OnOpen = func(id string) {
		if l, ok := p.line(id); ok && l.Patient != "" {
			p.do.Chart(l.Patient)
		}
	}
	p.side = kit.NewPanel(kit.PanelConfig{}, kit.NewEmpty(""))
	p.trouble.Hide()
	p.empty.Hide()
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.trouble, p.list, p.side, p.empty},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) }, Place: p.place,
		Redraw: func() { p.Show(p.state) }, // rows wrap otherwise in another text size
	}
	p.block.Init(p.block)
	return p
}

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// First is what the arrow keys find.
func (p *Page) First() fyne.Focusable { return p.list }

// Key takes the chosen alert by F5.
func (p *Page) Key(ev *fyne.KeyEvent) bool {
	if ev.Name == fyne.KeyF5 && p.chosen.Kind == view.KindOpen {
		p.take(p.chosen.Key)
		return true
	}
	if _, can := p.names["words"]; can && ev.Name == fyne.KeyF6 {
		p.words.Focus()
		return true
	}
	return false
}

// take takes a line. A key or a press that was meant for the line before, which
// has just gone, does not count for the one that came in its place.
func (p *Page) take(k view.Key) {
	if p.now().Sub(p.came) >= base.Look {
		p.do.TakeListed(k)
	}
}

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) {
	o, ok := p.names[name]
	return o, ok
}

// Show draws a state.
func (p *Page) Show(s view.State) {
	p.state = s
	items := make([]kit.Item, 0, len(s.Lines)+3)
	last := view.Kind("")
	for _, l := range s.Lines {
		if l.Kind != last {
			last = l.Kind
			items = append(items, kit.Item{ID: "head " + string(l.Kind), Height: headHigh, Group: true, Key: l.Kind.Say()})
		}
		it := kit.Item{ID: l.ID, Height: p.high(l), Key: l.Name, Data: l, Urgent: l.Kind == view.KindOpen}
		if l.Kind == view.KindOpen {
			it.Bar = theme.Critical
		}
		items = append(items, it)
	}
	p.list.SetItems(items)
	kit.SetShown(p.trouble, s.Trouble != "")
	if s.Trouble != "" {
		p.trouble.Update(kit.CriticalNote, kit.T(s.Trouble, kit.Body, theme.Text))
	}
	p.empty.Update(s.Empty)
	kit.SetShown(p.empty, s.Empty != "")
	kit.SetShown(p.list, s.Empty == "")
	kit.SetShown(p.side, s.Empty == "")
	p.keep()
	p.block.Changed()
}

// spans are a line of the list in words.
func lineSpans(l view.Line) (first, value, under []kit.Span) {
	first = []kit.Span{kit.T(l.Bed, kit.BodyBold, theme.Text), kit.T(l.Name, kit.BodyStrong, theme.Text).After(10)}
	if l.Bed == "" {
		first = []kit.Span{kit.T(l.Name, kit.BodyStrong, theme.Text)}
	}
	if l.Value != "" || l.Test != "" {
		value = []kit.Span{
			{Icon: iconCritical, IconColor: theme.CriticalText, Text: l.Test, Style: kit.BodyStrong, Color: theme.Text},
			kit.T(l.Value, kit.ValueRow, theme.CriticalText).After(6), kit.T(l.Unit, kit.Dense, theme.Text).After(6).Glued(),
		}
		if l.Word != "" {
			value = append(value, kit.Chip(l.Word, "", kit.CriticalTone).After(6).Kept())
		}
	}
	second := kit.T(l.Second, kit.Caption, theme.TextMuted)
	if l.Kind == view.KindOpen {
		second = kit.T(l.Second, kit.CaptionStrong, theme.CriticalText)
	}
	under = []kit.Span{second}
	if l.Left != "" {
		under = append(under, kit.T(l.Left, kit.CaptionStrong, theme.WarningText).After(10))
	}
	if l.Unsent {
		under = append(under, kit.Span{Icon: iconUnsent, Text: words.T("unsent"), Style: kit.CaptionStrong, Color: theme.Unsent, Gap: 10})
	}
	return first, value, under
}

// high is how high a line's row must be, so that nothing in it is cut.
func (p *Page) high(l view.Line) float32 {
	_, value, under := lineSpans(l)
	w := p.listWidth(p.block.Size()) - theme.Px(28)
	if w < theme.Px(100) {
		return lineHigh
	}
	h := kit.TextHeight(kit.BodyStrong) + kit.NewFlow(under...).HeightFor(w)
	if len(value) > 0 {
		h += kit.NewFlow(value...).HeightFor(w)
	}
	return max(h/theme.Scale()+8, 40)
}

// listWidth is the list's part of the page.
func (p *Page) listWidth(size fyne.Size) float32 {
	if size.Width/theme.Scale() < 860 { // one above the other
		return size.Width - theme.Px(24)
	}
	return min(max(size.Width*0.4, theme.Px(440)), theme.Px(560))
}

// keep holds on to the chosen line, or takes the first.
func (p *Page) keep() {
	if l, ok := p.line(p.list.Selected()); ok {
		p.open(l)
		return
	}
	if len(p.state.Lines) > 0 {
		if p.chosen.ID != "" {
			p.came = p.now()
		}
		p.list.Select(p.state.Lines[0].ID)
		p.open(p.state.Lines[0])
		return
	}
	p.chosen, p.drawn = view.Line{}, ""
}

func (p *Page) line(id string) (view.Line, bool) {
	for _, l := range p.state.Lines {
		if l.ID == id {
			return l, true
		}
	}
	return view.Line{}, false
}

func (p *Page) choose(id string) {
	if l, ok := p.line(id); ok {
		p.came = time.Time{} // by a person
		p.open(l)
	}
}

// open shows a line at the side. It is built anew only when another line is
// chosen, or its state changed: a press must find the button it was meant for.
func (p *Page) open(l view.Line) {
	p.chosen = l
	mark := l.ID + string(l.Kind) + l.Value
	if l.Kind != view.KindOpen { // minutes count, and must not take a field away from whoever types in it
		mark += l.Second
	}
	if p.drawn == mark {
		p.second.Update(secondSpan(l))
		return
	}
	p.drawn = mark
	clear(p.names)
	if l.Kind == view.KindHeld {
		p.side.SetContent(kit.NewScroll(heldBack(l)))
		return
	}
	who := kit.NewBanner(banner(l.Detail), nil)
	column := []fyne.CanvasObject{kit.NewFlow(valueSpans(l.Detail, p.block.Size().Width/theme.Scale() < 860)...)}
	for _, f := range l.Detail.Lines {
		column = append(column, kit.NewFlow(factSpans(f)...))
	}
	p.second = kit.NewFlow(secondSpan(l))
	column = append(column, p.second)
	for _, f := range l.Detail.Facts {
		column = append(column, kit.NewFieldRow(120, f.Label, wordsOf(f, l.Alert.Allergies.State)...))
	}
	column = append(column, p.answers(l))
	inside := kit.NewColumn(0, who, kit.NewInset(16, 12, kit.NewColumn(8, column...)))
	p.side.SetContent(kit.NewScroll(inside))
}

// secondSpan says who has it, or for how long nobody has.
func secondSpan(l view.Line) kit.Span {
	if l.Kind == view.KindOpen {
		return kit.T(l.Second, kit.BodyStrong, theme.CriticalText)
	}
	return kit.T(l.Second, kit.BodyStrong, theme.Text)
}

// answers are what can be done about a line. They act on the line that they were
// drawn for.
func (p *Page) answers(l view.Line) fyne.CanvasObject {
	var bar []fyne.CanvasObject
	if l.Kind == view.KindOpen {
		take := kit.NewButton(kit.ButtonConfig{Text: words.T("I take it"), Key: "F5", Kind: kit.Primary, Size: kit.Large}, func() { p.take(l.Key) })
		p.names["take"] = take
		bar = append(bar, take)
	}
	if l.Patient != "" {
		bar = append(bar, kit.NewButton(kit.ButtonConfig{Text: words.T("Open chart"), Key: words.C("key", "Enter"), Size: kit.Large}, func() { p.do.Chart(l.Patient) }))
	}
	if l.Task != "" {
		back := kit.NewButton(kit.ButtonConfig{Text: words.T("Withdraw: by mistake"), Size: kit.Large}, func() { p.do.Withdraw(l.Key.Patient, l.Task, "by mistake") })
		p.names["withdraw"] = back
		bar = append(bar, back)
	}
	if l.Acted {
		return kit.NewBar(12, bar...)
	}
	return kit.NewColumn(10, kit.NewBar(12, bar...), p.record(l))
}

// record is how an action is recorded of a line that somebody has, or that nobody
// has: the likely ones in one press, others in words.
func (p *Page) record(l view.Line) fyne.CanvasObject {
	row, buttons := likely(l.Alert, func(done string) { p.recorded(l.Key, done) }, kit.NewButton)
	nameLikely(p.names, buttons)
	p.words = kit.NewTextField(kit.TextConfig{Placeholder: words.T("Something else, in words"), Width: 300}, p.typing)
	send := func() {
		if done := strings.TrimSpace(p.words.Text()); done != "" {
			p.recorded(l.Key, done)
		}
	}
	p.words.OnEnter = send
	save := kit.NewButton(kit.ButtonConfig{Text: words.T("Record action"), Key: "F6"}, send)
	p.names["words"], p.names["save"] = p.words, save
	return kit.NewColumn(6, row, kit.NewBar(8, p.words, save))
}

// recorded records an action. What was meant for the line before does not count for
// the one that came in its place.
func (p *Page) recorded(k view.Key, done string) {
	if p.now().Sub(p.came) >= base.Look {
		p.do.Record(k, done)
	}
}

// heldBack is a critical value inside a message that nobody could be named for.
func heldBack(l view.Line) fyne.CanvasObject {
	return kit.NewInset(16, 16, kit.NewColumn(8,
		kit.NewFlow(kit.T(words.F("Held back since %s", l.At), kit.Heading, theme.Text)),
		kit.NewFlow(kit.T(l.Second, kit.Body, theme.Text)),
		kit.NewNote(kit.LateNote, kit.T(l.Third, kit.Body, theme.Text))))
}

func (p *Page) bind(o fyne.CanvasObject, it kit.Item, st kit.RowState) {
	row := o.(*lineRow)
	if it.Group {
		row.show([]kit.Span{kit.T(it.Key, kit.DenseStrong, theme.Text)}, nil, nil, nil)
		return
	}
	l, _ := it.Data.(view.Line)
	first, value, under := lineSpans(l)
	if st.Gone {
		value, under = nil, []kit.Span{kit.T(words.T("no longer waits"), kit.Caption, theme.TextMuted)}
	}
	row.show(first, value, under, []kit.Span{kit.T(l.At, kit.Dense, theme.TextMuted)})
}

func (p *Page) place(size fyne.Size) {
	px := theme.Px
	y := px(10)
	if p.trouble.Visible() {
		h := kit.HeightFor(p.trouble, size.Width-px(24))
		kit.PlaceAt(p.trouble, px(12), y, size.Width-px(24), h)
		y += h + px(8)
	}
	rest := max(size.Height-y-px(12), 0)
	kit.PlaceAt(p.empty, px(12), y, size.Width-px(24), rest)
	if size.Width != p.width { // the rows wrap to another width
		p.width = size.Width
		p.Show(p.state)
		return
	}
	if size.Width/theme.Scale() < 860 { // one above the other
		kit.PlaceAt(p.list, px(12), y, size.Width-px(24), rest*0.4)
		kit.PlaceAt(p.side, px(12), y+rest*0.4+px(8), size.Width-px(24), max(rest*0.6-px(8), 0))
		return
	}
	w := p.listWidth(size)
	kit.PlaceAt(p.list, px(12), y, w, rest)
	kit.PlaceAt(p.side, px(12)+w+px(12), y, size.Width-w-px(36), rest)
}

// lineRow is one line of the list: who, what, and who has it.
type lineRow struct {
	kit.Block
	first, right *kit.Line
	value, under *kit.Flow
}

func newLineRow() *lineRow {
	r := &lineRow{first: kit.NewLine(), value: kit.NewFlow(), under: kit.NewFlow(), right: kit.NewLine()}
	r.Parts = []fyne.CanvasObject{r.first, r.value, r.under, r.right}
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(120), theme.Px(20)) }
	r.Place = r.place
	r.Init(r)
	return r
}

func (r *lineRow) place(size fyne.Size) {
	px := theme.Px
	w := max(size.Width-px(28), 0)
	first := kit.TextHeight(kit.BodyStrong)
	if r.value.Text() == "" && r.under.Text() == "" { // a heading
		kit.PlaceMiddle(r.first, px(14), 0, size.Height)
		return
	}
	y := px(4)
	kit.PlaceMiddle(r.first, px(14), y, first)
	right := r.right.MinSize().Width
	kit.PlaceMiddle(r.right, size.Width-right-px(12), y, first)
	y += first
	for _, f := range []*kit.Flow{r.value, r.under} {
		kit.SetShown(f, f.Text() != "")
		if f.Visible() {
			h := f.HeightFor(w)
			kit.PlaceAt(f, px(14), y, w, h)
			y += h
		}
	}
}

func (r *lineRow) show(first, value, under, right []kit.Span) {
	r.first.Update(first...)
	r.value.Update(value...)
	r.under.Update(under...)
	r.right.Update(right...)
	r.Changed()
}
