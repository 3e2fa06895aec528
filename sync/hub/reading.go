package hub

import "wardlight/sync/wire"

// answered is an event with what was read, and the room that was taken for it. What
// the session puts in its queue stands there in its place; where it puts nothing, the
// room is given back.
type answered struct {
	Event
	room any
}

// answer lets the session have it.
func (r *runner) answer(a answered) {
	r.room = a.room
	r.step(a.Event)
	if r.room != nil {
		r.claim.drop(r.room)
		r.room = nil
	}
}

// inRoom reads with do, which is told how many bytes it may be, once there is room.
// key is for what several read together; nil: for nobody else.
func (r *runner) inRoom(want int, key any, do func(maxBytes int) Event) {
	r.group.Go(func() {
		r.pass(r.readInRoom(want, key, do))
	})
}

// pass hands on what was read; nothing, where the session is over.
func (r *runner) pass(ev Event, room any) {
	if ev != nil {
		r.post(answered{ev, room})
	}
}

func (r *runner) readInRoom(want int, key any, do func(int) Event) (ev Event, room any) {
	stall, scarce := r.hub.cfg.Timing.Stall, func() { r.post(Scarce{}) }
	if key == nil {
		key = new(request)
	}
	n, err := r.claim.take(r.ctx, key, want, leastSize, stall, scarce)
	if err != nil {
		return nil, nil // the session is over
	}
	ev = do(n)
	need := carried(ev)
	if need <= n+leastSize || r.claim.grow(key, need) {
		return ev, key // a reading ends with a whole entry
	}
	// One entry, or one patient, is more than there is room for: not even to wait
	// with. It is read again when there is.
	r.claim.drop(key)
	key = new(request)
	if _, err := r.claim.take(r.ctx, key, need, 0, stall, scarce); err != nil {
		return nil, nil
	}
	return do(n), key
}

// carried is how many bytes were read.
func carried(ev Event) int {
	switch ev := ev.(type) {
	case Fetched:
		if ev.Msg != nil {
			return len(ev.Msg.Body)
		}
	case FetchedChunk:
		if ev.Msg != nil {
			return weight(ev.Msg)
		}
	case Refilled:
		if ev.Msg != nil {
			return weight(ev.Msg)
		}
	case DocumentRead:
		return weight(ev.Msg)
	}
	return 0
}

// readAhead reads what is urgent, which waits for no room; but only when the last of
// it has gone out, however often the station asks for more.
func (r *runner) readAhead(e FetchAhead) {
	r.group.Go(func() {
		select {
		case r.urgent <- struct{}{}:
		case <-r.ctx.Done():
			return
		}
		ev := readAhead(r.ctx, r.hub.cfg.Source, r.hub.cfg.Sign, r.peer.Device, e)
		if a, ok := ev.(FetchedAhead); !ok || a.Msg == nil {
			<-r.urgent
		}
		r.post(ev)
	})
}

// send queues a message, and counts it until it is written.
func (r *runner) send(e Send) {
	var sent func()
	if n := weight(e.Msg); n > 0 {
		r.claim.hold(e.Msg, n, r.room)
		r.room = nil
		_, ahead := e.Msg.(*wire.Ahead)
		sent = func() {
			r.claim.drop(e.Msg)
			if ahead {
				<-r.urgent
			}
		}
	}
	if err := r.sender.PutThen(e.Msg, e.Urgent, sent); err != nil {
		r.lost, r.hung = err, true
	}
	if w, ok := e.Msg.(*wire.Welcome); ok {
		r.sender.Agree(w)
	}
}
