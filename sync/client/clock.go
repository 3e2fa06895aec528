package client

import (
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/sync/wire"
)

// clock measures how far central's clock is from ours: of the last few
// ping-pongs the quickest is the most exact. A measurement that contradicts
// the others by more than their error means that a clock was set: the others
// are forgotten.
type clock struct {
	samples []sample
}

type sample struct {
	offset, trip time.Duration
}

// slack is allowed between two measurements beyond their round trips.
const slack = 100 * time.Millisecond

func (c *clock) add(s sample) {
	if best, ok := c.best(); ok {
		diff := s.offset - best.offset
		if diff < 0 {
			diff = -diff
		}
		if diff > (s.trip+best.trip)/2+slack {
			c.samples = c.samples[:0]
		}
	}
	if len(c.samples) == pingsKept {
		copy(c.samples, c.samples[1:])
		c.samples = c.samples[:pingsKept-1]
	}
	c.samples = append(c.samples, s)
}

func (c *clock) best() (sample, bool) {
	if len(c.samples) == 0 {
		return sample{}, false
	}
	b := c.samples[0]
	for _, s := range c.samples[1:] {
		if s.trip < b.trip {
			b = s
		}
	}
	return b, true
}

func (m *Machine) pong(p *wire.Pong, now wire.Now) {
	if p.ID != m.pingID || p.ID == 0 {
		return // an older one's answer: its round trip is not known any more
	}
	trip := now.Mono - m.pinged
	away := time.Duration(p.Mine-now.Wall)*time.Millisecond + trip/2
	m.clock.add(sample{offset: away, trip: trip})
	best, _ := m.clock.best()
	m.state.Offset, m.state.Measured = best.offset.Round(time.Millisecond), true
}

// status takes what central says about itself.
func (m *Machine) status(c record.Central, now wire.Now) {
	m.state.Central = c
	m.state.Heard = now.Wall
}
