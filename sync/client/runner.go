package client

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/pace"
	"wardlight/sync/wire"
)

// runner performs a machine's effects. Its loop is the only goroutine that
// touches the machine. Around it run: one worker for what changes the store, so
// that it happens in order, one for what is to be offered, so that what was just
// written does not wait for the sync of something else, and for each connection
// a reader and a writer.
type runner struct {
	c       *Client
	ctx     context.Context
	machine *Machine
	events  chan Event
	store   *worker
	offers  *worker
	conn    *conn
	group   sync.WaitGroup
}

// conn is the connection in use; line is there once it is dialled.
type conn struct {
	session uint64
	cancel  context.CancelFunc
	line    atomic.Pointer[line]
	heard   uint64
}

// line is a connection that stands, with what sends over it.
type line struct {
	Conn
	sender *pace.Sender
}

// post hands an event to the loop, unless everything is over.
func (r *runner) post(ev Event) {
	select {
	case r.events <- ev:
	case <-r.ctx.Done():
	}
}

func (r *runner) loop() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	alive := time.NewTicker(max(r.c.cfg.Timing.Dead/8, time.Millisecond))
	defer alive.Stop()
	for {
		var ev Event
		select {
		case <-r.ctx.Done():
			return
		case ev = <-r.events:
			ev = r.onScreen(ev)
		case <-r.c.nudge:
			ev = Nudge{}
		case <-r.c.fetch:
			ev = WantDocuments{}
		case patients := <-r.c.asking.more:
			ev = Question{patients}
		case <-r.c.toggle:
			ev = SwitchOn{}
			if r.c.off.Load() {
				ev = SwitchOff{}
			}
		case <-alive.C:
			if ev = r.life(); ev == nil {
				continue
			}
		case <-timer.C:
			ev = Wakeup{}
		}
		for _, e := range r.machine.Step(ev, r.c.now()) {
			r.perform(e)
		}
		timer.Reset(max(r.machine.Wake()-r.c.now().Mono, 0))
	}
}

// onScreen adds what the screen needs to what the store says at the beginning of
// a session.
func (r *runner) onScreen(ev Event) Event {
	if loaded, ok := ev.(Loaded); ok && r.c.cfg.First != nil {
		loaded.First = r.c.cfg.First()
		return loaded
	}
	return ev
}

// life says that bytes came in since it was asked last, if they did.
func (r *runner) life() Event {
	if r.conn == nil {
		return nil
	}
	link := r.conn.line.Load()
	if link == nil {
		return nil
	}
	if n := link.Received(); n != r.conn.heard {
		r.conn.heard = n
		return Alive{Session: r.conn.session}
	}
	return nil
}

func (r *runner) perform(e Effect) {
	switch e := e.(type) {
	case Dial:
		r.dial(e)
	case Send:
		r.send(e)
	case Hangup:
		if r.conn != nil && r.conn.session == e.Session {
			r.closeConn()
		}
	case Tell:
		if r.c.cfg.Observe != nil {
			r.c.cfg.Observe(e.State)
		}
	case Answer:
		r.c.asking.answer(e)
	case ReadUnsent, ReadLooks:
		r.offers.add(e)
	default:
		r.store.add(e)
	}
}

func (r *runner) send(e Send) {
	if r.conn == nil || r.conn.session != e.Session {
		return
	}
	l := r.conn.line.Load()
	if l == nil {
		return // the machine speaks only after Dialled
	}
	if err := l.sender.Put(e.Msg, false); err != nil {
		r.closeConn()
		r.group.Go(func() { r.post(Lost{e.Session, err}) })
	}
}

// closeConn lets what is prompt go out, within a moment, and then closes.
func (r *runner) closeConn() {
	if r.conn == nil {
		return
	}
	c := r.conn
	r.conn = nil
	l := c.line.Load()
	if l == nil {
		c.cancel() // still dialling
		return
	}
	r.group.Go(func() {
		late := time.AfterFunc(parting, c.cancel) // a side that is gone does not shake hands
		defer late.Stop()
		l.sender.Finish(parting)
		_ = l.Close()
		c.cancel()
	})
}

// parting is how long a last message may take.
const parting = 500 * time.Millisecond

func (r *runner) dial(e Dial) {
	r.closeConn()
	ctx, cancel := context.WithCancel(r.ctx)
	c := &conn{session: e.Session, cancel: cancel}
	r.conn = c
	r.group.Go(func() {
		defer cancel()
		link, err := r.c.cfg.Dial(ctx, e.Server)
		if err != nil {
			r.post(Lost{e.Session, err})
			return
		}
		l := &line{link, pace.New(ctx, link, func(err error) { r.post(Lost{e.Session, err}) })}
		c.line.Store(l)
		r.post(Dialled{e.Session})
		r.group.Go(func() { r.read(ctx, c, l) })
		<-ctx.Done()
		_ = link.Close()
		l.sender.Wait()
	})
}

// read turns frames into events; signatures are checked here, beside the loop.
func (r *runner) read(ctx context.Context, c *conn, l *line) {
	in := wire.Assembler{Limit: wire.MaxToStation}
	for {
		f, err := l.Read(ctx)
		if err != nil {
			r.post(Lost{c.session, err})
			return
		}
		msg, _, err := in.Next(f)
		if err == nil && msg == nil {
			continue
		}
		if pong, ok := msg.(*wire.Pong); ok && l.sender.Answered(pong.ID, pong.Mine) {
			r.post(Alive{c.session})
			continue
		}
		if w, ok := msg.(*wire.Welcome); ok {
			l.sender.Agree(w)
		}
		ev := Event(Garbled{c.session, err})
		if err == nil {
			verify := r.c.cfg.Verify
			if msg.Type() == wire.TypeWelcome && r.c.cfg.VerifyEpoch != nil {
				verify = r.c.cfg.VerifyEpoch
			}
			ev = Opened(c.session, msg, verify)
		}
		r.post(ev)
		if _, bad := ev.(Garbled); bad {
			return
		}
	}
}

// Opened is the event of a message that came in: signed ones are checked and
// read.
func Opened(session uint64, msg wire.Message, verify wire.Verify) Event {
	switch msg := msg.(type) {
	case *wire.Batch:
		b, err := msg.Open(verify)
		if err != nil {
			return Garbled{session, err}
		}
		return GotBatch{session, b}
	case *wire.Delta:
		return GotDelta{session, msg}
	case *wire.Chunk:
		ch, err := msg.Open(verify)
		if err != nil {
			return Garbled{session, err}
		}
		return GotChunk{session, msg.Number, ch}
	case *wire.Ahead:
		b, err := msg.Open(verify)
		if err != nil {
			return Garbled{session, err}
		}
		return GotAhead{session, b}
	case *wire.Welcome:
		for _, e := range append([]record.Epoch{msg.Epoch}, msg.Epochs...) {
			body, err := e.SigningBytes()
			if err == nil {
				err = verify(body, e.Sig)
			}
			if err != nil {
				return Garbled{session, fault.As(fault.Corrupt, "client.open", "epoch", err)}
			}
		}
	}
	return Got{session, msg}
}

// worker does the effects on the store, in order. Its queue has no bound of its
// own: the machine has at most one effect of each kind under way.
type worker struct {
	store   Store
	archive Archive // nil: none
	checker Checker // nil: none
	basis   Basis   // nil: none
	shelf   Shelf   // nil: none
	verify  wire.Verify
	mu      sync.Mutex
	queue   []Effect
	more    chan struct{}
}

func newWorker(cfg Config) *worker {
	return &worker{
		store: cfg.Store, archive: cfg.Archive, checker: cfg.Checker, basis: cfg.Basis, shelf: cfg.Shelf, verify: cfg.Verify,
		more: make(chan struct{}, 1),
	}
}

func (w *worker) add(e Effect) {
	w.mu.Lock()
	w.queue = append(w.queue, e)
	w.mu.Unlock()
	signal(w.more)
}

func (w *worker) take() Effect {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return nil
	}
	e := w.queue[0]
	w.queue = w.queue[1:]
	return e
}

func (w *worker) run(ctx context.Context, post func(Event)) {
	for {
		if e := w.take(); e != nil {
			ev := Perform(ctx, w.store, e)
			if ev == nil && w.archive != nil {
				ev = PerformArchive(ctx, w.archive, e)
			}
			if ev == nil && w.checker != nil {
				ev = PerformChecker(ctx, w.checker, e)
			}
			if ev == nil && w.basis != nil {
				ev = PerformBasis(ctx, w.basis, w.verify, e)
			}
			if ev == nil && w.shelf != nil {
				ev = PerformShelf(ctx, w.shelf, e)
			}
			if ev != nil {
				post(ev)
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-w.more:
		}
	}
}

// Perform does one effect on a store and returns the event that answers it; nil
// for an effect that is not the store's.
func Perform(ctx context.Context, s Store, e Effect) Event {
	switch e := e.(type) {
	case Load:
		cur, err := s.Cursor()
		ev := Loaded{Session: e.Session, Cursor: cur, Err: err}
		if err == nil {
			var ok bool
			if ev.Snapshot, ev.Next, ok, ev.Err = s.SnapshotState(); !ok {
				ev.Snapshot, ev.Next = "", ""
			}
		}
		return ev
	case Apply:
		return BatchDone{s.Land(ctx, e.Batches, e.Receipts)}
	case ApplyChunks:
		return ChunksDone{s.ApplyChunks(ctx, e.Chunks)}
	case ApplyAhead:
		return AheadDone{s.Ahead(ctx, e.Changes)}
	case ReadUnsent:
		muts, err := s.Unsent(e.After, e.Limit)
		return Unsent{muts, err}
	case SaveReceipts:
		return ReceiptsDone{s.Receipted(ctx, e.Receipts)}
	case ReadLooks:
		looks, err := s.UnsentLooks(e.After, e.Limit)
		return UnsentLooks{looks, err}
	case SaveLooks:
		return LooksDone{s.LooksReceived(ctx, e.UpTo)}
	case Reoffer:
		return ReofferDone{s.Reoffer(ctx)}
	}
	return nil
}

// PerformArchive does the effects that Perform leaves to an archive.
func PerformArchive(ctx context.Context, a Archive, e Effect) Event {
	switch e := e.(type) {
	case ReadProof:
		p, _, err := a.Proof()
		return ProofRead{e.Session, p, err}
	case ReadReturn:
		r, ok, err := a.NextReturn(e.Epoch)
		return ReturnRead{r, ok, err}
	case SaveReturned:
		return ReturnDone{a.Returned(ctx, e.Epoch, e.Number)}
	case Wipe:
		return ReofferDone{a.Wiped(ctx)}
	}
	return nil
}

// PerformChecker does the effects that are a checker's.
func PerformChecker(ctx context.Context, c Checker, e Effect) Event {
	switch e := e.(type) {
	case CompareHeads:
		differ, err := c.Compare(ctx, e.Heads)
		return Compared{differ, err}
	case ReadDoubtful:
		differ, err := c.Doubtful()
		return Compared{differ, err}
	}
	return nil
}
