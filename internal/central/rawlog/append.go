package rawlog

import (
	"context"
	"crypto/sha256"

	"wardlight/internal/fault"
)

// batchBytes is how much gathers for one sync; more waits for the next.
const batchBytes = 8 << 20

// batch is a number of records that are written and synced together.
type batch struct {
	at     int64 // where it begins in its segment
	frames []byte
	tags   map[tag]int64
	done   chan struct{}
	err    error
	taken  chan struct{} // closed when those who wait for room may try again
	refuse error         // why there will be no room; set before taken is closed
}

func newBatch() *batch {
	return &batch{tags: map[tag]int64{}, done: make(chan struct{}), taken: make(chan struct{})}
}

// Append stores a message and returns its SHA-256 when it is on disk. When ctx
// ends meanwhile it is not known whether the message is stored; storing it
// again is harmless.
func (l *Log) Append(ctx context.Context, channel string, raw []byte) (Hash, error) {
	const op = "rawlog.append"
	h := Hash(sha256.Sum256(raw))
	if len(raw) > MaxMessage || len(channel) > 1<<10 {
		return h, fault.New(fault.Invalid, op, "", "the message or the channel's name is too long")
	}
	b, err := l.join(ctx, Record{Received: l.o.Now().UnixMilli(), Channel: channel, Hash: h, Raw: raw})
	if err != nil {
		return h, err
	}
	select {
	case <-b.done:
		return h, b.err
	case <-ctx.Done():
		return h, fault.As(fault.Timeout, op, "", ctx.Err())
	}
}

// join adds a record to the batch that gathers.
func (l *Log) join(ctx context.Context, r Record) (*batch, error) {
	const op = "rawlog.append"
	for {
		if err := ctx.Err(); err != nil {
			return nil, fault.As(fault.Timeout, op, "", err)
		}
		l.mu.Lock()
		if err := l.stopped(); err != nil {
			l.mu.Unlock()
			return nil, err
		}
		b := l.next
		// A batch begins where the one on its way ends; where that one fills
		// the segment, the place is known only when it is written.
		if !l.moving && len(b.frames) < batchBytes {
			if len(b.frames) == 0 {
				b.at = l.end
			}
			b.tags[l.active.tagOf(r.Hash)] = l.end
			f := l.active.frame(r, l.end)
			b.frames = append(b.frames, f...)
			l.end += int64(len(f))
			l.mu.Unlock()
			l.nudge()
			return b, nil
		}
		l.mu.Unlock()
		l.nudge()
		select {
		case <-b.taken:
			if b.refuse != nil {
				return nil, b.refuse
			}
		case <-ctx.Done():
		}
	}
}

func (l *Log) stopped() error {
	select {
	case <-l.quit:
		return errClosed
	default:
		return l.down
	}
}

func (l *Log) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run is the goroutine that writes.
func (l *Log) run() {
	defer close(l.ended)
	for {
		select {
		case <-l.wake:
			l.flush()
		case <-l.quit:
			l.finish()
			return
		}
	}
}

// finish writes what gathered before the log was closed.
func (l *Log) finish() {
	for l.gathered() {
		l.flush()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next.refuse, l.next.err = errClosed, errClosed
	close(l.next.taken)
	close(l.next.done)
}

func (l *Log) gathered() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.next.frames) > 0 && l.down == nil
}

// flush writes the batch that gathered.
func (l *Log) flush() {
	l.mu.Lock()
	b := l.next
	if l.down == nil && len(b.frames) == 0 && l.moving {
		l.rotate(b) // nothing is on its way, and the segment is full
		l.mu.Unlock()
		return
	}
	if len(b.frames) == 0 || l.down != nil {
		l.mu.Unlock()
		return
	}
	l.next = newBatch()
	l.moving = l.fresh || l.end >= l.o.Segment
	s := l.active
	l.mu.Unlock()
	close(b.taken)

	err := l.o.write(s.f, b.frames, b.at)
	synced := err == nil
	if synced {
		err = l.o.sync(s.f)
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	defer close(b.done)
	if err != nil {
		l.failed(s, b, err, synced)
		return
	}
	s.size = b.at + int64(len(b.frames))
	for t, at := range b.tags {
		s.index[t] = at
	}
	// Where the key was changed meanwhile, some may have joined for this segment
	// already: they are written to it first.
	if l.moving && len(l.next.frames) == 0 {
		l.rotate(l.next)
	}
}

// failed takes a batch back, and the one that gathered behind it. Where the
// write failed the file is cut where it was; where the sync failed it is not
// known what is on disk, and the log stops until it is opened again.
func (l *Log) failed(s *segment, b *batch, err error, syncing bool) {
	b.err = diskErr("rawlog.append", s.where(b.at), err)
	after := l.next
	after.err = b.err
	l.next = newBatch()
	l.end, l.moving = s.size, l.fresh || s.size >= l.o.Segment
	if syncing || s.f.Truncate(s.size) != nil {
		l.down = fault.Newf(fault.Unavailable, "rawlog.append", "", "an earlier write failed (%w); stop and start central: what was answered is safe", b.err)
	}
	close(after.taken)
	close(after.done)
}

// rotate begins the next segment. Those who wait for room are let go on; where
// it cannot be done they are told why. Called with mu held.
func (l *Log) rotate(waiting *batch) {
	full := l.active
	s, err := makeSegment(&l.o, full.n+1)
	if err == nil {
		// An index that cannot be written now is made when it is needed; what
		// counts is the segment.
		_ = writeIndex(&l.o, full.n, full.index)
		_ = full.f.Close()
		l.active, l.end, l.moving, l.fresh = s, s.size, false, false
	} else {
		waiting.refuse = err // the next one who comes tries again
	}
	l.next = newBatch()
	close(waiting.taken)
	close(waiting.done) // nobody had joined it
}
