package pace

import (
	"context"
	"slices"
	"sync"
	"time"

	"wardlight/sync/wire"
)

// Writer sends one frame. link.Conn is one.
type Writer interface {
	Write(ctx context.Context, frame []byte) error
}

// Sender sends one connection's messages. Put and Answered may be called from
// any goroutine; a goroutine of its own writes for as long as there is
// something to write.
type Sender struct {
	ctx    context.Context
	w      Writer
	failed func(error) // the line broke; called once
	start  time.Time   // of the fine clock

	group  sync.WaitGroup
	mu     sync.Mutex
	queue  queue
	pace   Pace
	pieces bool // the other side puts short pieces together
	busy   bool // the goroutine runs
	over   bool
	idle   chan struct{} // closed when nothing is left and Finish waits
}

// New makes a sender over a connection; ctx ends its writing. failed is told
// why a write failed, from the sender's own goroutine.
func New(ctx context.Context, w Writer, failed func(error)) *Sender {
	return &Sender{ctx: ctx, w: w, failed: failed, start: time.Now()}
}

// Agree takes note of what both sides can do, as the welcome says it.
func (s *Sender) Agree(w *wire.Welcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pieces = slices.Contains(w.Capabilities, wire.CapPieces)
	s.queue.sideways = slices.Contains(w.Capabilities, wire.CapSideways)
	if w.Dictionary.Known() { // else the machine ends the session
		s.queue.packed = w.Dictionary
	}
}

// Put queues a message. fault.Timeout: the line stands still.
func (s *Sender) Put(m wire.Message, urgent bool) error { return s.PutThen(m, urgent, nil) }

// PutThen is Put; sent is called, from the sender's own goroutine, when the last of
// the message is written. It is not called where the connection ends before.
func (s *Sender) PutThen(m wire.Message, urgent bool, sent func()) error {
	var flags wire.Flag
	if urgent {
		flags = wire.FlagUrgent
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return nil
	}
	if err := s.queue.put(m, flags, sent); err != nil {
		return err
	}
	s.wake()
	return nil
}

// Answered takes an answer to a ping, with the answerer's clock, and says whether
// the ping was the sender's own.
func (s *Sender) Answered(id uint64, mine int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace.Back(id, time.Since(s.start))
	ours := s.pace.Answered(id, time.Duration(mine)*time.Millisecond)
	if ours {
		s.wake()
	}
	return ours
}

// wake starts the goroutine, if it does not run.
func (s *Sender) wake() {
	if !s.busy && !s.over && s.queue.len()+boolInt(s.queue.cut != nil) > 0 {
		s.busy = true
		s.group.Go(s.run)
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// run writes until nothing may be written.
func (s *Sender) run() {
	for {
		frames, sent, err := s.take()
		if err == nil && len(frames) == 0 {
			return
		}
		for i := 0; i < len(frames) && err == nil; i++ {
			err = s.w.Write(s.ctx, frames[i])
		}
		if err != nil {
			s.broken()
			s.failed(err)
			return
		}
		if sent != nil {
			sent()
		}
	}
}

// take are the next frames, with a mark behind them where one is due. Without
// any the goroutine is over.
func (s *Sender) take() (frames [][]byte, sent func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	piece := wire.MaxFrame
	if s.pieces {
		piece = s.pace.Piece()
	}
	frames, sent, err = s.queue.next(s.pace.Room(), s.pace.UrgentRoom(), piece, s.pace.kind())
	if err != nil {
		return nil, nil, err
	}
	if len(frames) == 0 {
		s.rest()
		return nil, nil, nil
	}
	for _, f := range frames {
		s.pace.Sent(len(f))
	}
	if s.pace.Due() {
		wall := time.Now().UnixMilli()
		ping, err := wire.Split(&wire.Ping{ID: s.pace.Mark(time.Duration(wall) * time.Millisecond), Wall: wall}, 0)
		if err != nil {
			return nil, nil, err
		}
		s.pace.Left(time.Since(s.start))
		frames = append(frames, ping...)
	}
	return frames, sent, nil
}

func (s *Sender) rest() {
	s.busy = false
	if s.idle != nil {
		close(s.idle)
		s.idle = nil
	}
}

func (s *Sender) broken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over, s.queue = true, queue{}
	s.rest()
}

// Finish takes no more, and waits until what may go has gone, but no longer
// than limit. What waits for the other side's answers is left.
func (s *Sender) Finish(limit time.Duration) {
	s.mu.Lock()
	s.over = true
	var idle chan struct{}
	if s.busy {
		idle = make(chan struct{})
		s.idle = idle
	}
	s.mu.Unlock()
	if idle == nil {
		return
	}
	select {
	case <-idle:
	case <-time.After(limit):
	}
}

// Wait takes no more, and returns when the sender's goroutine is over. Call it after
// Finish where there is something to finish, and after the connection was closed.
func (s *Sender) Wait() {
	s.mu.Lock()
	s.over = true // or another could begin while this waits
	s.mu.Unlock()
	s.group.Wait()
}
