package simtest

import (
	"slices"
	"time"

	"wardlight/internal/compact"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// conn is one connection: two directions of frames, each in order unless fate
// has it otherwise.
type conn struct {
	w       *world
	station *station
	nr      uint64 // the client's session
	up      lane   // to central
	down    lane   // to the station
	session *hub.Session
	host    uint64 // central's incarnation
	life    uint64 // the station's
	armed   time.Duration
	closed  bool               // nothing goes either way any more
	packed  compact.Dictionary // agreed on, once the welcome has arrived
}

// lane is one direction.
type lane struct {
	last time.Duration // when the latest frame arrives
	in   wire.Assembler
}

// deliver sends a message's frames and calls take for what arrives.
func (c *conn) deliver(l *lane, msg wire.Message, take func(wire.Message, error)) {
	w := c.w
	frames, err := wire.SplitPacked(msg, 0, c.packed)
	if err != nil {
		w.fail("a message cannot be framed: %v", err)
		return
	}
	for _, f := range frames {
		if c.closed || c.station.cut || w.chance(w.profile.drop) {
			continue // nobody is told
		}
		times := 1
		if w.chance(w.profile.double) {
			times = 2
		}
		for range times {
			at := w.now + time.Duration(1+w.rng.IntN(20))*time.Millisecond
			if !w.chance(w.profile.overtake) {
				at = max(at, l.last)
				l.last = at
			}
			w.at(at, func() { c.arrive(l, f, take) })
		}
	}
}

func (c *conn) arrive(l *lane, f []byte, take func(wire.Message, error)) {
	if c.closed || c.station.cut {
		return
	}
	msg, _, err := l.in.Next(f)
	if welcome, ok := msg.(*wire.Welcome); ok {
		c.packed = welcome.Dictionary
	}
	if err != nil || msg != nil {
		take(msg, err)
	}
}

// reset ends the connection and tells both sides, as a broken TCP connection
// does. silent tells nobody: half open.
func (c *conn) reset(silent bool) {
	if c.closed {
		return
	}
	c.closed = true
	if silent {
		return
	}
	c.w.soon(func() { c.toStation(client.Lost{Session: c.nr}) })
	c.w.soon(func() { c.toHub(hub.Lost{}) })
}

// toStation hands the station's machine an event, if it is still the same run
// of the program.
func (c *conn) toStation(ev client.Event) {
	if c.station.life == c.life {
		c.station.step(ev)
	}
}

// toHub hands the session an event, if central has not been restarted.
func (c *conn) toHub(ev hub.Event) {
	w := c.w
	if c.session == nil || c.session.Over() || w.central.down || c.host != w.central.life {
		return
	}
	for _, e := range slices.Clone(c.session.Step(ev, w.central.clock())) {
		c.perform(e)
	}
	c.arm()
}

// arm sees to it that the session is woken when it wants to be.
func (c *conn) arm() {
	at := max(c.session.Wake(), c.w.now)
	if at > 1<<62 || c.armed > c.w.now && c.armed <= at {
		return
	}
	c.armed = at
	c.w.at(at, func() {
		switch {
		case c.armed != at:
		case c.session.Wake() > c.w.now:
			c.armed = 0
			c.arm()
		default:
			c.armed = 0
			c.toHub(hub.Wakeup{})
		}
	})
}

// perform does a session's effect.
func (c *conn) perform(e hub.Effect) {
	w := c.w
	life := w.central.life
	later := func(do func() hub.Event) {
		w.soon(func() {
			if w.central.down || w.central.life != life {
				return
			}
			ev := do()
			if w.central.down {
				return // it crashed in the act
			}
			w.soon(func() {
				if w.central.life == life {
					c.toHub(ev)
				}
			})
		})
	}
	switch e := e.(type) {
	case hub.Send:
		if r, ok := e.Msg.(*wire.Receipts); ok {
			w.sentReceipts(r.Receipts)
		}
		c.deliver(&c.down, e.Msg, c.stationGot)
	case hub.Hangup:
		c.after(func() { c.reset(false) })
	case hub.Submit:
		later(func() hub.Event {
			r, err := w.central.submit(c.station.peer(), e.Mutation)
			return hub.Submitted{Mutation: e.Mutation, Receipt: r, Err: err}
		})
	case hub.StoreLooks:
		later(func() hub.Event {
			upTo, err := w.central.submitter.Looks(w.ctx, c.station.peer(), e.Looks)
			return hub.LooksStored{UpTo: upTo, Err: err}
		})
	case hub.ReadStatus:
		later(func() hub.Event { return hub.StatusRead{Central: w.central.status()} })
	case hub.CheckDevice:
		later(func() hub.Event { return hub.DeviceRead{Device: c.station.device} })
	case hub.Diverged:
		w.central.diverged()
	default:
		later(func() hub.Event { return w.central.read(c.station.device, e) })
	}
}

// after lets what was sent arrive first.
func (c *conn) after(do func()) { c.w.after(30*time.Millisecond, do) }

func (c *conn) stationGot(msg wire.Message, err error) {
	if err != nil {
		c.toStation(client.Garbled{Session: c.nr, Err: err})
		return
	}
	c.toStation(client.Opened(c.nr, msg, verify))
}

func (c *conn) hubGot(msg wire.Message, err error) {
	if err != nil {
		c.toHub(hub.Garbled{Err: err})
		return
	}
	if p, ok := msg.(*wire.Push); ok && c.w.plant == OutOfOrder {
		slices.Reverse(p.Mutations)
	}
	c.toHub(hub.Got{Msg: msg})
}
