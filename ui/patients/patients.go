// Package patients is the page of a ward's patients: one row each, the worst
// first, as its view model arranges them.
//
// It draws and calls back. Where the window is narrow or the text large it gives
// way in a fixed order: the spark line, the scale, tasks and flags to a second
// line, then a card for each patient. What does not fit its column wraps and the
// row grows: a value is never cut.
package patients

import (
	"slices"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/board"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// Actions are what a person can do on the page.
type Actions struct {
	Open   func(ward.PatientID)
	Filter func(board.Filter)
	ByBed  func(bool)
	// Lead stands before the filters where there is little room, as the window's
	// own buttons for which there is no other place then.
	Lead []fyne.CanvasObject
}

// Page is the page.
type Page struct {
	block *kit.Block
	do    Actions
	state board.State

	pills   []*kit.FilterPill
	folded  *kit.Button // the pills as one button, where there is little room
	unfold  bool
	asOf    *kit.Line
	order   *kit.Segmented
	again   *kit.Button
	bar     *fyne.Container
	trouble *kit.Note
	list    *kit.List
	head    *header
	empty   *kit.Empty
	foot    *footer

	plan  plan
	size  fyne.Size
	flags flagWidths
	items []kit.Item // as the list has them
	rows  *board.Rows
	drawn plan                // by which it has them
	seen  map[string]*patient // those that were drawn since the last state
}

// New makes the page.
func New(do Actions, clock kit.Clock) *Page {
	p := &Page{do: do, plan: planFor(1298, 0), asOf: kit.NewLine(), trouble: kit.NewNote(kit.CriticalNote), empty: kit.NewEmpty("")}
	for _, f := range board.Filters() {
		p.pills = append(p.pills, kit.NewFilterPill(kit.FilterPillConfig{Text: f.Say()}, func() { p.filter(f) }))
	}
	p.folded = kit.NewButton(kit.ButtonConfig{Text: board.All.Say(), Icon: iconFilter}, p.fold)
	p.order = kit.NewSegmented(kit.SegmentedConfig{Labels: []string{words.T("Worst first"), words.T("By bed")}}, func(i int) { p.do.ByBed(i == 1) })
	p.again = kit.NewButton(kit.ButtonConfig{Text: words.T("Sort again"), Size: kit.Small}, func() { p.list.SortAgain() })
	p.again.Hide()
	p.list = kit.NewList(func() fyne.CanvasObject { return newRow() }, p.bind, clock)
	p.list.ClickOpens = true
	p.list.OnOpen = func(id string) { p.do.Open(ward.PatientID(id)) }
	p.list.OnHeld = func(waiting bool) { kit.SetShown(p.again, waiting); p.block.Changed() }
	p.list.OnScrolled = func() {
		if p.foot.update(p); p.footCut() {
			p.block.Changed()
		}
	}
	p.list.Exact = func(it kit.Item) float32 { return p.inWords(it.Data.(*patient)).high }
	p.head = newHeader()
	p.foot = newFooter(p.list)
	objects := append(append([]fyne.CanvasObject{}, do.Lead...), p.folded)
	for _, pill := range p.pills {
		objects = append(objects, pill)
	}
	p.bar = kit.NewBar(6, append(objects, kit.NewSpring(), p.again, p.asOf, p.order)...)
	p.trouble.Hide()
	p.empty.Hide()
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.bar, p.trouble, p.list, p.empty, p.foot},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) },
		Place: p.place, Redraw: func() { p.items, p.seen = nil, nil; p.arrange() },
	}
	p.block.Init(p.block)
	p.foldPills()
	return p
}

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// Anew is called when the page is turned to, back where it is from a row of it: the
// worst stand on top then, whatever was held while nobody saw the page.
func (p *Page) Anew(back bool) { p.list.Anew(back) }

// First is what gets the focus when the page is opened.
func (p *Page) First() fyne.Focusable { return p.list }

// Where finds a control by its name: "filter Mine", "by bed".
func (p *Page) Where(name string) (fyne.CanvasObject, bool) {
	if name == "by bed" {
		return p.order, true
	}
	for i, f := range board.Filters() {
		if name == "filter "+string(f) {
			return p.pills[i], p.pills[i].Visible()
		}
	}
	return nil, false
}

// Leads says whether the page shows its Lead.
func (p *Page) Leads() bool { return p.plan.cards }

// Show draws a state.
func (p *Page) Show(s board.State) {
	p.state = s
	for i, pill := range s.Pills {
		if i < len(p.pills) {
			p.pills[i].Update(kit.FilterPillConfig{Text: pillText(pill), On: pill.On})
		}
		if pill.On {
			p.folded.Update(kit.ButtonConfig{Text: pillText(pill), Icon: iconFilter})
		}
	}
	asOf := p.asOf.Text()
	p.asOf.Update(kit.T(s.AsOf, kit.Caption, theme.TextMuted))
	chosen := 0
	if s.ByBed {
		chosen = 1
	}
	p.order.Update(kit.SegmentedConfig{Labels: []string{words.T("Worst first"), words.T("By bed")}, Selected: chosen})
	moved := asOf != s.AsOf || p.trouble.Visible() != (s.Trouble != "") || p.empty.Text() != s.Empty
	kit.SetShown(p.trouble, s.Trouble != "")
	if s.Trouble != "" {
		p.trouble.Update(kit.CriticalNote, kit.T(s.Trouble, kit.Body, theme.Text))
	}
	p.empty.Update(s.Empty)
	kit.SetShown(p.empty, s.Empty != "")
	kit.SetShown(p.list, s.Empty == "")
	was := p.plan
	p.arrange()
	if moved || was != p.plan {
		p.block.Changed() // else only rows changed, and the list has drawn them
	}
}

func pillText(b board.Pill) string { return b.Filter.Say() + " " + itoa(b.Count) }

func (p *Page) filter(f board.Filter) {
	p.unfold = false
	p.foldPills()
	p.do.Filter(f)
}

func (p *Page) fold() {
	p.unfold = !p.unfold
	p.foldPills()
	p.block.Changed()
}

// foldPills shows the pills, or one button in their place.
func (p *Page) foldPills() {
	few := p.plan.cards
	kit.SetShown(p.folded, few)
	for _, o := range p.do.Lead {
		kit.SetShown(o, few)
	}
	for _, pill := range p.pills {
		kit.SetShown(pill, !few || p.unfold)
	}
	kit.SetShown(p.asOf, !few) // the foot says it
}

// arrange makes the list for the present width. Words and heights are made for
// the rows in view only; of the others the list gets what it must know.
func (p *Page) arrange() {
	rows, was := p.state.Rows, p.seen
	p.plan = planFor(p.size.Width/theme.Scale(), p.flags.widest(rows))
	seen := map[string]*patient{}
	for _, id := range p.list.Viewed() {
		if was[id] != nil {
			seen[id] = was[id]
		}
	}
	p.seen = map[string]*patient{}
	of := &rows
	items, list := make([]kit.Item, rows.Len()), make([]patient, rows.Len())
	for i := range items {
		m := rows.Mark(i)
		list[i] = patient{of: of, i: i}
		items[i] = kit.Item{ID: string(m.ID), Height: p.guess(m), Bar: barOf(m), Urgent: m.Urgency >= 3 && m.Open, Key: m.Name, Data: &list[i]}
		if seen[items[i].ID] != nil {
			items[i].Height = p.inWords(&list[i]).high
		}
	}
	if p.plan == p.drawn && sameItems(items, p.items) && p.sameWords(seen) {
		*p.rows = rows // what comes into view later is worded by the new state
		p.keep(seen)
		return // nothing to draw anew
	}
	p.items, p.rows, p.drawn = items, of, p.plan
	p.foldPills()
	p.head.update(p.plan)
	if p.plan.cards {
		p.list.SetHeader(nil)
	} else {
		p.list.SetHeader(p.head)
	}
	p.list.SetItems(items)
	p.foot.update(p)
}

// barOf is the urgency bar of a row: it repeats the colour of what is urgent.
func barOf(m board.Mark) theme.Token {
	switch {
	case !m.Tall:
		return ""
	case m.Urgency >= 3:
		return theme.Critical
	}
	return theme.Warning
}

func (p *Page) bind(o fyne.CanvasObject, it kit.Item, st kit.RowState) {
	if d, ok := it.Data.(*patient); ok {
		o.(*rowView).draw(p.inWords(d), &p.plan, st.Gone)
	}
}

func (p *Page) place(size fyne.Size) {
	if size.Width != p.size.Width {
		p.size = size
		p.arrange()
	}
	p.size = size
	px := theme.Px
	y := px(5)
	h := max(kit.HeightFor(p.bar, size.Width-px(24)), px(26))
	kit.PlaceAt(p.bar, px(12), y, size.Width-px(24), h)
	y += h + px(5)
	if p.trouble.Visible() {
		h := kit.HeightFor(p.trouble, size.Width-px(24))
		kit.PlaceAt(p.trouble, px(12), y, size.Width-px(24), h)
		y += h + px(6)
	}
	rest := size.Height - y
	kit.SetShown(p.foot, p.plan.cards)
	for range 2 { // what the foot says is of what the list has room for
		foot := float32(0)
		if p.plan.cards {
			foot = kit.HeightFor(p.foot, size.Width)
			kit.PlaceAt(p.foot, 0, size.Height-foot, size.Width, foot)
		}
		kit.PlaceAt(p.list, 0, y, size.Width, max(rest-foot, 0))
		kit.PlaceAt(p.empty, 0, y, size.Width, max(rest-foot, 0))
		if p.foot.update(p); !p.footCut() {
			return
		}
	}
}

// footCut says whether the foot has other words by now, and wants another room.
func (p *Page) footCut() bool {
	return p.plan.cards && kit.HeightFor(p.foot, p.foot.Size().Width) != p.foot.Size().Height
}

// footer is the line below cards: what is in view, and buttons that turn pages,
// for a screen that cannot be scrolled by a wheel.
type footer struct {
	kit.Block
	text     *kit.Line
	up, down *kit.Button
}

func newFooter(list *kit.List) *footer {
	f := &footer{text: kit.NewLine()}
	f.up = kit.NewButton(kit.ButtonConfig{Text: words.T("Page up"), Icon: iconUp}, func() { list.ScrollPage(-1) })
	f.down = kit.NewButton(kit.ButtonConfig{Text: words.T("Page down"), Icon: iconDown}, func() { list.ScrollPage(1) })
	inside := kit.NewInset(12, 6, kit.NewBar(6, f.text, kit.NewSpring(), f.up, f.down))
	f.Parts = []fyne.CanvasObject{inside}
	f.Min = func() fyne.Size { return fyne.NewSize(theme.Px(240), inside.MinSize().Height) }
	f.Tall = func(w float32) float32 { return kit.HeightFor(inside, w) }
	f.Place = func(size fyne.Size) { kit.PlaceAt(inside, 0, 0, size.Width, size.Height) }
	f.Init(f)
	return f
}

func (f *footer) update(p *Page) {
	first, last, total := p.list.InView()
	text := p.state.AsOf
	if total > 0 {
		text = words.F("%d to %d of %d, %s", first, last, total, text)
	}
	spans := []kit.Span{kit.T(text, kit.Body, theme.TextMuted)}
	if slices.Equal(f.text.Spans(), spans) {
		return
	}
	f.text.Update(spans...)
	f.Changed()
}
