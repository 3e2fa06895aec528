package shell

import (
	"time"

	"wardlight/ui/kit"
)

// countsFor is for how long after a question the frames are counted: nobody leaves a
// window behind that paints for ever.
const countsFor = 10 * time.Second

// scrolled counts the frames that show another place of the page's list than the
// frame before: what somebody who scrolls sees as motion.
type scrolled struct {
	frames int
	at     float32
	until  time.Time
}

// look is called in the middle of painting a frame.
func (c *scrolled) look(at float32) {
	if at != c.at {
		c.frames++
		c.at = at
	}
}

// Scrolled is how many frames have shown another place of the page's list since it
// was first asked: for the next seconds the window paints whenever it can. It answers
// false where the page has no list.
func (s *Shell) Scrolled() (frames int, ok bool) {
	list := s.list()
	if list == nil {
		return 0, false
	}
	if s.scrolled == nil {
		s.scrolled = &scrolled{at: list.Offset()}
		s.light().painting = s.countScrolled
		s.beacon.raster.Refresh()
	}
	s.scrolled.until = s.conf.Now().Add(countsFor)
	return s.scrolled.frames, true
}

// countScrolled is called in the middle of painting a frame.
func (s *Shell) countScrolled() {
	if s.conf.Now().After(s.scrolled.until) {
		s.beacon.painting, s.scrolled = nil, nil
		return
	}
	if list := s.list(); list != nil {
		s.scrolled.look(list.Offset())
	}
	s.beacon.raster.Refresh() // the next frame, too
}

// list is the list of the page that is shown, or nil.
func (s *Shell) list() *kit.List {
	if s.seat == nil {
		return nil
	}
	if p, ok := s.seat.pages[s.seat.at].(first); ok {
		l, _ := p.First().(*kit.List)
		return l
	}
	return nil
}
