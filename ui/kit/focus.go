package kit

import (
	"time"

	"fyne.io/fyne/v2"
)

// focusTries and focusPause bound how long Focus waits for a frame to be drawn.
const (
	focusTries = 20
	focusPause = 25 * time.Millisecond
)

// Focus gives an object the focus.
//
// The toolkit forgets what has not been on the screen for a while, as a form that
// was hidden, and does not find it again before it has drawn it. Then the focus
// comes with the next frame, unless a person has put it elsewhere meanwhile.
func Focus(c fyne.Canvas, o fyne.Focusable) {
	if c == nil || o == nil {
		return
	}
	before := c.Focused()
	c.Focus(o)
	if _, draws := c.(drawing); draws && c.Focused() != o {
		Clock{}.refocus(c, o, before, focusTries)
	}
}

// drawing is a canvas on a screen, which draws frames by itself. A test's has
// none to wait for.
type drawing interface{ EnsureMinSize() bool }

func (k Clock) refocus(c fyne.Canvas, o, before fyne.Focusable, tries int) {
	k.after(focusPause, func() {
		if c.Focused() != before || tries == 0 || !seen(o) {
			return
		}
		c.Focus(o)
		if c.Focused() != o {
			k.refocus(c, o, before, tries-1)
		}
	})
}

func seen(o fyne.Focusable) bool {
	obj, ok := o.(fyne.CanvasObject)
	return ok && obj.Visible()
}

// focusOn gives an object the focus on the canvas that it is drawn on.
func focusOn(o fyne.Focusable) {
	if obj, ok := o.(fyne.CanvasObject); ok {
		Focus(canvasOf(obj), o)
	}
}

// canvasOf is the canvas that an object is drawn on. One that the toolkit has
// forgotten is drawn on the program's only window.
func canvasOf(o fyne.CanvasObject) fyne.Canvas {
	app := fyne.CurrentApp()
	if app == nil {
		return nil
	}
	if c := app.Driver().CanvasForObject(o); c != nil {
		return c
	}
	if all := app.Driver().AllWindows(); len(all) == 1 {
		return all[0].Canvas()
	}
	return nil
}
