package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// pressable is what all things that can be pressed share: pointer, keyboard and
// focus. The outer widget draws by hovered and focused.
//
// A press acts by what OnTap was when the mouse went down: a row that is reused
// for another item between press and release cannot send the click astray.
type pressable struct {
	widget.BaseWidget

	// OnTap is called on a click, Enter or Space.
	OnTap func()
	// OnFocus is called when the widget gets the focus, as to bring it into view.
	OnFocus func()
	// Guard and GuardKeys, while they answer true, make the widget deaf to the
	// pointer and to keys: what was meant for something else must not reach what
	// has only just appeared.
	Guard, GuardKeys func() bool
	// OnGuarded is called for a press or a key that a guard refused.
	OnGuarded func()
	// OnKey, where set, gets the keys that the widget has no use for, instead of
	// the window.
	OnKey func(*fyne.KeyEvent)

	self    pressed
	off     func() bool
	armed   func() // what the press in progress will do
	down    bool   // the mouse went down here
	hovered bool
	focused bool
}

// pressed is the outer widget.
type pressed interface {
	fyne.Widget
	fyne.Focusable
}

func (p *pressable) extend(self pressed, off func() bool) {
	p.self, p.off = self, off
	p.ExtendBaseWidget(self)
}

func (p *pressable) deaf() bool {
	return p.off() || (p.Guard != nil && p.Guard())
}

// MouseDown implements desktop.Mouseable: it remembers what the press is for.
func (p *pressable) MouseDown(ev *desktop.MouseEvent) {
	if ev.Button != desktop.MouseButtonPrimary {
		return
	}
	p.down, p.armed = true, nil
	if !p.deaf() {
		p.armed = p.OnTap
	} else {
		p.refused()
	}
}

func (p *pressable) refused() {
	if p.OnGuarded != nil && !p.off() {
		p.OnGuarded()
	}
}

// MouseUp implements desktop.Mouseable; Fyne reports the click by Tapped.
func (p *pressable) MouseUp(*desktop.MouseEvent) {}

// Tapped implements fyne.Tappable.
func (p *pressable) Tapped(*fyne.PointEvent) {
	do := p.armed
	if !p.down && !p.deaf() {
		do = p.OnTap // a tap without a mouse, as by a touch screen
	}
	p.down, p.armed = false, nil
	if do == nil {
		return
	}
	focusOn(p.self)
	do()
}

// MouseIn implements desktop.Hoverable.
func (p *pressable) MouseIn(*desktop.MouseEvent) { p.setHovered(true) }

// MouseMoved implements desktop.Hoverable.
func (p *pressable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (p *pressable) MouseOut() { p.setHovered(false) }

func (p *pressable) setHovered(on bool) {
	if p.hovered != on {
		p.hovered = on
		p.self.Refresh()
	}
}

// FocusGained implements fyne.Focusable.
func (p *pressable) FocusGained() {
	p.focused = true
	p.self.Refresh()
	if p.OnFocus != nil {
		p.OnFocus()
	}
}

// FocusLost implements fyne.Focusable.
func (p *pressable) FocusLost() { p.focused = false; p.self.Refresh() }

// TypedRune implements fyne.Focusable.
func (p *pressable) TypedRune(rune) { presence() }

// TypedKey implements fyne.Focusable. Keys without a meaning here go on to the
// window, so that a function key works wherever the focus is.
func (p *pressable) TypedKey(ev *fyne.KeyEvent) {
	presence()
	switch ev.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		switch {
		case p.off() || p.OnTap == nil:
		case p.GuardKeys != nil && p.GuardKeys():
			p.refused()
		default:
			p.OnTap()
		}
	default:
		if p.OnKey != nil {
			p.OnKey(ev)
			return
		}
		forward(p.self, ev)
	}
}

// chooser is the base of what offers several choices and takes the focus as one:
// tabs, segmented switches, the rail. Arrow keys move, a press acts on the
// choice drawn at the press.
type chooser struct {
	widget.BaseWidget

	// OnChoose is called with the index that a person chose.
	OnChoose func(index int)
	// OnEnter, where set, is what Enter does instead of choosing: in a form it
	// goes on, and what was not answered stays unanswered.
	OnEnter func()
	// OnFocus is called when the widget gets the focus, as to bring it into view.
	OnFocus func()

	self     pressed
	count    func() int
	at       func(fyne.Position) int // the choice under a point, or -1
	vertical bool
	manual   bool // arrows move a cursor, Enter chooses
	selected int
	cursor   int
	press    int
	hover    int
	focused  bool
}

func (c *chooser) extend(self pressed, count func() int, at func(fyne.Position) int) {
	c.self, c.count, c.at = self, count, at
	c.press, c.hover = -1, -1
	c.ExtendBaseWidget(self)
}

// choose takes a choice as a person's.
func (c *chooser) choose(i int) {
	if i < 0 || i >= c.count() {
		return
	}
	c.cursor = i
	if c.OnChoose != nil {
		c.OnChoose(i)
	}
}

// MouseDown implements desktop.Mouseable.
func (c *chooser) MouseDown(ev *desktop.MouseEvent) {
	if ev.Button == desktop.MouseButtonPrimary {
		c.press = c.at(ev.Position)
	}
}

// MouseUp implements desktop.Mouseable.
func (c *chooser) MouseUp(*desktop.MouseEvent) {}

// Tapped implements fyne.Tappable.
func (c *chooser) Tapped(ev *fyne.PointEvent) {
	i := c.press
	if i < 0 {
		i = c.at(ev.Position)
	}
	c.press = -1
	if i >= 0 {
		focusOn(c.self)
	}
	c.choose(i)
}

// MouseIn implements desktop.Hoverable.
func (c *chooser) MouseIn(ev *desktop.MouseEvent) { c.setHover(c.at(ev.Position)) }

// MouseMoved implements desktop.Hoverable.
func (c *chooser) MouseMoved(ev *desktop.MouseEvent) { c.setHover(c.at(ev.Position)) }

// MouseOut implements desktop.Hoverable.
func (c *chooser) MouseOut() { c.setHover(-1) }

func (c *chooser) setHover(i int) {
	if c.hover != i {
		c.hover = i
		c.self.Refresh()
	}
}

// FocusGained implements fyne.Focusable.
func (c *chooser) FocusGained() {
	c.focused = true
	c.cursor = max(c.selected, 0)
	c.self.Refresh()
	if c.OnFocus != nil {
		c.OnFocus()
	}
}

// FocusLost implements fyne.Focusable.
func (c *chooser) FocusLost() { c.focused = false; c.self.Refresh() }

// TypedRune implements fyne.Focusable.
func (c *chooser) TypedRune(rune) { presence() }

// TypedKey implements fyne.Focusable.
func (c *chooser) TypedKey(ev *fyne.KeyEvent) {
	presence()
	back, ahead := fyne.KeyLeft, fyne.KeyRight
	if c.vertical {
		back, ahead = fyne.KeyUp, fyne.KeyDown
	}
	switch ev.Name {
	case back:
		c.step(-1)
	case ahead:
		c.step(1)
	case fyne.KeyReturn, fyne.KeyEnter:
		if c.OnEnter != nil {
			c.OnEnter()
			return
		}
		c.choose(c.cursor)
	case fyne.KeySpace:
		c.choose(c.cursor)
	default:
		forward(c.self, ev)
	}
}

func (c *chooser) step(by int) {
	next := min(max(c.cursor+by, 0), c.count()-1)
	if next == c.cursor {
		return
	}
	c.cursor = next
	if c.manual {
		c.self.Refresh()
		return
	}
	c.choose(next)
}
