// Package outage draws the page behind the status strip: what waits to be sent
// and since when, how old each feed is, and what an outage left behind, patient
// by patient. Enter on a line opens what it is about: a chart, or the reviews.
package outage

import (
	"math"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/outage"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The icons of the page, by the names of assets.
const (
	iconUnsent  = "cloud-arrow-up-fill"
	iconSent    = "cloud-check-fill"
	iconWaiting = "git-diff-bold"
	iconLate    = "warning-fill"
)

// Actions are what the page asks of the window.
type Actions struct {
	Chart   func(ward.PatientID)
	Reviews func()
}

// Page is the page.
type Page struct {
	block   *kit.Block
	do      Actions
	state   view.State
	lines   map[string]view.Line
	head    *kit.Line
	asOf    *kit.Line
	words   *kit.Flow
	trouble *kit.Note
	list    *kit.List
	width   float32
}

// New makes the page.
func New(do Actions, clock kit.Clock) *Page {
	p := &Page{do: do, lines: map[string]view.Line{}, head: kit.NewLine(), asOf: kit.NewLine(), words: kit.NewFlow(), trouble: kit.NewNote(kit.CriticalNote)}
	p.list = kit.NewList(newRow, p.bind, clock)
	p.list.ClickOpens = true
	p.list.OnOpen = p.open
	p.trouble.Hide()
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.head, p.asOf, p.words, p.trouble, p.list},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) }, Place: p.place, Redraw: p.fill,
	}
	p.block.Init(p.block)
	return p
}

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// First is what the arrow keys find.
func (p *Page) First() fyne.Focusable { return p.list }

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) { return p.list, name == "outage" }

// Show draws a state.
func (p *Page) Show(s view.State) {
	p.state = s
	if s.Head == "" {
		s.Head = words.T("Loading what was sent")
	}
	p.head.Update(kit.T(s.Head, kit.Subheading, theme.Text))
	p.asOf.Update(kit.T(s.AsOf, kit.Dense, theme.TextMuted))
	p.words.Update(wordsOf(s)...)
	kit.SetShown(p.trouble, s.Error != "")
	if s.Error != "" {
		p.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.Body, theme.Text))
	}
	p.fill()
	p.block.Changed()
}

func wordsOf(s view.State) []kit.Span {
	if s.Words == "" {
		return nil
	}
	out := kit.Span{Icon: iconSent, IconColor: theme.Ok, Text: s.Words, Style: kit.BodyStrong, Color: theme.Text}
	switch s.Tone {
	case view.Unsent:
		out.Icon, out.IconColor = iconUnsent, theme.Unsent
	case view.Good:
	default: // nothing is known yet of what was sent
		return []kit.Span{kit.T(s.Words, kit.Body, theme.Text)}
	}
	return []kit.Span{out}
}

// fill lists the lines at the present scale and width.
func (p *Page) fill() {
	clear(p.lines)
	items := make([]kit.Item, 0, len(p.state.Lines))
	probe := newRow().(*row)
	for _, l := range p.state.Lines {
		p.lines[l.ID] = l
		height := float32(28)
		if !l.Head {
			probe.set(l)
			height = probe.high(p.list.Size().Width)
		}
		items = append(items, kit.Item{ID: l.ID, Height: height, Group: l.Head, Key: l.Name, Data: l})
	}
	p.list.SetItems(items)
}

func (p *Page) open(id string) {
	switch l := p.lines[id]; {
	case l.Review:
		p.do.Reviews()
	case l.Patient != "":
		p.do.Chart(l.Patient)
	}
}

func (p *Page) bind(o fyne.CanvasObject, it kit.Item, _ kit.RowState) {
	if l, ok := it.Data.(view.Line); ok {
		o.(*row).set(l)
	}
}

func (p *Page) place(size fyne.Size) {
	px := theme.Px
	width := max(size.Width-px(24), 0)
	h := max(p.head.MinSize().Height, px(26))
	asOf := p.asOf.MinSize().Width
	kit.PlaceAt(p.head, px(12), px(7), max(width-asOf, 0), h)
	kit.PlaceMiddle(p.asOf, size.Width-px(12)-asOf, px(7), h)
	y := px(7) + h + px(4)
	for _, o := range []fyne.CanvasObject{p.trouble, p.words} {
		if o.Visible() {
			high := kit.HeightFor(o, width)
			kit.PlaceAt(o, px(12), y, width, high)
			y += high + px(8)
		}
	}
	kit.PlaceAt(p.list, px(12), y, width, max(size.Height-y-px(10), 0))
	if size.Width != p.width { // lines wrap at another place
		p.width = size.Width
		p.fill()
	}
}

// row is one line of the page.
type row struct {
	kit.Block
	first, second *kit.Flow
	inset         float32
}

func newRow() fyne.CanvasObject {
	r := &row{first: kit.NewFlow(), second: kit.NewFlow()}
	r.Parts = []fyne.CanvasObject{r.first, r.second}
	r.Min = func() fyne.Size { return fyne.NewSize(theme.Px(160), theme.Px(24)) }
	r.Place = r.place
	r.Init(r)
	return r
}

func (r *row) set(l view.Line) {
	r.inset = 14
	if l.Name == "" && l.Patient != "" {
		r.inset = 40 // an entry below its patient
	}
	r.first.Update(firstOf(l)...)
	var second []kit.Span
	if l.Second != "" {
		second = []kit.Span{kit.T(l.Second, kit.Caption, theme.TextMuted)}
	}
	r.second.Update(second...)
	kit.SetShown(r.second, l.Second != "")
	r.Changed()
}

func firstOf(l view.Line) []kit.Span {
	if l.Head {
		return []kit.Span{kit.T(l.Name, kit.DenseStrong, theme.Text)}
	}
	var out []kit.Span
	if l.Bed != "" {
		out = append(out, kit.T(l.Bed, kit.BodyBold, theme.Text))
	}
	if l.Name != "" {
		out = append(out, kit.T(l.Name, kit.BodyStrong, theme.Text).After(float32(min(len(out), 1)*8)))
	}
	if l.Words != "" {
		w := kit.T(l.Words, kit.Body, theme.Text).After(float32(min(len(out), 1) * 10))
		switch l.Tone {
		case view.Unsent:
			w.Icon, w.IconColor = iconUnsent, theme.Unsent
		case view.Waiting:
			w.Icon, w.IconColor = iconWaiting, theme.WarningText
		case view.Late:
			w.Icon, w.IconColor = iconLate, theme.WarningText
		case view.Muted:
			w.Color = theme.TextMuted
		case view.Plain, view.Good:
		}
		out = append(out, w)
	}
	return out
}

func (r *row) width(w float32) float32 { return max(w-theme.Px(r.inset+14), theme.Px(120)) }

// high is how high the row must be at a width, in design units.
func (r *row) high(w float32) float32 {
	h := r.first.HeightFor(r.width(w)) + theme.Px(10)
	if r.second.Visible() {
		h += r.second.HeightFor(r.width(w))
	}
	return max(28, float32(math.Ceil(float64(h/theme.Scale()))))
}

func (r *row) place(size fyne.Size) {
	x, w := theme.Px(r.inset), r.width(size.Width)
	h := r.first.HeightFor(w)
	y := theme.Px(5)
	if !r.second.Visible() {
		y = (size.Height - h) / 2
	}
	kit.PlaceAt(r.first, x, y, w, h)
	kit.PlaceAt(r.second, x, y+h, w, r.second.HeightFor(w))
}
