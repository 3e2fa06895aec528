package shell

import (
	"image"
	"image/color"
	"image/draw"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"wardlight/internal/clinical/ward"
)

// What is measured of the window is measured as a person meets it: from a key to
// the picture of its answer. A watch waits until the window shows something, and
// then until a frame with it has been painted.
type watch struct {
	shown func() bool
	then  func(Frame)
}

// Frame is the number that a measured frame bears, in its last pixel: whoever looks
// at the screen knows by it when the frame was there. The window itself learns that
// a frame was painted only when its next turn comes, up to a sixtieth of a second
// later.
type Frame uint32

// frames is how many numbers there are: a pixel's colours. 0 is no number.
const frames = 1 << 24

// Legs are the moments on the way of the last letter that was typed into the search:
// when it reached its field, when the answer stood in the list, and when the last of
// what is drawn for it had been handed to the painter. What comes after is the
// painter's, until the frame is on the screen; what went before is the keyboard's and
// the wait until the toolkit looks for keys.
type Legs struct{ Typed, Answered, Drawn time.Time }

// Legs are those of the last letter; the display's goroutine only.
func (s *Shell) Legs() Legs { return s.legs }

// OnScreen calls then once shown holds and has been painted. Like all of the
// Shell it is for the display's goroutine; so is the call of then. From the first
// call on the window's last pixel bears the numbers.
func (s *Shell) OnScreen(shown func() bool, then func(Frame)) {
	s.light().tells = true
	s.watches = append(s.watches, watch{shown, then})
	s.watched()
}

// watched is called whenever the window shows something else.
func (s *Shell) watched() {
	if len(s.watches) == 0 {
		return
	}
	waiting := s.watches
	s.watches = nil
	for _, w := range waiting {
		if w.shown() {
			s.painted(w.then)
		} else {
			s.watches = append(s.watches, w)
		}
	}
}

// onPaint is painted where there is a screen that paints by itself. A test's
// canvas paints only when somebody asks for its picture: there it is nil, and
// what is set counts as painted.
func (s *Shell) onPaint() func(then func()) {
	if _, screen := s.canvas.(settler); !screen {
		return nil
	}
	return func(then func()) { s.painted(func(Frame) { then() }) }
}

// painted calls then after the next frame.
func (s *Shell) painted(then func(Frame)) { s.light().call(then) }

// light is the beacon, lit when it is first wanted.
func (s *Shell) light() *beacon {
	if s.beacon == nil {
		s.beacon = newBeacon(s.later)
		s.beacon.drawn = func() { s.legs.Drawn = time.Now() }
		s.frame.beacon = s.beacon.raster
		s.frame.show(s.frame.body)
	}
	return s.beacon
}

// beacon is a pixel that nobody sees, the last in the window and the last to be
// drawn. The toolkit asks a raster for its picture in the middle of painting a
// frame; what is dispatched then runs when that frame is on the screen. Where
// somebody measures it tells the frame's number by its colour.
type beacon struct {
	raster *canvas.Raster
	wait   []func(Frame)
	frame  Frame
	tells  bool
	// painting, where set, is called in the middle of painting.
	painting func()
	// drawn, where set, is called then, too, where somebody waits for the frame.
	drawn func()
}

func newBeacon(later func(func())) *beacon {
	b := &beacon{}
	b.raster = canvas.NewRaster(func(w, h int) image.Image {
		if b.painting != nil {
			b.painting()
		}
		if len(b.wait) > 0 {
			if b.drawn != nil {
				b.drawn()
			}
			b.frame = b.frame%(frames-1) + 1
		}
		fns, frame := b.wait, b.frame
		b.wait = nil
		for _, fn := range fns {
			go later(func() { fn(frame) }) // not from here: the frame is being painted
		}
		return b.picture(max(w, 1), max(h, 1))
	})
	b.raster.Resize(fyne.NewSize(1, 1))
	return b
}

func (b *beacon) picture(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	if b.tells {
		draw.Draw(img, img.Rect, image.NewUniform(color.NRGBA{uint8(b.frame >> 16), uint8(b.frame >> 8), uint8(b.frame), 255}), image.Point{}, draw.Src) //nolint:gosec // one byte each
	}
	return img
}

// call calls then after the next frame.
func (b *beacon) call(then func(Frame)) {
	b.wait = append(b.wait, then)
	b.raster.Refresh()
}

// OnList calls then when the board is on the screen with somebody on it.
func (s *Shell) OnList(then func(Frame)) {
	s.OnScreen(func() bool {
		return s.seat != nil && s.seat.at == pageBoard && s.seat.board.State().Rows.Len() > 0
	}, then)
}

// Await calls then when the search is on the screen with this text in it and what
// it finds; the empty text is the search that was just opened. Whoever asks has the
// keys pressed. It answers false where nobody is signed in.
func (s *Shell) Await(text string, then func(Frame)) bool {
	if s.seat == nil {
		return false
	}
	p := s.seat.palette
	s.seat.alerts.Fold() // a card would take the keys
	s.OnScreen(func() bool { return p.isOpen() && p.field.Text() == text && p.answers == text }, then)
	return true
}

// AwaitPage calls then when the page is on the screen again and no search over it.
// It answers false where nobody is signed in.
func (s *Shell) AwaitPage(then func(Frame)) bool {
	if s.seat == nil {
		return false
	}
	p := s.seat.palette
	s.OnScreen(func() bool { return !p.isOpen() }, then)
	return true
}

// Open opens a patient's chart as a choice from a list does, and calls then when
// it is on the screen with what is in it.
func (s *Shell) Open(id ward.PatientID, then func(Frame)) bool {
	if s.seat == nil || id == "" {
		return false
	}
	s.handMoved() // somebody chose it
	s.seat.alerts.Fold()
	s.seat.openChart(id, "")
	s.OnScreen(func() bool {
		st := s.seat.chart.State()
		return s.seat.at == pageChart && st.ID == id && st.Loaded
	}, then)
	return true
}
