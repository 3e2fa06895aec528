// Package orders draws the ward's orders: what waits, by patient, with where it
// stands in words. Enter opens the chart where it can be withdrawn.
//
// It binds the view model to widgets: nothing moves under the pointer or the
// focus, and everything can be done by keyboard alone.
package orders

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/orders"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The icons of the package, by the names of assets.
const (
	iconOverdue = "clock-countdown-fill"
	iconUnsent  = "cloud-arrow-up-fill"
	iconSimilar = "users-bold"
	iconUrgent  = "warning-fill"
	iconReview  = "git-diff-bold"
	iconLab     = "hourglass-medium-bold"
)

// noLink says once, over all of it, what every line says for itself.
const noLink = "The laboratory link is not set up: nothing that is asked for here has left for the laboratory. What cannot wait is sent on paper."

// Page is the orders page.
type Page struct {
	m     *view.Model
	chart func(ward.PatientID)
	state view.State

	block *kit.Block
	pills kit.FilterPills
	bar   *fyne.Container
	again *kit.Button
	asOf  *kit.Line
	link  *kit.Note
	list  *kit.List
	panel *kit.Panel
	empty *kit.Empty
	width float32
}

// New makes the page; chart opens a patient's orders.
func New(m *view.Model, chart func(ward.PatientID), clock kit.Clock) *Page {
	p := &Page{m: m, chart: chart, asOf: kit.NewLine(), empty: kit.NewEmpty(words.T("Loading orders"))}
	p.link = kit.NewNote(kit.PlainNote, kit.T(words.T(noLink), kit.Dense, theme.Text))
	p.list = kit.NewList(newRow, p.bind, clock)
	p.list.OnSurface, p.list.ClickOpens = true, false
	p.list.OnSelect = func(id string) { m.Select(id) }
	p.list.OnOpen = func(string) { p.open() }
	p.list.OnHeld = func(waiting bool) { kit.SetShown(p.again, waiting); p.block.Changed() }
	p.panel = kit.NewPanel(kit.PanelConfig{}, p.list)
	p.again = kit.NewButton(kit.ButtonConfig{Text: words.T("Sort again"), Size: kit.Small}, func() { p.list.SortAgain() })
	p.pills = kit.NewFilterPills(view.Filters(), m.SetFilter)
	p.bar = kit.NewBar(8, append(p.pills.Objects(), kit.NewSpring(), p.again, p.asOf)...)
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.bar, p.link, p.panel, p.empty},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) }, Place: p.place, Redraw: p.fill,
	}
	p.block.Init(p.block)
	kit.SetShown(p.again, false)
	kit.SetShown(p.panel, false)
	return p
}

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// Anew is called when the page is turned to: what was held while nobody saw it is in
// its order then.
func (p *Page) Anew(bool) { p.list.Anew(true) }

// First is what the arrow keys find.
func (p *Page) First() fyne.Focusable { return p.list }

// Show draws a state.
func (p *Page) Show(s view.State) {
	p.state = s
	for i, f := range s.Pills {
		p.pills.Show(i, f.Text, f.Count, f.On)
	}
	p.asOf.Update(kit.T(s.AsOf, kit.Caption, theme.TextMuted))
	empty := s.Empty
	switch {
	case s.Error != "":
		empty = s.Error // a list that could not be read anew is not shown as if it were
	case !s.Loaded:
		empty = words.T("Loading orders from this computer’s copy")
	}
	p.empty.Update(empty)
	some := len(s.Lines) > 0 && s.Error == ""
	kit.SetShown(p.panel, some)
	kit.SetShown(p.empty, !some)
	p.fill()
	p.block.Changed()
}

// fill lists the lines at the present scale and width.
func (p *Page) fill() {
	items := make([]kit.Item, 0, 2*len(p.state.Lines))
	probe := newRow().(*row)
	w := p.list.Size().Width
	for _, l := range p.state.Lines {
		if l.First {
			probe.head(l)
			items = append(items, kit.Item{ID: "patient " + string(l.Who.ID), Height: probe.high(w), Group: true, Data: l})
		}
		probe.set(l, false)
		it := kit.Item{ID: l.ID, Height: probe.high(w), Key: l.Who.ShowName(), Data: l}
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
	case it.Group:
		r.head(l)
	default:
		r.set(l, st.Gone)
	}
}

// open opens the chart of the chosen line.
func (p *Page) open() {
	for _, l := range p.state.Lines {
		if l.ID == p.state.Open {
			p.chart(l.Who.ID)
		}
	}
}

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) {
	if name == "orders" {
		return p.list, p.panel.Visible()
	}
	return nil, false
}

func (p *Page) place(size fyne.Size) {
	px := theme.Px
	width := max(size.Width-px(24), 0)
	h := kit.HeightFor(p.bar, width)
	kit.PlaceAt(p.bar, px(12), px(6), width, h)
	y := px(6) + h + px(8)
	h = kit.HeightFor(p.link, width)
	kit.PlaceAt(p.link, px(12), y, width, h)
	y += h + px(8)
	rest := max(size.Height-y-px(10), 0)
	kit.PlaceAt(p.empty, px(12), y, width, rest)
	kit.PlaceAt(p.panel, px(12), y, width, rest)
	if width != p.width { // lines wrap at another place
		p.width = width
		p.fill()
	}
}
