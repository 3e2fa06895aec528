package simtest

import (
	"bytes"
	"slices"
	"time"

	"wardlight/internal/clinical/record"
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
	peer    record.Peer // as central knew the station when it connected
	nr      uint64      // the client's session
	up      lane        // to central
	down    lane        // to the station
	session *hub.Session
	host    uint64 // central's incarnation
	life    uint64 // the station's
	armed   time.Duration
	forge   bool               // somebody changes the next signed message
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
			at := w.now + c.travel()
			if !w.chance(w.profile.overtake) {
				at = max(at, l.last)
				l.last = at
			}
			w.at(at, func() { c.arrive(l, f, take) })
		}
	}
}

// travel is how long a frame is under way.
func (c *conn) travel() time.Duration {
	if c.w.instant {
		return 0
	}
	t := time.Duration(1+c.w.rng.IntN(20)) * time.Millisecond
	if far := c.w.profile.far; far > 0 {
		t += c.w.within(far)
	}
	return t
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

// toHub hands the session an event, if central has not been restarted, and holds
// it to its bounds.
func (c *conn) toHub(ev hub.Event) {
	w := c.w
	if c.session == nil || c.session.Over() || w.central.down || c.host != w.central.life {
		return
	}
	for _, e := range slices.Clone(c.session.Step(ev, w.central.clock())) {
		c.perform(e)
	}
	if what := c.session.Overdrawn(); what != "" {
		w.fail("central holds too many %s for %s", what, c.station.id)
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
	switch e := e.(type) {
	case hub.Send:
		c.sendDown(e.Msg)
	case hub.Hangup:
		c.after(func() { c.reset(false) })
	case hub.Submit:
		c.answer(func() hub.Event {
			r, err := w.central.submit(c.peer, e.Mutation)
			return hub.Submitted{Mutation: e.Mutation, Receipt: r, Err: err}
		})
	case hub.SubmitRun:
		c.answer(func() hub.Event {
			list, err := w.central.submitRun(c.peer, e.Mutations)
			return hub.SubmittedRun{Mutations: e.Mutations, Receipts: list, Err: err}
		})
	case hub.StoreLooks:
		c.answer(func() hub.Event {
			upTo, err := w.central.looks(c.peer, e.Looks)
			return hub.LooksStored{UpTo: upTo, At: w.central.source.Head().Position, Err: err}
		})
	case hub.ReadStatus:
		c.answer(func() hub.Event { return hub.StatusRead{Central: w.central.status()} })
	case hub.Admit:
		c.queue()
	case hub.ReadPlace:
		c.answer(func() hub.Event { return hub.Place{Before: 1} })
	case hub.Release:
	case hub.CheckDevice:
		c.answer(func() hub.Event { return c.standing() })
	case hub.Diverged:
		w.central.diverged()
	case hub.Weigh:
		c.answer(func() hub.Event {
			rb, err := hub.Judge(w.ctx, w.central.source, verify, c.station.id, e.Proof)
			return hub.Weighed{Rollback: rb, Err: err}
		})
	case hub.BeginEpoch:
		c.answer(func() hub.Event { return hub.Begun{Err: w.central.rolledBack(e.Rollback)} })
	case hub.TakeBack:
		c.answer(func() hub.Event {
			return hub.TookBack{Number: e.Batch.Number, Err: w.central.takeBack(c.peer, e.Batch)}
		})
	case hub.ReadHeads, hub.FetchRefill:
		c.answer(func() hub.Event { return hub.ReadCompared(w.ctx, w.central.comparer, sign, c.peer.Device, e) })
	case hub.ReadDocument:
		c.answer(func() hub.Event { return hub.ReadPart(w.ctx, w.central.papers, c.peer.Device, e) })
	case hub.Cloned:
		if !c.station.put && c.station.copied == nil {
			w.fail("%s was taken for a copy", c.station.id)
		}
	default:
		c.answer(func() hub.Event { return w.central.read(c.peer.Device, e) })
	}
}

// queue lets a snapshot wait for its turn, now and then, for up to half a minute.
func (c *conn) queue() {
	if !c.w.chance(0.2) || c.w.healed {
		c.answer(func() hub.Event { return hub.Admitted{} })
		return
	}
	c.answer(func() hub.Event { return hub.Place{Before: 1} })
	life := c.w.central.life
	c.w.after(c.w.within(30*time.Second), func() {
		if c.w.central.life == life {
			c.toHub(hub.Admitted{})
		}
	})
}

// answer does something soon, and hands the session what came of it soon after;
// central may crash before, in the act, and between.
func (c *conn) answer(do func() hub.Event) {
	w := c.w
	life := w.central.life
	w.soon(func() {
		if w.central.down || w.central.life != life {
			return
		}
		ev := do()
		if w.central.down || w.central.life != life {
			return
		}
		w.soon(func() {
			if w.central.life == life {
				c.toHub(ev)
			}
		})
	})
}

// standing is what central knows of the station now.
func (c *conn) standing() hub.Event {
	dev := c.station.device
	if c.w.plant == RevokedServed {
		dev.Revoked = 0
	}
	return hub.DeviceRead{Device: dev}
}

// after lets what was sent arrive first.
func (c *conn) after(do func()) { c.w.after(30*time.Millisecond+c.w.profile.far, do) }

// sendDown sends a message to the station. What was forged on the way is not to
// be taken.
func (c *conn) sendDown(msg wire.Message) {
	switch m := msg.(type) {
	case *wire.Receipts:
		c.w.sentReceipts(m.Receipts)
	case *wire.Chunk:
		c.served()
	case *wire.Delta:
		c.served()
	case *wire.Batch:
		c.served()
		if forged := forgedBody(m.Body); c.forge && forged != nil {
			c.forge = false
			c.w.struck["a batch was forged"]++
			msg = &wire.Batch{Body: forged, Sig: m.Sig}
		}
	}
	c.deliver(&c.down, msg, c.stationGot)
}

// forgedBody changes a digit of a value; nil where there is none.
func forgedBody(body []byte) []byte {
	value := []byte(`"valueInteger":`)
	at := bytes.Index(body, value)
	if at < 0 {
		return nil
	}
	forged := slices.Clone(body)
	forged[at+len(value)] ^= 1
	return forged
}

// served: a computer that was shut out gets nothing that was committed since.
func (c *conn) served() {
	if s := c.station; s.shut > 0 && c.w.now > s.shut+time.Second {
		c.w.fail("%s was shut out at %v and is still served", s.id, s.shut)
	}
}

func (c *conn) stationGot(msg wire.Message, err error) {
	if err != nil {
		c.toStation(client.Garbled{Session: c.nr, Err: err})
		return
	}
	c.toStation(c.opened(msg))
}

// sendUp sends a message to central. A station of the first release names no
// later capability.
func (c *conn) sendUp(msg wire.Message) {
	switch m := msg.(type) {
	case *wire.Hello:
		if c.station.old() {
			hello := *m
			hello.Capabilities = []wire.Capability{wire.CapBase}
			msg = &hello
		}
	case *wire.Push:
		if c.w.plant == OutboxForgets {
			for _, mut := range m.Mutations {
				c.station.store.receipts[mut.ID] = record.Receipt{Mutation: mut.ID}
			}
		}
	}
	c.deliver(&c.up, msg, c.hubGot)
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
