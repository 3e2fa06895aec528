package shell

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"wardlight/ui/theme"
)

// A window that goes on without a gap is asked for a frame every ten seconds only; one
// that slept, by whichever clock, is drawn whole three times, because the first frame
// may be the one with which the toolkit forgets what it had drawn.
func TestAGapAsksForWholeFrames(t *testing.T) {
	for name, jump := range map[string]time.Duration{"asleep": 70 * time.Second, "put back": -time.Hour} {
		var a awake
		now := noon
		count := map[wantsFrame]int{}
		for range 30 {
			count[a.beat(now)]++
			now = now.Add(time.Second)
		}
		if count[wholeFrame] != 0 || count[plainFrame] != 3 {
			t.Errorf("%s: in half a minute without a gap %v", name, count)
		}
		now = now.Add(jump)
		var got []wantsFrame
		for range 5 {
			got = append(got, a.beat(now))
			now = now.Add(time.Second)
		}
		for n, want := range []wantsFrame{wholeFrame, wholeFrame, wholeFrame, noFrame, noFrame} {
			if got[n] != want {
				t.Errorf("%s: %v", name, got)
				break
			}
		}
	}
}

// refreshed is a canvas that says what it was asked to draw.
type refreshed struct {
	fyne.Canvas
	what  []fyne.CanvasObject
	dirty int
}

func (c *refreshed) Refresh(o fyne.CanvasObject) { c.what = append(c.what, o) }
func (c *refreshed) SetDirty()                   { c.dirty++ }

// The canvas is asked, and not the objects on it: they are what may not know it.
func TestTheCanvasItselfIsAskedForTheFrame(t *testing.T) {
	r := newRig(t, theme.Options{}, 1366, 768)
	c := &refreshed{Canvas: test.NewCanvas()}
	now := noon
	r.s.conf.Now = func() time.Time { return now }
	r.s.canvas = c
	r.s.keepDrawing()
	now = now.Add(70 * time.Second)
	r.s.keepDrawing()
	if c.dirty != 1 || len(c.what) != 1 || c.what[0] != r.s.Content() {
		t.Errorf("plain frames %d, whole ones of %v", c.dirty, c.what)
	}
}
