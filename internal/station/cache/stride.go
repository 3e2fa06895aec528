package cache

import (
	"time"

	"wardlight/internal/tidy"
)

// stride is how the walk goes: it reads the whole store while a person waits for the
// first list, types and opens charts, on a computer of two processors. So it takes a
// quarter of one, unless somebody waits for its end, and gives the tables' memory back
// as it goes on: a page stays in memory once it was read, and the walk would leave a
// copy of a million results there.
type stride struct {
	urgent func() bool // whether somebody waits for the walk's end
	rest   func(time.Duration)
	now    func() time.Time
	tidy   func()
	pages  mapped

	begun  time.Time // of this step
	rows   int       // in it
	lookAt int64     // bytes since it was looked at what is mapped
	rested time.Duration
}

// Bounds of a stride: rows before it rests, for how many times as long as it worked, and
// for how long in all; and bytes between two looks at what is in memory.
const (
	strideRows  = 512
	strideRest  = 3
	mostRest    = 30 * time.Second
	strideBytes = 4 << 20
)

func (c *Cache) newStride() *stride {
	return &stride{
		urgent: func() bool { return c.waiting.Load() > 0 }, rest: c.life.pause, now: time.Now,
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
	if pause := strideRest * s.now().Sub(s.begun); !s.urgent() && s.rested < mostRest {
		s.rested += pause
		s.rest(pause)
	}
	s.begun = s.now()
}
