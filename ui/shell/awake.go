package shell

import "time"

// The toolkit forgets to which window an object belongs when it has not drawn it for a
// minute by the computer's clock. After a computer's sleep, a guest that its host held,
// or a clock that was put right, it may forget everything that is on the screen with
// the first frame; from then on no change is drawn, whatever is typed, while the program
// goes on below: the screen would show old values as if they were of now. A whole frame
// makes it know its objects again.
const (
	// sleptFor is a gap between two beats, of a second each, that is no slow computer's.
	sleptFor = 5 * time.Second
	// framesOwed are the beats that ask for a frame after a gap: the first may be the one
	// with which the toolkit forgets.
	framesOwed = 3
	// anyway is the longest time without a frame, whatever the toolkit forgot and why.
	anyway = 10 * time.Second
)

// awake says at each beat whether the window must be drawn although nothing says that
// it changed.
type awake struct {
	last  time.Time // of the last beat
	drawn time.Time // when a frame was last asked for
	owed  int
}

// wantsFrame is what a beat asks for.
type wantsFrame int

const (
	noFrame wantsFrame = iota
	plainFrame
	wholeFrame // with every texture made anew: a sleep may have taken them
)

// beat counts one; it looks at the clock on the wall and at the one that only goes on,
// because a sleep shows on one of them and which it is depends on the system.
func (a *awake) beat(now time.Time) wantsFrame {
	if !a.last.IsZero() && (apart(now, a.last, sleptFor) || apart(now.Round(0), a.last.Round(0), sleptFor)) {
		a.owed = framesOwed
	}
	a.last = now
	switch {
	case a.owed > 0:
		a.owed--
		a.drawn = now
		return wholeFrame
	case a.drawn.IsZero() || apart(now, a.drawn, anyway):
		a.drawn = now
		return plainFrame
	}
	return noFrame
}

// apart says whether two times are d or more apart, either way.
func apart(a, b time.Time, d time.Duration) bool {
	return a.Sub(b).Abs() >= d
}

// keepDrawing asks the window's canvas itself for a frame where one is due: the objects
// on it may not know it any more.
func (s *Shell) keepDrawing() {
	want := s.awake.beat(s.conf.Now())
	if s.canvas == nil || want == noFrame {
		return
	}
	if dirty, ok := s.canvas.(interface{ SetDirty() }); ok && want == plainFrame {
		dirty.SetDirty()
		return
	}
	s.canvas.Refresh(s.frame)
}
