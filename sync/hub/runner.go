package hub

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/sync/pace"
	"wardlight/sync/wire"
)

// runner performs one session's effects. Its loop alone touches the session; a
// reader serves the connection, a sender writes to it while there is something
// to write, and short-lived goroutines, bounded by the session's windows, wait
// for the journal and the Submitter.
type runner struct {
	hub      *Hub
	ctx      context.Context
	conn     Conn
	peer     record.Peer
	session  *Session
	events   chan Event
	done     chan struct{} // closed when the session is over
	sender   *pace.Sender
	hung     bool
	lost     error
	heard    uint64
	admitted chan struct{} // closed when the snapshot's turn has come
	claim    *claim        // its part of what all may hold that is not sent
	room     any           // that was taken for the event which is being answered
	urgent   chan struct{} // holds one while something urgent is read or waits
	ready    []Event       // answers that are there at once
	group    sync.WaitGroup

	since   int64
	applied atomic.Uint64
	filling atomic.Bool
}

// parting is how long last words may take.
const parting = time.Second

func newRunner(h *Hub, ctx context.Context, conn Conn, peer record.Peer) *runner {
	r := &runner{
		hub: h, ctx: ctx, conn: conn, peer: peer,
		events: make(chan Event, 64), done: make(chan struct{}), admitted: make(chan struct{}), urgent: make(chan struct{}, 1),
		since: h.cfg.Now().UnixMilli(),
	}
	r.claim = h.unsent.enter(func() { r.post(Stuck{}) })
	r.sender = pace.New(ctx, moving{conn, r.claim}, func(err error) { r.post(Lost{err}) })
	_, runs := h.cfg.Submitter.(RunSubmitter)
	r.session = NewSession(SessionConfig{
		Runs: runs,
		Peer: peer, Epochs: h.cfg.Source.Epochs(), Head: h.cfg.Source.Head(), Status: h.central(),
		Program: h.cfg.Program, Timing: h.cfg.Timing, Limits: h.cfg.Limits,
		Proves: h.cfg.Verify != nil && h.cfg.BeginEpoch != nil, TakesBack: h.cfg.TakeBack != nil,
		Compares: h.cfg.Comparer != nil, Documents: h.cfg.Documents != nil, Without: h.cfg.Without,
	})
	return r
}

func (r *runner) info() Info {
	return Info{
		Station: r.peer.Device.Station, Remote: r.peer.Remote, Since: r.since,
		Applied: record.Position(r.applied.Load()), Filling: r.filling.Load(),
	}
}

// post hands the loop an event, unless the session is over.
func (r *runner) post(ev Event) {
	select {
	case r.events <- ev:
	case <-r.done:
	}
}

// run serves the connection to its end.
func (r *runner) run(cancel context.CancelFunc) error {
	r.group.Go(r.read)
	r.loop()
	close(r.done)
	r.hub.admissions.leave(r)
	r.sender.Finish(parting)
	late := time.AfterFunc(parting, cancel) // a side that is gone does not shake hands
	_ = r.conn.Close()
	late.Stop()
	cancel()
	r.sender.Wait()
	r.group.Wait()
	r.claim.leave()
	return r.lost
}

// moving notes that something goes out.
type moving struct {
	conn  Conn
	claim *claim
}

func (m moving) Write(ctx context.Context, frame []byte) error {
	err := m.conn.Write(ctx, frame)
	if err == nil {
		m.claim.goesOn()
	}
	return err
}

func (r *runner) loop() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	grown := r.hub.cfg.Source.Grown()
	stop := r.ctx.Done()
	for !r.hung {
		var ev Event
		select {
		case <-stop:
			stop = nil
			ev = Stopping{}
		case ev = <-r.events:
		case <-r.admitted:
			r.admitted = nil // once
			ev = Admitted{}
		case <-grown:
			grown = r.hub.cfg.Source.Grown() // before the read that the event causes
			ev = Grown{}
		case <-timer.C:
			ev = r.due()
		}
		if lost, ok := ev.(Lost); ok {
			r.lost = lost.Err
		}
		if a, ok := ev.(answered); ok {
			r.answer(a)
		} else {
			r.step(ev)
		}
		at, filling := r.session.Applied()
		r.applied.Store(uint64(at))
		r.filling.Store(filling)
		timer.Reset(max(r.session.Wake()-r.hub.now().Mono, 0))
	}
}

// due is what the timer stands for: bytes that came in, though no whole frame
// yet, count before a silence does.
func (r *runner) due() Event {
	if n := r.conn.Received(); n != r.heard {
		r.heard = n
		r.ready = append(r.ready, Wakeup{})
		return Alive{}
	}
	return Wakeup{}
}

// step hands the session an event, and then what its effects have answered at
// once.
func (r *runner) step(ev Event) {
	r.ready = append([]Event{ev}, r.ready...)
	for len(r.ready) > 0 {
		next := r.ready[0]
		r.ready = r.ready[1:]
		for _, e := range r.session.Step(next, r.hub.now()) {
			r.perform(e)
		}
	}
	r.ready = nil
}

// perform does one effect. What may wait goes on a goroutine of its own; the
// session asks for the next only after the answer.
func (r *runner) perform(e Effect) {
	switch e := e.(type) {
	case Send:
		if bye, is := e.Msg.(*wire.Bye); is && r.hub.cfg.Refused != nil {
			r.hub.cfg.Refused(r.peer.Device.Station, bye.Reason)
		}
		r.send(e)
	case Hangup:
		r.hung = true
	case Submit:
		// Not the session's context: what is begun is finished.
		r.onDeepStack(func() {
			rec, err := r.hub.cfg.Submitter.Submit(context.WithoutCancel(r.ctx), r.peer, e.Mutation)
			r.post(Submitted{e.Mutation, rec, err})
		})
	case SubmitRun:
		r.onDeepStack(func() {
			list, err := r.hub.cfg.Submitter.(RunSubmitter).SubmitRun(context.WithoutCancel(r.ctx), r.peer, e.Mutations)
			r.post(SubmittedRun{e.Mutations, list, err})
		})
	case StoreLooks:
		r.onDeepStack(func() {
			upTo, err := r.hub.cfg.Submitter.Looks(context.WithoutCancel(r.ctx), r.peer, e.Looks)
			r.post(LooksStored{upTo, r.hub.cfg.Source.Head().Position, err})
		})
	case Diverged:
		if r.hub.cfg.Diverged != nil {
			r.hub.cfg.Diverged(r.peer.Device.Station, e.At)
		}
	case FetchRefill:
		r.inRoom(firstSize, nil, func(int) Event {
			return ReadCompared(r.ctx, r.hub.cfg.Comparer, r.hub.cfg.Sign, r.peer.Device, e)
		})
	case ReadHeads:
		r.group.Go(func() { r.post(ReadCompared(r.ctx, r.hub.cfg.Comparer, r.hub.cfg.Sign, r.peer.Device, e)) })
	case ReadDocument:
		r.inRoom(int(e.Ask.Length), nil, func(n int) Event {
			ask := *e.Ask
			ask.Length = int64(n)
			return ReadPart(r.ctx, r.hub.cfg.Documents, r.peer.Device, ReadDocument{&ask})
		})
	case Weigh:
		r.group.Go(func() {
			rb, err := Judge(r.ctx, r.hub.cfg.Source, r.hub.cfg.Verify, r.peer.Device.Station, e.Proof)
			r.post(Weighed{rb, err})
		})
	case BeginEpoch:
		r.group.Go(func() { r.post(Begun{r.hub.cfg.BeginEpoch(context.WithoutCancel(r.ctx), e.Rollback)}) })
	case TakeBack:
		r.group.Go(func() {
			err := r.hub.cfg.TakeBack(context.WithoutCancel(r.ctx), r.peer, e.Batch.Body, e.Batch.Sig)
			r.post(TookBack{e.Batch.Number, err})
		})
	case Cloned:
		if r.hub.cfg.Cloned != nil {
			r.hub.cfg.Cloned(r.peer.Device.Station)
		}
	case Spoke:
		if r.hub.cfg.Spoke != nil {
			r.hub.cfg.Spoke(r.peer.Device.Station, e.Capabilities)
		}
	case CheckDevice:
		if r.hub.cfg.Device != nil {
			r.group.Go(func() {
				dev, err := r.hub.cfg.Device(r.ctx, r.peer.Device.Station)
				r.post(DeviceRead{dev, err})
			})
		}
	case ReadStatus:
		r.ready = append(r.ready, StatusRead{r.hub.central()}) // does not block
	case Admit:
		if admitted, before := r.hub.admissions.ask(r, e.Patient); admitted {
			r.ready = append(r.ready, Admitted{})
		} else {
			r.ready = append(r.ready, Place{uint32(before)}) //nolint:gosec // bounded by the sessions
		}
	case ReadPlace:
		r.ready = append(r.ready, Place{uint32(r.hub.admissions.before(r))}) //nolint:gosec // bounded by the sessions
	case Release:
		r.admitted = make(chan struct{})
		r.hub.admissions.leave(r)
	case FetchChunk:
		r.inRoom(e.MaxBytes, nil, func(n int) Event {
			e.MaxBytes = n
			return r.chunk(e)
		})
	case Fetch:
		r.fetch(e)
	case FetchAhead:
		r.readAhead(e)
	}
}

// chunk reads a piece of a snapshot, and looks whether others wait for theirs.
func (r *runner) chunk(e FetchChunk) Event {
	ev := Read(r.ctx, r.hub.cfg.Source, r.hub.cfg.Sign, r.peer.Device, e)
	if ch, ok := ev.(FetchedChunk); ok {
		ch.Others = r.hub.admissions.busy()
		return ch
	}
	return ev
}

// fetch reads a batch: with others where it is the same for all stations of its
// wards, which is asked before, for the sake of the room that it takes, and after.
func (r *runner) fetch(e Fetch) {
	r.group.Go(func() {
		cfg, dev := r.hub.cfg, r.peer.Device
		if e.Shared {
			lent, err := cfg.Source.Lent(r.ctx, dev, e.From.Position)
			if err != nil {
				r.post(Fetched{Err: err})
				return
			}
			e.Shared = !lent
		}
		if e.Shared {
			key, _ := keyOf(cfg.Source.Head(), dev.Wards, e)
			lent := false
			ev, room := r.readInRoom(e.MaxBytes, key, func(n int) (out Event) {
				e.MaxBytes = n
				out, lent = r.hub.shared.fetch(r.ctx, cfg, dev, e)
				return out
			})
			if !lent {
				r.pass(ev, room)
				return
			}
			r.claim.drop(room)
			e.Shared = false
		}
		r.pass(r.readInRoom(e.MaxBytes, nil, func(n int) Event {
			e.MaxBytes = n
			return Read(r.ctx, cfg.Source, cfg.Sign, dev, e)
		}))
	})
}

// Read does an effect that reads the journal, and returns the event that answers
// it.
func Read(ctx context.Context, src Source, sign wire.Sign, dev record.Device, e Effect) Event {
	switch e := e.(type) {
	case Fetch:
		b, more, err := src.Batch(ctx, dev, e.From, e.MaxBytes)
		if err != nil {
			return Fetched{Err: err, Moved: src.Epoch().ID != e.From.Epoch}
		}
		ev := Fetched{To: b.Cursor(), More: more, Empty: len(b.Changes) == 0 && len(b.Forget) == 0}
		ev.Critical = slices.ContainsFunc(b.Changes, critical)
		if b.Station == "" {
			b.Wards = dev.Wards
		}
		if ev.Msg, ev.Err = wire.SealBatch(b, sign); ev.Err == nil {
			ev.Delta = deltaOf(ctx, src, dev, b, ev.Msg, e.Against)
		}
		return ev
	case FetchChunk:
		ch, err := src.Chunk(ctx, dev, e.From, e.MaxBytes)
		if err != nil {
			return FetchedChunk{Err: err}
		}
		ev := FetchedChunk{At: ch.At, Snapshot: ch.Snapshot, Next: ch.Next, Last: ch.Last}
		ev.Msg, ev.Err = wire.SealChunk(ch, e.Number, e.Summed, sign)
		return ev
	case FetchAhead:
		return readAhead(ctx, src, sign, dev, e)
	}
	return Wakeup{}
}

func readAhead(ctx context.Context, src Source, sign wire.Sign, dev record.Device, e FetchAhead) Event {
	b, more, err := src.Ahead(ctx, dev, e.After, e.MaxBytes)
	ev := FetchedAhead{To: b.To, More: more, Err: err}
	if err == nil && len(b.Changes) > 0 {
		ev.Msg, ev.Err = wire.SealAhead(b, sign)
	}
	return ev
}

func critical(c record.Change) bool { return slices.Contains(c.Tags, record.TagCritical) }

// read turns frames into events.
func (r *runner) read() {
	in := wire.Assembler{Limit: wire.MaxToCentral}
	for {
		f, err := r.conn.Read(r.ctx)
		if err != nil {
			r.post(Lost{err})
			return
		}
		msg, _, err := in.Next(f)
		if err != nil {
			r.post(Garbled{err})
			return
		}
		switch msg := msg.(type) {
		case nil:
		case *wire.Pong:
			if r.sender.Answered(msg.ID, msg.Mine) {
				r.post(Alive{})
				continue
			}
			r.post(Got{msg})
		default:
			r.post(Got{msg})
		}
	}
}
