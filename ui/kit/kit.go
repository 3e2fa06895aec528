// Package kit holds the widgets that every page is built from: buttons, chips,
// score badges, values, lists, the bars around a page, form fields, the alert
// card and the trend chart.
//
// A widget draws and calls back; it decides nothing and knows no clinical word.
// Its look is given by a small comparable configuration, and Update refreshes
// only when that configuration changed. Colours are tokens of ui/theme and
// lengths are design units, both asked for at every refresh, so a change of
// appearance or text scale redraws everything.
//
// Promises: a value is never cut, at no scale (a widget's MinSize is its whole
// text); the focus ring is always visible; keys that a widget has no use for go
// on to the window's own key handler; a press acts on what was drawn when the
// button went down; rows of a list never reorder under the pointer or the
// keyboard focus; nothing moves except the border of a new alert card.
//
// Everything here is called on Fyne's own goroutine.
package kit

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/ui/theme"
)

// pane is the renderer of all widgets of this package: the widget keeps its
// objects and says in three functions how they are measured, placed and redrawn.
type pane struct {
	objects []fyne.CanvasObject
	min     func() fyne.Size
	layout  func(fyne.Size)
	refresh func()
}

func (p *pane) Destroy()                     {}
func (p *pane) Objects() []fyne.CanvasObject { return p.objects }
func (p *pane) MinSize() fyne.Size           { return p.min() }
func (p *pane) Layout(s fyne.Size)           { p.layout(s) }
func (p *pane) Refresh()                     { p.refresh() }

// Clock is the time and the one kind of timer that widgets need, so that tests
// can hold both. The zero value is the computer's own clock.
type Clock struct {
	Now   func() time.Time
	After func(d time.Duration, do func()) (stop func())
}

func (c Clock) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// after runs do once, on Fyne's goroutine, unless stopped before.
func (c Clock) after(d time.Duration, do func()) (stop func()) {
	if c.After != nil {
		return c.After(d, do)
	}
	t := time.AfterFunc(d, func() { fyne.Do(do) })
	return func() { t.Stop() }
}

// forward hands a key that a focused widget has no use for to the window, which
// gets no keys of its own while anything has the focus.
func forward(from fyne.CanvasObject, ev *fyne.KeyEvent) {
	c := canvasOf(from)
	if c == nil {
		return
	}
	if handler := c.OnTypedKey(); handler != nil {
		handler(ev)
	}
}

// ring is the keyboard focus ring. It is drawn outside its control, with a gap,
// so that it stands out against a filled button as well.
type ring struct {
	*canvas.Rectangle
	radius float32
	inside bool
}

func newRing(radius float32, inside bool) *ring {
	r := &ring{Rectangle: canvas.NewRectangle(theme.Color(theme.Transparent)), radius: radius, inside: inside}
	r.Hide()
	return r
}

// place puts the ring around (or, for rows, just inside) a control at pos.
func (r *ring) place(pos fyne.Position, size fyne.Size) {
	gap := float32(2) + theme.Stroke(theme.FocusRing)
	if r.inside {
		gap = 0
	}
	r.Move(pos.SubtractXY(gap, gap))
	r.Resize(size.AddWidthHeight(2*gap, 2*gap))
}

func (r *ring) show(on bool) {
	r.StrokeColor = theme.Color(theme.Focus)
	r.StrokeWidth = theme.Stroke(theme.FocusRing)
	r.CornerRadius = 0
	if !r.inside {
		r.CornerRadius = theme.Px(r.radius) + 4
	}
	if on {
		r.Show()
	} else {
		r.Hide()
	}
	r.Refresh()
}

// paintBox paints a rectangle with fill, border and radius by token. It asks for a
// frame only where something of that is another: a list paints all of its boxes at
// every key.
func paintBox(r *canvas.Rectangle, fill, border theme.Token, width, radius float32) {
	if border == "" || border == theme.Transparent {
		width = 0
	}
	in, edge, round := theme.Color(fill), theme.Color(border), theme.Px(radius)
	if r.FillColor == in && r.StrokeColor == edge && r.StrokeWidth == width && r.CornerRadius == round {
		return
	}
	r.FillColor, r.StrokeColor, r.StrokeWidth, r.CornerRadius = in, edge, width, round
	r.Refresh()
}

func newBox() *canvas.Rectangle { return canvas.NewRectangle(theme.Color(theme.Transparent)) }

// put moves and resizes in one call.
func put(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// putMiddle gives an object its own size at x, in the middle of a height.
func putMiddle(o fyne.CanvasObject, x, top, height float32) float32 {
	size := o.MinSize()
	put(o, x, top+(height-size.Height)/2, size.Width, size.Height)
	return size.Width
}

// heightFor is an object whose height depends on its width, as of a paragraph.
type heightFor interface {
	HeightFor(width float32) float32
}

// HeightFor returns how high an object must be at a width.
func HeightFor(o fyne.CanvasObject, width float32) float32 {
	if h, ok := o.(heightFor); ok {
		return h.HeightFor(width)
	}
	if c, ok := o.(*fyne.Container); ok {
		if l, ok := c.Layout.(heightLayout); ok {
			return l.heightFor(c.Objects, width)
		}
	}
	return o.MinSize().Height
}

// tokenName shortens signatures.
type tokenName = theme.Token

func px(v float32) float32 { return theme.Px(v) }

func canvasRefresh(o fyne.CanvasObject) { canvas.Refresh(o) }

// windowShortcut is what the window does with a chord that a field has no use for.
var windowShortcut func(fyne.Shortcut)

// OnShortcut says what the window does with a chord that what has the focus has no use for.
// The toolkit gives chords to a field alone while it has the focus.
func OnShortcut(do func(fyne.Shortcut)) { windowShortcut = do }

// forwardShortcut hands a shortcut to the window, which gets none of its own
// while something that takes shortcuts has the focus.
func forwardShortcut(from fyne.CanvasObject, s fyne.Shortcut) {
	if windowShortcut != nil {
		windowShortcut(s)
		return
	}
	if handler, ok := canvasOf(from).(fyne.Shortcutable); ok {
		handler.TypedShortcut(s)
	}
}
