// Package wall draws the large screen on the ward's wall: cards by bed and
// initials, who needs somebody on top, to be read from across the room.
//
// It covers the whole window, takes no focus and has nothing to press: any key or
// press leaves it. How many cards fit is counted from the screen and the text
// size; a card is never made smaller to fit.
package wall

import (
	"fyne.io/fyne/v2"

	view "wardlight/internal/station/view/wall"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// The icons of the wall, by the names of assets.
const (
	iconConnected = "check-circle-fill"
	iconWarning   = "warning-fill"
)

// Sizes in design units: the bar, the space around cards, and the least card.
const (
	barHigh  = 52
	margin   = 10
	gap      = 8
	cardWide = 206
	cardHigh = 150
	cardTall = 220
)

// Page is the wall.
type Page struct {
	block  *surface
	title  string
	clock  func() string
	fits   func(int)
	ground *kit.Panel
	bar    *bar
	cards  []*card
	empty  *kit.Empty
	state  view.State
	sound  string // that it is muted or that there is none; "" where it sounds
	room   int    // what fits
}

// New makes the wall. fits is told how many cards there is room for; leave is
// called for a press.
func New(title string, clock func() string, fits func(int), leave func()) *Page {
	p := &Page{title: title, clock: clock, fits: fits, bar: newBar(), empty: kit.NewEmpty("")}
	p.ground = kit.NewPanel(kit.PanelConfig{Square: true, Fill: theme.Background, Border: theme.Transparent}, kit.NewColumn(0))
	p.block = &surface{do: leave}
	p.block.Min, p.block.Place = func() fyne.Size { return fyne.NewSize(theme.Px(320), theme.Px(240)) }, p.place
	p.block.Redraw = func() { p.Show(p.state) }
	p.block.Init(p.block)
	p.Show(view.State{})
	return p
}

// Object is the wall as an object.
func (p *Page) Object() fyne.CanvasObject { return p.block }

// Show draws a state.
func (p *Page) Show(s view.State) {
	p.state = s
	p.bar.show(p.title, p.clock(), p.sound, s)
	for len(p.cards) < len(s.Cards) {
		p.cards = append(p.cards, newCard())
	}
	parts := []fyne.CanvasObject{p.ground, p.bar}
	for i := range s.Cards {
		p.cards[i].show(s.Cards[i])
		parts = append(parts, p.cards[i])
	}
	p.empty.Update(s.Empty)
	if s.Empty != "" {
		parts = append(parts, p.empty)
	}
	p.block.Parts = parts
	p.block.Changed()
}

// Hush says in the bar that this computer is muted or has no sound, because who looks at
// the wall relies on hearing it too; "" takes the words away.
func (p *Page) Hush(words string) {
	if words != p.sound {
		p.sound = words
		p.Show(p.state)
	}
}

// grid is how many columns and rows of cards there is room for.
func grid(size fyne.Size) (columns, rows int) {
	px := theme.Px
	columns = max(int((size.Width-2*px(margin)+px(gap))/(px(cardWide)+px(gap))), 1)
	rows = max(int((size.Height-px(barHigh)-2*px(margin)+px(gap))/(px(cardHigh)+px(gap))), 1)
	return columns, rows
}

func (p *Page) place(size fyne.Size) {
	px := theme.Px
	kit.PlaceAt(p.ground, 0, 0, size.Width, size.Height)
	kit.PlaceAt(p.bar, 0, 0, size.Width, px(barHigh))
	columns, rows := grid(size)
	if room := columns * rows; room != p.room && size.Width > 0 {
		p.room = room
		p.fits(room) // draws anew
		return
	}
	n := len(p.state.Cards)
	used := max((n+columns-1)/columns, 1)
	w := (size.Width - 2*px(margin) - px(gap)*float32(columns-1)) / float32(columns)
	h := (size.Height - px(barHigh) - 2*px(margin) - px(gap)*float32(used-1)) / float32(used)
	h = min(h, px(cardTall))
	for i := range n {
		x := px(margin) + float32(i%columns)*(w+px(gap))
		y := px(barHigh) + px(margin) + float32(i/columns)*(h+px(gap))
		kit.PlaceAt(p.cards[i], x, y, w, h)
	}
	kit.PlaceAt(p.empty, 0, px(barHigh), size.Width, max(size.Height-px(barHigh), 0))
}

// surface is all of the wall: a press anywhere leaves it.
type surface struct {
	kit.Block
	do func()
}

// Tapped implements fyne.Tappable.
func (s *surface) Tapped(*fyne.PointEvent) { s.do() }

// bar is the dark bar at the top: the ward, what it counts, how old it is, and the
// time.
type bar struct {
	kit.Block
	back        *kit.Panel
	left, right *kit.Line
}

func newBar() *bar {
	b := &bar{left: kit.NewLine(), right: kit.NewLine()}
	b.back = kit.NewPanel(kit.PanelConfig{Square: true, Fill: theme.TopBar, Border: theme.Transparent}, kit.NewColumn(0))
	b.Parts = []fyne.CanvasObject{b.back, b.left, b.right}
	b.Min = func() fyne.Size { return fyne.NewSize(theme.Px(320), theme.Px(barHigh)) }
	b.Place = func(size fyne.Size) {
		kit.PlaceAt(b.back, 0, 0, size.Width, size.Height)
		kit.PlaceMiddle(b.left, theme.Px(16), 0, size.Height)
		w := b.right.MinSize().Width
		kit.PlaceMiddle(b.right, size.Width-w-theme.Px(12), 0, size.Height)
	}
	b.Init(b)
	return b
}

// show says as much as fits: ward, sound, age and time always.
func (b *bar) show(title, clock, sound string, s view.State) {
	left := []kit.Span{kit.T(title, kit.Style{Size: 24, Face: theme.Bold}, theme.OnTopBar)}
	link := kit.Span{Icon: iconConnected, Text: s.Link, Style: kit.Subheading, Color: theme.OnTopBar}
	if s.Late {
		link.Icon, link.Color = iconWarning, theme.Warning
	}
	right := []kit.Span{link}
	if sound != "" {
		right = []kit.Span{kit.T(sound, kit.Subheading, theme.Warning), right[0].After(16)}
	}
	if s.Sheet != "" {
		right[0] = right[0].After(16)
		right = append([]kit.Span{kit.T(s.Sheet, kit.Subheading, theme.OnTopBar)}, right...)
	}
	right = append(right, kit.T(clock, kit.Title, theme.OnTopBar).After(16))
	b.right.Update(right...)
	b.left.Update(append(left, kit.T(s.Counts, kit.Subheading, theme.OnTopBarMuted).After(16))...)
	tight := func() bool {
		return b.Size().Width > 0 && b.left.MinSize().Width+b.right.MinSize().Width+theme.Px(40) > b.Size().Width
	}
	if tight() {
		b.left.Update(left...)
	}
	if s.Sheet != "" && tight() {
		b.right.Update(right[1:]...)
	}
	b.Changed()
}
