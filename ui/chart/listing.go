package chart

import (
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// listing is a tab that is a list: above it what can be done with the chosen row; its
// first row says what the list is, and up to when it is right. Letters jump, Enter does
// the first of what can be done; only the rows in view are made.
type listing struct {
	m   *view.Model
	tab view.Tab
	do  func(id string, deed view.Deed) // what a press on an action does

	state view.State
	shown view.Listing
	id    ward.PatientID

	acts   []*kit.Button // for the chosen row
	offer  []view.Act
	bar    *fyne.Container
	status *status // where something is written here
	list   *kit.List
	panel  *kit.Panel
	empty  *kit.Empty
	probe  *entryRow // measures
	block  *kit.Block
}

// mostActs bounds what one row offers.
const mostActs = 4

// newListing makes the tab. more are buttons that do not depend on a row.
func newListing(m *view.Model, tab view.Tab, clock kit.Clock, more ...fyne.CanvasObject) *listing {
	l := &listing{m: m, tab: tab, status: newStatus(), empty: kit.NewEmpty(""), probe: newEntryRow()}
	l.do = m.DoEntry
	l.list = kit.NewList(func() fyne.CanvasObject { return newEntryRow() }, l.bind, clock)
	l.list.OnSurface = true
	l.list.Exact = l.high
	l.list.OnSelect = func(string) { l.offerActs(); l.block.Changed() }
	l.list.OnOpen = func(id string) { l.foremost(id) }
	l.list.OnMark = func(id string) { l.foremost(id) }
	l.list.OnClick = l.click
	l.panel = kit.NewPanel(kit.PanelConfig{}, l.list)
	objects := []fyne.CanvasObject{}
	for i := range mostActs {
		b := kit.NewButton(kit.ButtonConfig{Text: "…", Size: kit.Small}, func() { l.press(i) })
		b.Hide()
		l.acts, objects = append(l.acts, b), append(objects, b)
	}
	objects = append(objects, kit.NewSpring())
	l.bar = kit.NewBar(8, append(objects, more...)...)
	l.block = &kit.Block{
		Parts: []fyne.CanvasObject{l.bar, l.status.box, l.panel, l.empty},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }, Place: l.place, Redraw: l.fill,
	}
	l.block.Init(l.block)
	return l
}

func (l *listing) object() fyne.CanvasObject  { return l.block }
func (l *listing) first() fyne.Focusable      { return l.list }
func (l *listing) key(ev *fyne.KeyEvent) bool { return false }

func (l *listing) named() map[string]fyne.CanvasObject {
	out := map[string]fyne.CanvasObject{"entries": l.list}
	for i, a := range l.offer {
		out["entry-"+string(a.Do)] = l.acts[i]
	}
	return out
}

func (l *listing) show(s view.State, _ time.Time) {
	if s.Tab != l.tab {
		return // nothing of it is seen, and it is drawn when it is
	}
	other := s.ID != l.id
	same := !other && reflect.DeepEqual(s.List, l.shown)
	l.state, l.shown, l.id = s, s.List, s.ID
	l.status.show(s)
	if same {
		l.block.Changed()
		return
	}
	l.empty.Update(s.List.Empty)
	kit.SetShown(l.empty, s.List.Empty != "")
	kit.SetShown(l.panel, s.List.Empty == "")
	if other {
		l.list.SetAnswer(l.items(), "")
	} else {
		l.list.SetItems(l.items())
	}
	l.offerActs()
	l.block.Changed()
}

func (l *listing) items() []kit.Item {
	items := make([]kit.Item, 0, len(l.shown.Entries)+1)
	if len(l.shown.Words) > 0 {
		items = append(items, kit.Item{ID: "words", Height: 26, Group: true, Data: l.shown.Words})
	}
	for i := range l.shown.Entries {
		e := &l.shown.Entries[i]
		it := kit.Item{ID: e.ID, Height: 44, Key: e.Key, Data: e, Group: e.Group}
		if e.Group {
			it.Height = 26
		}
		if e.Bar {
			it.Bar = theme.Warning
		}
		items = append(items, it)
	}
	return items
}

// chosen is the row that the buttons are about.
func (l *listing) chosen() *view.Entry {
	for i := range l.shown.Entries {
		if e := &l.shown.Entries[i]; e.ID == l.list.Selected() && !e.Group {
			return e
		}
	}
	return nil
}

// offerActs shows what can be done with the chosen row.
func (l *listing) offerActs() {
	l.offer = nil
	if e := l.chosen(); e != nil && l.shown.Empty == "" {
		l.offer = e.Acts[:min(len(e.Acts), mostActs)]
	}
	for i, b := range l.acts {
		kit.SetShown(b, i < len(l.offer))
		if i < len(l.offer) {
			look := kit.ButtonConfig{Text: l.offer[i].Words, Size: kit.Small, Off: l.state.Busy}
			if i == 0 {
				look.Key = words.C("key", "Enter")
			}
			b.Update(look)
		}
	}
	l.bar.Refresh()
}

// press acts on the row for which the button was drawn.
func (l *listing) press(i int) {
	if e := l.chosen(); e != nil && i < len(l.offer) {
		l.do(e.ID, l.offer[i].Do)
	}
}

// foremost does the first of what a row offers.
func (l *listing) foremost(id string) {
	for _, e := range l.shown.Entries {
		if e.ID == id && len(e.Acts) > 0 {
			l.do(id, e.Acts[0].Do)
			return
		}
	}
}

// click does the first where the box is; anywhere else it chooses the row.
func (l *listing) click(id string, at fyne.Position) bool {
	l.list.Select(id)
	l.offerActs()
	l.block.Changed()
	for _, e := range l.shown.Entries {
		if e.ID == id && e.Box && at.X < theme.Px(entryBoxed) {
			l.foremost(id)
			return true
		}
	}
	return false
}

func (l *listing) bind(o fyne.CanvasObject, it kit.Item, st kit.RowState) {
	if r, ok := o.(*entryRow); ok {
		r.set(it, st.Gone)
	}
}

// high is how high a row really is, in design units.
func (l *listing) high(it kit.Item) float32 {
	l.probe.set(it, false)
	return l.probe.high(max(l.list.Size().Width, theme.Px(240)))
}

// fill draws the rows anew where the text is another size.
func (l *listing) fill() {
	if l.state.Tab == l.tab {
		l.list.SetAnswer(l.items(), l.list.Selected())
	}
}

func (l *listing) place(size fyne.Size) {
	top := float32(0)
	for _, o := range []fyne.CanvasObject{l.bar, l.status.box} {
		h := kit.HeightFor(o, size.Width)
		if h == 0 || !o.Visible() {
			continue
		}
		kit.PlaceAt(o, 0, top, size.Width, h)
		top += h + theme.Px(4)
	}
	for _, o := range []fyne.CanvasObject{l.panel, l.empty} {
		kit.PlaceAt(o, 0, top, size.Width, max(size.Height-top, 0))
	}
}

// entryRow draws an entry: when, what it is with its marks, and under it each line on
// its own.
type entryRow struct {
	kit.Block
	box                  *canvas.Rectangle
	tick                 *kit.Line
	beside, first, under *kit.Flow
	group, boxed, inLine bool
}

// The columns, in design units.
const (
	entryLeft  = 14
	entryBoxed = 44
	entryText  = 190
)

func newEntryRow() *entryRow {
	r := &entryRow{box: canvas.NewRectangle(nil), tick: kit.NewLine(), beside: kit.NewFlow(), first: kit.NewFlow(), under: kit.NewFlow()}
	r.Parts = []fyne.CanvasObject{r.box, r.tick, r.beside, r.first, r.under}
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(200), theme.Px(24)) }
	r.Place, r.Redraw = r.place, r.paint
	r.tick.Update(kit.I(iconCheck, kit.Body, theme.Text))
	r.Init(r)
	return r
}

func (r *entryRow) paint() {
	r.box.FillColor, r.box.StrokeColor = theme.Color(theme.Surface), theme.Color(theme.LineStrong)
	r.box.StrokeWidth, r.box.CornerRadius = theme.Stroke(theme.Control), theme.Px(3)
}

func (r *entryRow) set(it kit.Item, gone bool) {
	r.group, r.boxed, r.inLine = it.Group, false, false
	switch d := it.Data.(type) {
	case []string:
		var spans []kit.Span
		for _, w := range d {
			spans = append(spans, kit.T(w, kit.Caption, theme.TextMuted).OnOwnLine())
		}
		r.say(nil, spans, nil)
	case *view.Entry:
		if d.Group {
			r.say(nil, []kit.Span{kit.T(d.Head, kit.DenseStrong, theme.TextMuted)}, nil)
			break
		}
		r.boxed, r.inLine = d.Box && !gone, d.InLine
		r.say(besideSpans(d), entryHead(d), entryUnder(d, gone))
		kit.SetShown(r.tick, r.boxed && d.Ticked)
	}
	kit.SetShown(r.box, r.boxed)
	if !r.boxed {
		kit.SetShown(r.tick, false)
	}
	r.paint()
	r.Changed()
}

func (r *entryRow) say(beside, first, under []kit.Span) {
	r.beside.Update(beside...)
	r.first.Update(first...)
	r.under.Update(under...)
}

func besideSpans(e *view.Entry) []kit.Span {
	var out []kit.Span
	for i, w := range e.Beside {
		s := kit.T(w, kit.Dense, theme.TextMuted).OnOwnLine()
		if i == 0 {
			s = kit.T(w, kit.DenseStrong, theme.Text)
		}
		out = append(out, s)
	}
	return out
}

func entryHead(e *view.Entry) []kit.Span {
	out := []kit.Span{struckIf(e.Struck, kit.T(e.Head, kit.BodyStrong, theme.Text))}
	if e.After != "" {
		out = append(out, struckIf(e.Struck, kit.T(e.After, kit.Body, theme.Text).After(8)))
	}
	for _, m := range e.Marks {
		out = append(out, markOf(m))
	}
	return out
}

func entryUnder(e *view.Entry, gone bool) []kit.Span {
	if gone {
		return []kit.Span{kit.T(words.T("no longer here"), kit.CaptionStrong, theme.TextMuted)}
	}
	var out []kit.Span
	for _, w := range e.Warns {
		out = append(out, kit.Span{Icon: iconWarning, IconColor: theme.WarningText, Text: w, Style: kit.DenseStrong, Color: theme.WarningText, Own: true})
	}
	for _, w := range e.Lines {
		out = append(out, kit.Lines(w, kit.Dense, theme.Text)...)
	}
	return out
}

// stacked says that what stands beside stands above the words: there is no room.
func (r *entryRow) stacked(w float32) bool { return w < theme.Px(560) }

func (r *entryRow) left() float32 {
	if r.boxed || r.inLine {
		return theme.Px(entryBoxed)
	}
	return theme.Px(entryLeft)
}

func (r *entryRow) textAt(w float32) float32 {
	if r.group || r.stacked(w) || r.beside.Text() == "" {
		return r.left()
	}
	return r.left() + theme.Px(entryText-entryLeft)
}

func (r *entryRow) room(w float32) float32 { return max(w-r.textAt(w)-theme.Px(14), theme.Px(100)) }

func (r *entryRow) besideRoom(w float32) float32 {
	if r.stacked(w) {
		return max(w-r.left()-theme.Px(14), theme.Px(100))
	}
	return theme.Px(entryText - entryLeft - 12)
}

func (r *entryRow) besideHigh(w float32) float32 {
	if r.group || r.beside.Text() == "" {
		return 0
	}
	return r.beside.HeightFor(r.besideRoom(w))
}

func (r *entryRow) high(w float32) float32 {
	text := r.room(w)
	h := r.first.HeightFor(text)
	if r.group {
		return max(26, rowUp(h+theme.Px(8)))
	}
	if r.under.Text() != "" {
		h += r.under.HeightFor(text)
	}
	if r.stacked(w) {
		h += r.besideHigh(w)
	} else {
		h = max(h, r.besideHigh(w))
	}
	return max(32, rowUp(h+theme.Px(10)))
}

func (r *entryRow) place(size fyne.Size) {
	px, w := theme.Px, size.Width
	x, text := r.textAt(w), r.room(w)
	first := r.first.HeightFor(text)
	if r.group {
		kit.PlaceAt(r.first, x, (size.Height-first)/2, text, first)
		return
	}
	y := px(5)
	kit.PlaceAt(r.box, px(entryLeft), y+px(2), px(18), px(18))
	kit.PlaceAt(r.tick, px(entryLeft+2), y+px(2), px(16), px(18))
	beside := r.besideHigh(w)
	kit.PlaceAt(r.beside, r.left(), y, r.besideRoom(w), beside)
	if r.stacked(w) {
		y += beside
	}
	kit.PlaceAt(r.first, x, y, text, first)
	kit.PlaceAt(r.under, x, y+first, text, r.under.HeightFor(text))
}

// markOf is a mark with its colour and its shape: colour alone says nothing.
func markOf(m view.Mark) kit.Span {
	chip := kit.Chip(m.Words, "", kit.Quiet)
	switch m.Tone {
	case view.Late:
		chip = kit.Chip(m.Words, iconOverdue, kit.LateTone)
	case view.Care:
		chip = kit.Chip(m.Words, "", kit.LateTone)
	case view.Urgent:
		chip = kit.Chip(m.Words, iconWarning, kit.WarningTone)
	case view.Alarm:
		chip = kit.Chip(m.Words, iconCritical, kit.CriticalTone)
	case view.Changed:
		chip = kit.Chip(m.Words, iconCorrected, kit.CorrectedTone)
	case view.Unsent:
		chip = kit.Chip(m.Words, iconUnsent, kit.UnsentTone)
	case view.Done:
		chip = kit.Chip(m.Words, iconDone, kit.OKTone)
	case view.Plain:
	}
	return chip.After(8).Kept()
}
