package cache

import (
	"time"

	"wardlight/internal/tidy"
)

// stride is how the walk goes: it reads the whole store while a person waits for the
// first list, types and opens charts, on a computer of two processors. So it takes a
// quarter of one; a thirty-second while somebody's hand moves; and all of it where
// somebody waits for its end. Each rest has its bound, so that the walk ends whatever
// people do. It gives the tables' memory back as it goes on: a page stays in memory once
// it was read, and the walk would leave a copy of a million results there.
type stride struct {
	urgent func() bool // whether somebody waits for the walk's end
	hand   func() bool // whether somebody types, points or scrolls
	rest   func(time.Duration)
	now    func() time.Time
	tidy   func()
	pages  mapped

	begun  time.Time // of this step
	rows   int       // in it
	lookAt int64     // bytes since it was looked at what is mapped
	rested time.Duration
	byHand time.Duration // rested because a hand moved
}

// Bounds of a stride: rows before it rests, for how many times as long as it worked, and
// for how long in all; the same while a hand moves; how long it rests before it looks
// again whether it may; and bytes between two looks at what is in memory.
const (
	strideRows  = 512
	strideRest  = 3
	mostRest    = 30 * time.Second
	handRest    = 31
	mostByHand  = 90 * time.Second
	strideLook  = 20 * time.Millisecond
	strideBytes = 4 << 20
)

func (c *Cache) newStride() *stride {
	hand := c.o.Hand
	if hand == nil {
		hand = func() bool { return false }
	}
	return &stride{
		urgent: func() bool { return c.waiting.Load() > 0 }, hand: hand, rest: c.life.pause, now: time.Now,
		tidy: func() { tidy.PageOut(c.isTable) }, pages: mapped{now: tidy.Mapped, least: tidy.Mapped()}, begun: time.Now(),
	}
}

// step is told of a row that was read, and how large it is.
func (s *stride) step(size int64) {
	s.rows++
	if s.lookAt += size; s.lookAt >= strideBytes {
		s.lookAt = 0
		if s.pages.many() {
			s.tidy()
			s.pages.gone()
		}
	}
	if s.rows < strideRows {
		return
	}
	s.rows = 0
	s.pause(s.now().Sub(s.begun))
	s.begun = s.now()
}

// pause rests after a step that took so long, and looks meanwhile whether somebody has
// come who waits, and whether the hand has come to rest.
func (s *stride) pause(took time.Duration) {
	for gone := time.Duration(0); !s.urgent(); {
		look := strideLook
		switch {
		case s.byHand < mostByHand && gone < handRest*took && s.hand():
			look = min(look, handRest*took-gone)
			s.byHand += look
		case s.rested < mostRest && gone < strideRest*took:
			look = min(look, strideRest*took-gone)
			s.rested += look
		default:
			return
		}
		s.rest(look)
		gone += look
	}
}
