package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"wardlight/assets"
	"wardlight/ui/theme"
)

// The guard and the pulse of a card that has just opened.
const (
	cardKeyGuard   = time.Second
	cardPressGuard = 500 * time.Millisecond
	pulsePeriod    = time.Second
	pulses         = 3
)

// CardConfig is the head of an alert card.
type CardConfig struct {
	Title string
	Icon  assets.Icon
	Right string // what has not happened yet, and for how long
	Count string // as "2 of 3", where several wait
}

// AlertCard is the one thing that comes up by itself. It lies over a dimmed page
// and leaves what is above the page, the top bar and the status strip, usable: it
// is an object in the window's content and no Fyne dialog.
//
// For one second after it was painted no key counts, wherever it was meant for;
// then the focus is on the card's head and never on a button, so no Enter or
// Space that was on its way can take anything. A press needs half a second, the
// time a hand needs to see that the page under it has changed. A key or a press
// that comes too early makes that time begin anew, and OnEarly tells of it: the
// next one may be the same hand, trying again. Tab goes round inside the card.
// Its border pulses three times, unless the person asked for less motion.
type AlertCard struct {
	widget.BaseWidget

	// OnKey gets the keys that the card's head or buttons have no use for, once
	// the guard has passed, and answers whether that was all. Others go on to the
	// window.
	OnKey func(fyne.KeyName) bool
	// OnShown is called when the display has painted the card, or its next body.
	OnShown func()
	// OnEarly is called for a key or a press that came too early to count.
	OnEarly func()
	// Painted calls then when what is set now has been painted. Without it the
	// card counts as painted at once.
	Painted func(then func())

	config CardConfig
	clock  Clock
	scrim  *scrim
	frame  *canvas.Rectangle
	band   *canvas.Rectangle
	head   *cardHead
	title  *Line
	right  *Line
	body   fyne.CanvasObject
	scroll *container.Scroll // around the body, which may be higher than the page
	foot   fyne.CanvasObject // always in view: what can be done
	first  *sentinel
	last   *sentinel
	ring   *ring
	pane   *pane
	opened time.Time // since when it is on the screen
	seen   bool      // it is on the screen
	turns  int       // counts bodies: a late word that one was painted is known by it
	isOpen bool
	window fyne.Canvas    // where it was opened
	back   fyne.Focusable // what had the focus before
	stop   func()
	beat   int
	dimmed bool
	below  float32 // what is kept free under the card
}

// NewAlertCard makes a card, hidden until Open. Set its body before.
func NewAlertCard(config CardConfig, clock Clock) *AlertCard {
	c := &AlertCard{config: config, clock: clock}
	c.scrim = newScrim(c.focusHead)
	c.frame, c.band = newBox(), newBox()
	c.title, c.right, c.ring = NewLine(), NewLine(), newRing(4, true)
	c.head = newCardHead(c)
	c.first = newSentinel(c.focusLast)
	c.last = newSentinel(c.focusHead)
	c.ExtendBaseWidget(c)
	c.redraw()
	c.Hide()
	return c
}

// Update changes the head; nothing is redrawn when it is the same. The guard does
// not begin anew: the person already looks at the card.
func (c *AlertCard) Update(config CardConfig) {
	if c.config == config {
		return
	}
	c.config = config
	c.redraw()
	c.place(c.Size())
	canvasRefresh(c)
}

// KeepFree keeps so much of the page free under the card, for a toast: neither may
// lie over the other. What is dimmed stays the whole page.
func (c *AlertCard) KeepFree(below float32) {
	if c.below == below {
		return
	}
	c.below = below
	c.place(c.Size())
}

// Bottom is where the card ends, from the top of what it lies over.
func (c *AlertCard) Bottom() float32 { return c.frame.Position().Y + c.frame.Size().Height }

// SetBody shows a body, and a foot that stays in view, in the card, as for the
// next of several alerts; the guard begins anew, because the buttons now mean
// something else.
func (c *AlertCard) SetBody(body, foot fyne.CanvasObject) {
	c.body, c.foot = body, foot
	c.scroll = NewScroll(body)
	if c.pane != nil {
		c.pane.objects = c.objects()
	}
	c.place(c.Size())
	canvasRefresh(c)
	if c.isOpen {
		c.focusHead()
		c.appear()
	}
}

// appear waits until the display has painted the card. Only then its time
// begins: on a slow screen a key may have been pressed before anything was to be
// seen, and be handled after.
func (c *AlertCard) appear() {
	c.turns++
	turn := c.turns
	c.seen = false
	shown := func() {
		if c.turns != turn || !c.isOpen {
			return
		}
		c.seen, c.opened = true, c.clock.now()
		if c.OnShown != nil {
			c.OnShown()
		}
	}
	if c.Painted == nil {
		shown()
		return
	}
	c.Painted(shown)
}

// early begins the card's time anew.
func (c *AlertCard) early() {
	c.opened = c.clock.now()
	if c.OnEarly != nil {
		c.OnEarly()
	}
}

func (c *AlertCard) focusHead() {
	if c.window != nil {
		Focus(c.window, c.head)
	}
}

// Open shows the card, which must be in the window's content, remembers what had
// the focus and takes it.
func (c *AlertCard) Open(window fyne.Canvas) {
	if c.isOpen {
		return
	}
	c.isOpen, c.window = true, window
	c.back = window.Focused()
	c.Show()
	Focus(window, c.head)
	c.appear()
	c.startPulse()
}

// resumer is a field that goes on where it was instead of selecting all.
type resumer interface{ Resume() }

// Close hides the card and gives the focus back to where it was.
func (c *AlertCard) Close() {
	if !c.isOpen {
		return
	}
	c.isOpen = false
	c.stopPulse()
	c.Hide()
	c.window.Unfocus()
	if c.back != nil {
		Focus(c.window, c.back)
		if field, ok := c.back.(resumer); ok {
			field.Resume()
		}
	}
	c.back, c.window = nil, nil
}

// IsOpen reports whether the card is shown.
func (c *AlertCard) IsOpen() bool { return c.isOpen }

// KeysGuarded reports whether keys do not count yet.
func (c *AlertCard) KeysGuarded() bool {
	return c.guarded(cardKeyGuard)
}

// pressGuarded is the guard of buttons against the pointer.
func (c *AlertCard) pressGuarded() bool {
	return c.guarded(cardPressGuard)
}

func (c *AlertCard) guarded(long time.Duration) bool {
	return c.isOpen && (!c.seen || c.clock.now().Sub(c.opened) < long)
}

// Button makes a button that obeys the card's guard. Buttons in a card's body are
// made by this.
func (c *AlertCard) Button(config ButtonConfig, onTap func()) *Button {
	b := NewButton(config, onTap)
	b.Guard = c.pressGuarded
	b.GuardKeys = c.KeysGuarded
	b.OnGuarded = c.early
	b.OnKey = c.key
	return b
}

// Do runs what a key of the window means for the card, unless the guard is on. It
// is for window shortcuts that act on the card, as F5.
func (c *AlertCard) Do(action func()) bool {
	if !c.isOpen {
		return false
	}
	if c.KeysGuarded() {
		c.early()
	} else {
		action()
	}
	return true
}

// key is a key that came to the head or to a button of the card.
func (c *AlertCard) key(ev *fyne.KeyEvent) {
	if c.KeysGuarded() {
		c.early()
		return
	}
	if c.OnKey != nil && c.OnKey(ev.Name) {
		return
	}
	forward(c, ev)
}

// focusLast focuses the last thing in the body that takes the focus.
func (c *AlertCard) focusLast() {
	if c.window == nil {
		return
	}
	c.last.quiet = true // a step on the way, not a turn
	c.window.Focus(c.last)
	c.last.quiet = false
	c.window.FocusPrevious()
}

func (c *AlertCard) startPulse() {
	c.beat, c.dimmed = 0, false
	if theme.Still() {
		return
	}
	c.tick()
}

// tick changes the border twice a period, three periods long.
func (c *AlertCard) tick() {
	c.stop = c.clock.after(pulsePeriod/2, func() {
		c.stop = nil
		c.beat++
		c.dimmed = c.beat%2 == 1 && c.beat < 2*pulses
		c.paintFrame()
		if c.beat < 2*pulses && c.isOpen {
			c.tick()
		}
	})
}

func (c *AlertCard) stopPulse() {
	if c.stop != nil {
		c.stop()
		c.stop = nil
	}
	c.dimmed = false
}

func (c *AlertCard) paintFrame() {
	border := theme.Critical
	if c.dimmed {
		border = theme.Warning
	}
	paintBox(c.frame, theme.Surface, border, 3, 6)
}

func (c *AlertCard) redraw() {
	c.paintFrame()
	paintBox(c.band, theme.Critical, theme.Transparent, 0, 3)
	title := []Span{{Icon: c.config.Icon, Text: c.config.Title, Style: Style{20, theme.SemiBold}, Color: theme.OnCritical}}
	if c.config.Count != "" {
		title = append(title, T(c.config.Count, BodyStrong, theme.OnCritical).After(24))
	}
	c.title.Update(title...)
	c.right.Update(T(c.config.Right, BodyStrong, theme.OnCritical))
	c.ring.show(c.head.focused)
	c.ring.StrokeColor = theme.Color(theme.OnCritical)
}

func (c *AlertCard) objects() []fyne.CanvasObject {
	if c.body == nil {
		return nil
	}
	return []fyne.CanvasObject{c.scrim, c.frame, c.first, c.band, c.head, c.title, c.right, c.ring.Rectangle, c.scroll, c.foot, c.last}
}

// place keeps the card 944 wide where there is room, high enough for its body and
// in the upper part of the page.
func (c *AlertCard) place(size fyne.Size) {
	if c.body == nil {
		return
	}
	put(c.scrim, 0, 0, size.Width, size.Height)
	size.Height = max(size.Height-c.below, 0)
	width := min(px(944), size.Width-2*px(12))
	head := px(50)
	inner := width - 2*3
	foot := HeightFor(c.foot, inner)
	height := min(head+HeightFor(c.body, inner)+foot+3, size.Height-2*px(8))
	left := (size.Width - width) / 2
	top := max(min(px(27), size.Height-height-px(8)), px(8))
	put(c.frame, left, top, width, height)
	put(c.band, left, top, width, head)
	put(c.head, left, top, width, head)
	put(c.first, left, top, 0, 0)
	put(c.last, left, top+height, 0, 0)
	c.ring.place(fyne.NewPos(left+4, top+4), fyne.NewSize(width-8, head-8))
	putMiddle(c.title, left+px(21), top, head)
	putMiddle(c.right, left+width-px(20)-c.right.MinSize().Width, top, head)
	put(c.scroll, left+3, top+head, inner, max(height-head-foot-3, 0))
	put(c.foot, left+3, top+height-3-foot, inner, foot)
	c.scroll.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (c *AlertCard) CreateRenderer() fyne.WidgetRenderer {
	c.pane = &pane{
		objects: c.objects(),
		min:     func() fyne.Size { return fyne.NewSize(px(320), px(120)) },
		layout:  c.place,
		refresh: func() { c.redraw(); c.place(c.Size()); canvasRefresh(c) },
	}
	return c.pane
}

// cardHead takes the focus when the card opens and gives no key a meaning of its
// own. While the guard is on it keeps even Tab.
type cardHead struct {
	widget.BaseWidget
	card    *AlertCard
	focused bool
}

func newCardHead(c *AlertCard) *cardHead {
	h := &cardHead{card: c}
	h.ExtendBaseWidget(h)
	return h
}

func (h *cardHead) CreateRenderer() fyne.WidgetRenderer {
	return &pane{
		min:     func() fyne.Size { return fyne.NewSize(0, px(50)) },
		layout:  func(fyne.Size) {},
		refresh: func() {},
	}
}

func (h *cardHead) FocusGained() { h.focused = true; h.card.redraw() }
func (h *cardHead) FocusLost()   { h.focused = false; h.card.redraw() }
func (h *cardHead) TypedRune(rune) {
	presence()
	if h.card.KeysGuarded() {
		h.card.early() // somebody goes on typing what was meant for the page
	}
}
func (h *cardHead) AcceptsTab() bool { return h.card.KeysGuarded() }

func (h *cardHead) TypedKey(ev *fyne.KeyEvent) {
	presence()
	if ev.Name == fyne.KeyTab {
		return // only while the guard is on
	}
	h.card.key(ev)
}

// TypedShortcut implements fyne.Shortcutable: shortcuts meant for the page below
// do not count while the guard is on.
func (h *cardHead) TypedShortcut(s fyne.Shortcut) {
	if !h.card.KeysGuarded() {
		forwardShortcut(h.card, s)
	}
}

func (h *cardHead) AccessibilityLabel() string {
	return h.card.config.Title + ", " + h.card.config.Right
}

func (h *cardHead) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// sentinel is a place in the Tab order that sends the focus elsewhere, so that
// Tab goes round inside the card.
type sentinel struct {
	widget.BaseWidget
	gained func()
	quiet  bool
}

func newSentinel(gained func()) *sentinel {
	s := &sentinel{gained: gained}
	s.ExtendBaseWidget(s)
	return s
}

func (s *sentinel) CreateRenderer() fyne.WidgetRenderer {
	return &pane{min: func() fyne.Size { return fyne.Size{} }, layout: func(fyne.Size) {}, refresh: func() {}}
}

func (s *sentinel) FocusGained() {
	if s.quiet {
		return
	}
	s.gained()
}
func (s *sentinel) FocusLost()              {}
func (s *sentinel) TypedRune(rune)          {}
func (s *sentinel) TypedKey(*fyne.KeyEvent) {}

// scrim dims what is under it and keeps every press and scroll from it.
type scrim struct {
	widget.BaseWidget
	back   *canvas.Rectangle
	tapped func()
}

func newScrim(tapped func()) *scrim {
	s := &scrim{back: newBox(), tapped: tapped}
	s.ExtendBaseWidget(s)
	return s
}

func (s *scrim) CreateRenderer() fyne.WidgetRenderer {
	paintBox(s.back, theme.Scrim, theme.Transparent, 0, 0)
	return &pane{
		objects: []fyne.CanvasObject{s.back},
		min:     func() fyne.Size { return fyne.Size{} },
		layout:  func(size fyne.Size) { put(s.back, 0, 0, size.Width, size.Height) },
		refresh: func() { paintBox(s.back, theme.Scrim, theme.Transparent, 0, 0) },
	}
}

func (s *scrim) Tapped(*fyne.PointEvent)          {}
func (s *scrim) TappedSecondary(*fyne.PointEvent) {}
func (s *scrim) MouseDown(*desktop.MouseEvent)    {}
func (s *scrim) MouseUp(*desktop.MouseEvent)      {}
func (s *scrim) MouseIn(*desktop.MouseEvent)      {}
func (s *scrim) MouseMoved(*desktop.MouseEvent)   {}
func (s *scrim) MouseOut()                        {}
func (s *scrim) Scrolled(*fyne.ScrollEvent)       {}
