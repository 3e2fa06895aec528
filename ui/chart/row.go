package chart

import (
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// entry is a row of the table as planned: a group's head or a test.
type entry struct {
	group    *view.Group
	line     *view.Line // nil for a head
	looks    []look
	selected ward.ResultID
	height   float32 // in design units
}

func lineID(g *view.Group, l *view.Line) string {
	return "l:" + g.Panel + "\x00" + l.Newest.LOINC + "\x00" + l.Newest.Test + "\x00" + l.Newest.Unit
}

// entriesOf makes the rows of a plan, each as high as its values need.
func entriesOf(s *view.State, p *plan, now time.Time) []kit.Item {
	probe := newTableRow()
	var items []kit.Item
	for gi := range s.Groups {
		g := &s.Groups[gi]
		head := &entry{group: g}
		items = append(items, kit.Item{ID: "g:" + g.Panel, Height: probe.need(head, p, 24), Group: true, Data: head})
		for li := range g.Rows {
			l := &g.Rows[li]
			e := &entry{group: g, line: l, selected: s.Selected}
			if !spans(*l) {
				for _, c := range p.columns {
					e.looks = append(e.looks, cellLook(g, l, c, now))
				}
			}
			e.height = probe.need(e, p, theme.RowHeights().Table)
			it := kit.Item{ID: lineID(g, l), Height: e.height, Key: l.Newest.Test, Data: e}
			if l.Newest.Open && l.Newest.Critical {
				it.Bar = theme.Critical
			}
			items = append(items, it)
		}
	}
	return items
}

// tableRow draws an entry.
type tableRow struct {
	kit.Block
	back            *canvas.Rectangle
	line            *canvas.Rectangle
	name, unit, rng *kit.Flow
	words           *kit.Flow
	cells           []*cell
	plan            *plan
	entry           *entry
	mark            *canvas.Rectangle // round the selected result's cell
	marked          int
	wide, head      bool
}

func newTableRow() *tableRow {
	r := &tableRow{
		back: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil), mark: canvas.NewRectangle(nil),
		name: kit.NewFlow(), unit: kit.NewFlow(), rng: kit.NewFlow(), words: kit.NewFlow(), marked: -1,
	}
	r.words.Align = fyne.TextAlignLeading
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(200), theme.Px(24)) }
	r.Place = r.place
	r.Redraw = r.paint
	r.parts()
	r.Init(r)
	return r
}

func (r *tableRow) parts() {
	r.Parts = []fyne.CanvasObject{r.back, r.line, r.name, r.unit, r.rng, r.words}
	for _, c := range r.cells {
		r.Parts = append(r.Parts, c)
	}
	r.Parts = append(r.Parts, r.mark)
}

func (r *tableRow) paint() {
	r.back.FillColor = theme.Color(theme.Transparent)
	if r.head {
		r.back.FillColor = theme.Color(theme.SurfaceAlt)
	}
	r.line.FillColor = theme.Color(theme.Line)
	r.mark.FillColor = theme.Color(theme.Transparent)
	r.mark.StrokeColor, r.mark.StrokeWidth = theme.Color(theme.Primary), theme.Stroke(theme.Emphasis)
}

// set fills the row for an entry.
func (r *tableRow) set(e *entry, p *plan) {
	r.entry, r.plan, r.head, r.marked = e, p, e.line == nil, -1
	kit.SetShown(r.unit, e.line != nil && !p.slim)
	kit.SetShown(r.rng, e.line != nil && !p.slim)
	r.wide = e.line != nil && len(e.looks) == 0 && spans(*e.line)
	kit.SetShown(r.words, r.wide || r.head)
	for len(r.cells) < len(e.looks) {
		r.cells = append(r.cells, newCell())
	}
	for i, c := range r.cells {
		kit.SetShown(c, i < len(e.looks))
		if i < len(e.looks) {
			c.update(e.looks[i])
		}
	}
	if r.head {
		r.setHead()
	} else {
		r.setLine()
	}
	kit.SetShown(r.mark, r.marked >= 0)
	r.parts()
	r.paint()
	r.Changed()
}

func (r *tableRow) setHead() {
	g := r.entry.group
	style, colour := kit.Caption, theme.TextMuted
	if g.Early {
		style, colour = kit.CaptionStrong, theme.Text
	}
	r.name.Update(kit.T(g.Panel, kit.DenseStrong, theme.Text))
	r.words.Align = fyne.TextAlignTrailing
	r.words.Update(kit.T(g.Note, style, colour))
}

func (r *tableRow) setLine() {
	l := r.entry.line
	n := l.Newest
	name := []kit.Span{kit.T(n.Test, kit.BodyStrong, theme.Text)}
	if r.plan.slim {
		if n.Unit != "" {
			name = append(name, kit.T(n.Unit, kit.Dense, theme.TextMuted).After(6).Kept())
		}
		if w := rangeWords(n); w != "" {
			name = append(name, kit.T(w, kit.Dense, theme.TextMuted).After(6).Kept())
		}
	}
	r.name.Update(name...)
	r.unit.Update(kit.T(n.Unit, kit.Dense, theme.TextMuted))
	r.rng.Update(kit.T(rangeWords(n), kit.Dense, theme.TextMuted))
	r.words.Align = fyne.TextAlignLeading
	if r.wide {
		r.words.Update(lookOf(&n, false, n.CollectedText, time.Time{}).words...)
	}
	for i, c := range r.plan.columns {
		if c.newest || i >= len(r.entry.looks) {
			continue
		}
		if o := l.At(c.moment); o != nil && o.ID == r.entry.selected && o.ID != n.ID {
			r.marked = i
		}
	}
}

// need is how high an entry must be, in design units.
func (r *tableRow) need(e *entry, p *plan, least float32) float32 {
	r.set(e, p)
	h := kit.HeightFor(r.name, r.nameWidth())
	if r.wide {
		h = max(h, kit.HeightFor(r.words, p.width-p.left()-theme.Px(12)))
	}
	if r.head {
		h = max(h, kit.HeightFor(r.words, r.headWidth()))
	}
	if r.unit.Visible() {
		h = max(h, kit.HeightFor(r.unit, p.unit-theme.Px(8)), kit.HeightFor(r.rng, p.rng-theme.Px(8)))
	}
	for i := range e.looks {
		pad := float32(4)
		h = max(h, r.cells[i].tall(p.columns[i].w-theme.Px(12))+theme.Px(pad))
	}
	need := float32(math.Ceil(float64((h + theme.Px(6)) / theme.Scale())))
	return max(least, need)
}

func (r *tableRow) nameWidth() float32 {
	if r.head {
		return max(r.plan.width*0.5-theme.Px(12), theme.Px(80))
	}
	return r.plan.test - theme.Px(20)
}

func (r *tableRow) headWidth() float32 { return max(r.plan.width*0.5-theme.Px(12), theme.Px(80)) }

func (r *tableRow) place(size fyne.Size) {
	if r.plan == nil {
		return
	}
	px := theme.Px
	hair := theme.Stroke(theme.Hairline)
	kit.PlaceAt(r.back, 0, 0, size.Width, size.Height)
	kit.PlaceAt(r.line, 0, size.Height-hair, size.Width, hair)
	middle := func(f *kit.Flow, x, w float32) {
		h := f.HeightFor(w)
		kit.PlaceAt(f, x, max((size.Height-h)/2, 0), w, h)
	}
	middle(r.name, px(12), r.nameWidth())
	switch {
	case r.head:
		w := r.headWidth()
		middle(r.words, size.Width-px(12)-w, w)
		return
	case r.wide:
		middle(r.words, r.plan.left(), max(size.Width-r.plan.left()-px(12), px(60)))
	}
	middle(r.unit, r.plan.test, r.plan.unit-px(8))
	middle(r.rng, r.plan.test+r.plan.unit, r.plan.rng-px(8))
	for i, c := range r.plan.columns {
		if i < len(r.entry.looks) {
			kit.PlaceAt(r.cells[i], c.x, 0, c.w, size.Height)
		}
	}
	// The plan may be a narrower one already, for which the row is filled in a moment.
	if r.marked >= 0 && r.marked < len(r.plan.columns) {
		c := r.plan.columns[r.marked]
		kit.PlaceAt(r.mark, c.x+px(4), px(3), c.w-px(8), size.Height-px(6))
	}
}

// tableHead names the columns.
type tableHead struct {
	kit.Block
	back, line      *canvas.Rectangle
	test, unit, rng *kit.Line
	days, clocks    []*kit.Line
	pager           *fyne.Container // where older columns are out of view
	plan            *plan
	low             bool // in a low window no higher than its words
}

func newTableHead() *tableHead {
	h := &tableHead{back: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil), plan: &plan{}}
	h.test, h.unit, h.rng = kit.NewText(words.T("Test"), kit.CaptionStrong, theme.TextMuted), kit.NewText(words.T("Unit"), kit.CaptionStrong, theme.TextMuted), kit.NewText(words.T("Range"), kit.CaptionStrong, theme.TextMuted)
	h.Min = func() fyne.Size {
		high := theme.Px(46)
		if h.low {
			high = theme.Px(39)
		}
		if h.pages() && len(h.plan.columns) > 0 {
			high = max(high, kit.HeightFor(h.pager, h.plan.columns[0].x-theme.Px(4))+theme.Px(8))
		}
		return fyne.NewSize(theme.Px(200), high)
	}
	h.Redraw = h.paint
	h.Place = h.place
	h.Init(h)
	h.update(&plan{})
	return h
}

func (h *tableHead) paint() {
	h.back.FillColor, h.line.FillColor = theme.Color(theme.SurfaceAlt), theme.Color(theme.LineStrong)
}

func (h *tableHead) update(p *plan) {
	h.plan = p
	kit.SetShown(h.unit, !p.slim)
	kit.SetShown(h.rng, !p.slim)
	for len(h.days) < len(p.columns) {
		h.days, h.clocks = append(h.days, kit.NewLine()), append(h.clocks, kit.NewLine())
	}
	h.Parts = []fyne.CanvasObject{h.back, h.line, h.test, h.unit, h.rng}
	for i, c := range p.columns {
		h.days[i].Update(kit.T(c.moment.Day, kit.Caption, theme.TextMuted))
		clock := []kit.Span{kit.T(c.moment.Clock, kit.DenseStrong, theme.Text)}
		if c.newest {
			clock = append(clock, kit.T(words.T("newest"), kit.CaptionStrong, theme.Primary).After(4))
		}
		h.clocks[i].Update(clock...)
		h.Parts = append(h.Parts, h.days[i], h.clocks[i])
	}
	if h.pager != nil {
		h.Parts = append(h.Parts, h.pager)
	}
	h.paint()
	h.Changed()
}

// pages says whether the pager stands in the place of the words.
func (h *tableHead) pages() bool { return h.pager != nil && h.pager.Visible() }

func (h *tableHead) place(size fyne.Size) {
	px := theme.Px
	kit.PlaceAt(h.back, 0, 0, size.Width, size.Height)
	hair := theme.Stroke(theme.Hairline)
	kit.PlaceAt(h.line, 0, size.Height-hair, size.Width, hair)
	kit.SetShown(h.test, !h.pages())
	kit.SetShown(h.unit, !h.plan.slim && !h.pages())
	kit.SetShown(h.rng, !h.plan.slim && !h.pages())
	if h.pages() {
		room := size.Width - px(24)
		if len(h.plan.columns) > 0 {
			room = h.plan.columns[0].x - px(4)
		}
		kit.PlaceAt(h.pager, px(12), 0, room, size.Height)
	}
	kit.PlaceMiddle(h.test, px(12), 0, size.Height)
	kit.PlaceMiddle(h.unit, h.plan.test, 0, size.Height)
	kit.PlaceMiddle(h.rng, h.plan.test+h.plan.unit, 0, size.Height)
	for i, c := range h.plan.columns {
		d, k := h.days[i].MinSize(), h.clocks[i].MinSize()
		right := c.x + c.w - px(12)
		top := px(5)
		if h.low {
			top = max((size.Height-d.Height-k.Height)/2, 0)
		}
		kit.PlaceAt(h.days[i], right-d.Width, top, d.Width, d.Height)
		kit.PlaceAt(h.clocks[i], right-k.Width, top+d.Height, k.Width, k.Height)
	}
}
