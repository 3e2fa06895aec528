// Package reviews draws the reviews page: the list of what waits to be decided
// at the left, and at the right the question as a sentence, its story and its
// two sides.
//
// The sides are equal until a person has chosen one, whatever the program holds
// for safer meanwhile; the first press chooses, the second signs, and signing is
// never one press away from where the choice was. A press acts on the review and
// the side that were drawn.
package reviews

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/reviews"
	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// Page is the reviews page.
type Page struct {
	m     *view.Model
	state view.State
	drawn drawn

	head    *kit.Line
	list    *kit.List
	panel   *kit.Sheet
	right   *kit.Sheet
	banner  *kit.Banner
	ask     *kit.Flow
	story   *kit.Flow
	sides   *fyne.Container
	side    []*side
	answer  *answer
	trouble *kit.Note
	empty   *kit.Empty
	body    *fyne.Container
	scroll  *container.Scroll
	block   *kit.Block
	signing fhir.ID // what the sign button is about
	width   float32
}

// drawn is what the right half shows: it is made anew when this changes.
type drawn struct {
	review  fhir.ID
	version uint64
}

// New makes the page.
func New(m *view.Model, typing *kit.Typing, clock kit.Clock) *Page {
	p := &Page{
		m: m, head: kit.NewLine(), ask: kit.NewFlow(), story: kit.NewFlow(),
		trouble: kit.NewNote(kit.CriticalNote), empty: kit.NewEmpty(words.T("Loading what waits to be decided")),
	}
	p.list = kit.NewList(newRow, bindRow, clock)
	p.list.OnSurface = true
	p.list.OnSelect = func(id string) { p.m.Open(fhir.ID(id)) }
	p.list.OnOpen = func(string) { p.toSides() }
	p.panel = kit.NewSheet(theme.Line, p.list)
	p.banner = kit.NewBanner(kit.BannerConfig{Thin: true}, nil)
	p.sides = kit.NewColumns(12, []float32{1, 1})
	p.answer = newAnswer(p, typing)
	p.trouble.Hide()
	p.body = kit.NewColumn(12, p.trouble, p.ask, p.story, p.sides, p.answer.bar, p.answer.asked, p.answer.panel)
	p.scroll = kit.NewScroll(kit.NewInset(16, 16, p.body))
	p.right = kit.NewSheet(theme.Line, kit.NewFill(p.banner, p.scroll))
	p.block = &kit.Block{
		Parts: []fyne.CanvasObject{p.head, p.panel, p.right, p.empty},
		Min:   func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(160)) }, Place: p.place, Redraw: p.arrange,
	}
	p.block.Init(p.block)
	kit.SetShown(p.panel, false)
	kit.SetShown(p.right, false)
	return p
}

// Object is the page as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// First is what gets the focus when the page is opened.
func (p *Page) First() fyne.Focusable { return p.list }

// Show draws a state.
func (p *Page) Show(s view.State) {
	p.state = s
	p.head.Update(kit.T(s.Head, kit.Subheading, theme.Text))
	empty := s.Empty
	if empty == "" && s.Open == nil {
		empty = words.T("Loading what waits to be decided")
	}
	if s.Open == nil && s.Error != "" {
		empty = s.Error
	}
	p.empty.Update(empty)
	kit.SetShown(p.empty, s.Open == nil)
	kit.SetShown(p.panel, len(s.List) > 0)
	kit.SetShown(p.right, s.Open != nil)
	p.arrange()
	p.showOpen()
	p.block.Changed()
}

// arrange fills the list at the present scale.
func (p *Page) arrange() {
	items := make([]kit.Item, 0, len(p.state.List))
	for _, r := range p.state.List {
		items = append(items, kit.Item{ID: string(r.ID), Height: rowHeight(r, p.list.Size().Width), Key: r.Who.ShowName(), Data: r}) // no bed: digits choose a side
	}
	p.list.SetItems(items)
	if p.state.Open != nil {
		p.list.Select(string(p.state.Open.ID))
	}
}

// showOpen draws the open review. Its sides are made anew only when it is
// another one or has changed, so that the focus stays where it was.
func (p *Page) showOpen() {
	s := p.state
	if s.Open == nil {
		p.drawn, p.signing = drawn{}, ""
		return
	}
	r := *s.Open
	p.banner.Update(bannerOf(r))
	p.ask.Update(kit.T(question(r), kit.Heading, theme.Text))
	p.story.Update(kit.T(r.Story, kit.Body, theme.Text))
	if d := (drawn{r.ID, r.Version}); d != p.drawn {
		p.drawn = d
		p.makeSides(r)
		p.scroll.ScrollToOffset(fyne.NewPos(0, 0))
	}
	for _, c := range p.side {
		c.update(s.Chosen, s.Busy)
	}
	kit.SetShown(p.trouble, s.Error != "")
	if s.Error != "" {
		p.trouble.Update(kit.CriticalNote, kit.T(s.Error, kit.BodyStrong, theme.CriticalText))
	}
	p.signing = r.ID
	p.answer.show(s)
	p.body.Refresh() // a container places its objects anew only when it is told
	p.scroll.Refresh()
}

func (p *Page) makeSides(r ward.Review) {
	p.side, p.sides.Objects = nil, nil
	shares, labels := make([]float32, 0, len(r.Sides)), keepLabels(r.Sides)
	for i, s := range r.Sides {
		c := newSide(s, i, labels[i], func() { p.choose(r.ID, s.Ref) })
		c.keep.OnFocus = func() { kit.Reveal(p.scroll, c.keep) }
		p.side = append(p.side, c)
		p.sides.Objects = append(p.sides.Objects, c.object)
		shares = append(shares, 1)
	}
	p.sides.Layout = kit.NewColumns(12, shares, p.sides.Objects...).Layout
}

// choose marks a side of the review that was drawn.
func (p *Page) choose(review fhir.ID, ref string) {
	if p.state.Open == nil || p.state.Open.ID != review {
		return
	}
	p.m.Choose(ref)
	if p.state.Chosen == ref {
		p.focus(p.answer.sign)
	}
}

// neitherSide chooses no side; the focus goes to the words why.
func (p *Page) neitherSide() {
	p.m.Neither()
	p.focus(p.answer.reason.Focusable())
}

// startAsk opens the form for asking somebody.
func (p *Page) startAsk() {
	p.m.StartAsk()
	p.focus(p.answer.to.Focusable())
}

func (p *Page) focus(o fyne.Focusable) {
	if c := canvasOf(p.block); c != nil {
		kit.Focus(c, o)
	}
}

// signNow signs the choice, or asks: what the panel is open for.
func (p *Page) signNow() {
	switch {
	case p.state.Open == nil || p.state.Open.ID != p.signing:
	case p.state.Asking:
		p.m.Ask(p.answer.to.Text(), p.answer.question.Text())
	case p.state.Chosen == ward.Neither:
		p.m.Sign(p.answer.reason.Text())
	case p.state.Chosen != "":
		p.m.Sign("")
	}
}

// takeBack makes the sides equal again.
func (p *Page) takeBack() {
	p.m.Change()
	p.toSides()
}

func (p *Page) toSides() {
	if c := canvasOf(p.block); c != nil && len(p.side) > 0 {
		kit.Focus(c, p.side[0].keep)
	}
}

// toEnd brings what signs into view.
func (p *Page) toEnd() { p.scroll.ScrollToBottom() }

// Key does what a key of the window means here, and reports whether it meant
// anything.
func (p *Page) Key(ev *fyne.KeyEvent) bool {
	if p.state.Open == nil || p.state.Busy {
		return false
	}
	switch ev.Name {
	case fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6, fyne.Key7, fyne.Key8, fyne.Key9:
		return p.number(int(ev.Name[0] - '1'))
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyF2:
		if p.state.Chosen != "" || p.state.Asking {
			p.signNow()
			return true
		}
	case fyne.KeyEscape:
		if p.state.Chosen != "" || p.state.Asking {
			p.takeBack()
			return true
		}
	default: // no key of this page
	}
	return false
}

// number is what the key of a number means: the sides in order, then neither,
// then asking. The keys are printed in the buttons.
func (p *Page) number(i int) bool {
	switch n := len(p.side); {
	case i < n:
		p.choose(p.state.Open.ID, p.side[i].ref)
	case i == n && p.state.Open.Neither:
		p.neitherSide()
	case i == n+1:
		p.startAsk()
	default:
		return false
	}
	return true
}

// Where finds a control by its name.
func (p *Page) Where(name string) (fyne.CanvasObject, bool) {
	switch name {
	case "reviews":
		return p.list, p.panel.Visible()
	case "sign":
		return p.answer.sign, p.answer.panel.Visible()
	case "change-choice":
		return p.answer.change, p.answer.panel.Visible()
	case "neither":
		return p.answer.neither, p.right.Visible() && p.answer.neither.Visible()
	case "ask":
		return p.answer.put, p.right.Visible()
	case "reason":
		return p.answer.reason, p.answer.panel.Visible() && p.answer.reason.Visible()
	case "ask-whom":
		return p.answer.to, p.answer.panel.Visible() && p.answer.form.Visible()
	case "ask-words":
		return p.answer.question, p.answer.panel.Visible() && p.answer.form.Visible()
	case "side-1", "side-2", "side-3":
		if i := int(name[5] - '1'); i < len(p.side) && p.right.Visible() {
			return p.side[i].keep, true
		}
	}
	return nil, false
}

func (p *Page) place(size fyne.Size) {
	px := theme.Px
	h := max(p.head.MinSize().Height, px(26))
	kit.PlaceAt(p.head, px(12), px(7), size.Width-px(24), h)
	y := px(7) + h + px(8)
	rest, width := max(size.Height-y-px(10), 0), size.Width-px(24)
	kit.PlaceAt(p.empty, px(12), y, width, rest)
	if size.Width < px(820) { // the list above, three rows high
		high := min(max(rest*0.3, px(70)), px(200))
		// On a small screen the list makes room for the answer.
		busy := p.state.Open != nil && (p.state.Chosen != "" || p.state.Asking) && rest < px(420)
		kit.SetShown(p.panel, len(p.state.List) > 0 && !busy)
		if busy {
			high = -px(8)
		}
		kit.PlaceAt(p.panel, px(12), y, width, high)
		kit.PlaceAt(p.right, px(12), y+high+px(8), width, max(rest-high-px(8), 0))
	} else {
		kit.SetShown(p.panel, len(p.state.List) > 0)
		left := min(max(size.Width*0.26, px(240)), px(330))
		kit.PlaceAt(p.panel, px(12), y, left, rest)
		kit.PlaceAt(p.right, px(24)+left, y, width-left-px(12), rest)
	}
	if w := p.panel.Size().Width; w != p.width { // names wrap at another place
		p.width = w
		p.arrange()
	}
}

// question is the sentence that stands at the top; a review without one says at
// least what it is about.
func question(r ward.Review) string {
	if r.Question != "" {
		return r.Question
	}
	return r.Short
}

func bannerOf(r ward.Review) kit.BannerConfig {
	w := r.Who
	c := kit.BannerConfig{Name: w.ShowName(), Thin: true}
	if w.Title != "" {
		c.Name += " (" + w.Title + ")"
	}
	if w.Died != "" {
		c.Over = words.T("Died")
	}
	born := w.Born
	if t, err := time.Parse("2006-01-02", born); err == nil {
		born = ward.Date(t)
	}
	if w.Age != "" && w.Died == "" {
		born = strings.TrimSpace(born + " (" + ward.SayAge(w.Age) + ")")
	}
	add := func(label, value string) {
		if value != "" {
			c.First = append(c.First, kit.BannerPiece{Label: label, Value: value})
		}
	}
	add(words.T("Born"), born)
	name := w.NumberName
	if name == "" {
		name = "NHS No."
	}
	add(name, w.Number)
	add(words.T("Ward"), w.Ward)
	add(words.T("Bed"), w.Bed)
	return c
}

func canvasOf(o fyne.CanvasObject) fyne.Canvas {
	if fyne.CurrentApp() == nil {
		return nil
	}
	return fyne.CurrentApp().Driver().CanvasForObject(o)
}
