package shell

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
)

// paper is a canvas that notes what it is asked to paint.
type paper struct {
	fyne.Canvas
	asked []fyne.CanvasObject
}

func (p *paper) Refresh(o fyne.CanvasObject) { p.asked = append(p.asked, o) }

// The toolkit finds out which window an object is in when it first paints it. One
// that was hidden until now is in none, so that showing it alone painted nothing:
// on a quiet screen F1 did nothing until something else changed.
func TestWhatIsOpenedOverThePageIsPaintedAtOnce(t *testing.T) {
	r := newRig(t, light(), 1366, 768)
	r.signIn()
	n := r.s.seat
	for name, o := range map[string]*overlay{"search": n.palette.overlay, "keys": n.help, "emergency": n.glass.overlay, "over the limit": n.beyond.overlay} {
		p := &paper{Canvas: r.s.canvas}
		r.s.canvas = p
		o.show()
		if !slices.Contains(p.asked, fyne.CanvasObject(o.object)) {
			t.Errorf("%s: nothing is painted", name)
		}
		o.close()
		r.s.canvas = p.Canvas
	}
}
