package shell

import (
	"fyne.io/fyne/v2"

	"wardlight/internal/words"
	"wardlight/ui/kit"
	"wardlight/ui/theme"
)

// overlay is a panel over the page: the palette, or the keys. A press beside it
// closes it, and reaches nothing below.
type overlay struct {
	object *kit.Block
	veil   *veil
	panel  *kit.Sheet
	width  float32
	height func(width float32) float32
	before fyne.Focusable
	canvas func() fyne.Canvas
	// bare, where set, says that the page is not painted below: the ground shows,
	// which is dim already, but for a strip at the left that is so wide.
	bare func() float32
	// onTurn, where set, is called when it has opened or closed, before the focus
	// goes back.
	onTurn func()
}

func newOverlay(n *session, width float32, content fyne.CanvasObject) *overlay {
	o := &overlay{width: width, canvas: func() fyne.Canvas { return n.shell.canvas }}
	o.veil = newVeil(o.close)
	o.panel = kit.NewSheet(theme.LineStrong, content)
	o.height = func(w float32) float32 { return o.panel.HeightFor(w) }
	o.object = &kit.Block{Parts: []fyne.CanvasObject{o.veil, o.panel}}
	o.object.Min = func() fyne.Size { return fyne.NewSize(theme.Px(240), theme.Px(120)) }
	o.object.Place = func(size fyne.Size) {
		px := theme.Px
		w := min(px(o.width), size.Width-px(24))
		h := min(o.height(w), size.Height-px(16))
		kit.PlaceAt(o.panel, (size.Width-w)/2, px(8), w, h)
		if o.bare != nil {
			o.veil.keep(min(o.bare(), (size.Width-w)/2))
		} else {
			o.veil.leave(o.panel.Position(), o.panel.Size())
		}
		kit.PlaceAt(o.veil, 0, 0, size.Width, size.Height)
	}
	o.object.Init(o.object)
	o.object.Hide()
	return o
}

func (o *overlay) isOpen() bool { return o.object.Visible() }

func (o *overlay) show() {
	if o.isOpen() {
		return
	}
	c := o.canvas()
	if c != nil {
		o.before = c.Focused()
	}
	o.object.Show()
	o.object.Changed()
	if c != nil {
		c.Refresh(o.object) // hidden until now, it does not know its window, nor the window it
	}
	o.turned()
}

func (o *overlay) turned() {
	if o.onTurn != nil {
		o.onTurn()
	}
}

// typedAnew gives the focus to a field that was refused, where it is still on the button
// that was pressed.
func (o *overlay) typedAnew(f *kit.TextField, pressed fyne.Focusable) {
	if c := o.canvas(); c != nil && c.Focused() == pressed {
		kit.Focus(c, f.Focusable())
	}
}

// close gives the focus back to where it was.
func (o *overlay) close() {
	if !o.isOpen() {
		return
	}
	o.object.Hide()
	o.turned()
	if c := o.canvas(); c != nil {
		c.Unfocus()
		if o.before != nil {
			kit.Focus(c, o.before)
		}
	}
	o.before = nil
}

func (o *overlay) toggle() {
	if o.isOpen() {
		o.close()
		return
	}
	o.show()
}

// newHelp is the page of keys.
func newHelp(n *session) *overlay {
	var all []fyne.CanvasObject
	all = append(all, kit.NewBar(8, kit.NewText(words.T("Keys"), kit.Heading, theme.Text), kit.NewSpring(), kit.NewText(words.T("F1 shows this anywhere"), kit.Dense, theme.TextMuted)))
	for _, g := range keyGroups() {
		all = append(all, kit.NewText(g.head, kit.CaptionStrong, theme.TextMuted))
		for _, l := range g.lines {
			var caps []kit.Span
			for i, c := range l.caps {
				k := kit.KeyCap(capOf(c), theme.Text)
				if i > 0 {
					k.Gap = 4
				}
				caps = append(caps, k)
			}
			all = append(all, kit.NewColumns(12, []float32{1, 2}, kit.NewLine(caps...), kit.NewFlow(kit.T(l.words, kit.Dense, theme.Text))))
		}
	}
	inside := kit.NewInset(20, 12, kit.NewColumn(5, all...))
	o := newOverlay(n, 462, kit.NewScroll(inside))
	o.height = func(w float32) float32 { return kit.HeightFor(inside, w) + theme.Px(4) }
	return o
}
