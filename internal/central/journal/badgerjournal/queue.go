package badgerjournal

import (
	"context"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/state"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// A group takes no more Updates once it has this many, or rows of about this
// many bytes; later ones wait for the next group.
const (
	groupUpdates = 1024
	groupBytes   = 4 << 20
)

// queue is how Updates become groups and groups become commits.
//
// turn is held by whoever runs an Update's function or moves groups on. What
// an Update reads lies in three layers: durable rows, the group that is being
// written, the group that gathers. base is where the durable layer is read,
// and it moves only with the turn held, when a group has become durable.
type queue struct {
	turn   chan struct{} // a lock that a context can give up waiting for
	base   published
	flight *group // being written; nil: none
	next   *group // gathering
	down   error  // why there are no more Updates
	wake   chan struct{}
	quit   chan struct{}
	ended  chan struct{}
}

// group is a number of Updates that become durable together.
type group struct {
	rows    state.Map
	entries []record.Entry // for Options.Durable
	head    record.Cursor  // after the group
	updates int
	bytes   int
	done    chan struct{} // closed when the group is durable, or err says why not
	err     error
	taken   chan struct{} // closed when the group takes no more Updates
}

func newGroup(head record.Cursor) *group {
	return &group{head: head, done: make(chan struct{}), taken: make(chan struct{})}
}

func (g *group) full() bool { return g.updates >= groupUpdates || g.bytes >= groupBytes }

// run starts the goroutine that writes.
func (j *Journal) run() {
	j.queue = queue{
		turn: make(chan struct{}, 1), base: j.at, next: newGroup(j.at.head),
		wake: make(chan struct{}, 1), quit: make(chan struct{}), ended: make(chan struct{}),
	}
	go j.write()
	go j.space.watch(j.quit)
}

// stop ends that goroutine when it has written what was waiting.
func (j *Journal) stop() {
	select {
	case <-j.ended:
	default:
		close(j.quit)
		<-j.ended
	}
}

// takeTurn waits for the turn and for room in the group that gathers.
func (j *Journal) takeTurn(ctx context.Context) error {
	const op = "badgerjournal.update"
	for {
		if err := ctx.Err(); err != nil {
			return fault.As(fault.Timeout, op, "", err)
		}
		select {
		case j.turn <- struct{}{}:
		case <-ctx.Done():
			return fault.As(fault.Timeout, op, "", ctx.Err())
		}
		if j.down != nil || j.closed.Load() {
			defer j.endTurn()
			if j.down != nil {
				return j.down
			}
			return errClosed(op)
		}
		if !j.next.full() {
			return nil
		}
		taken := j.next.taken
		j.endTurn()
		select {
		case <-taken:
		case <-ctx.Done():
			return fault.As(fault.Timeout, op, "", ctx.Err())
		}
	}
}

func (j *Journal) endTurn() { <-j.turn }

// Update runs fn and commits what it wrote as one entry. fn may not call
// Update itself.
//
// Even an Update that wrote nothing, or failed, is answered only when all that
// its function may have read is durable: "this was received already" is an
// acknowledgement too.
func (j *Journal) Update(ctx context.Context, fn func(journal.Tx) error) (record.Entry, error) {
	if err := j.takeTurn(ctx); err != nil {
		return record.Entry{}, err
	}
	e, wait, err := j.perform(fn)
	if wait == nil {
		return record.Entry{}, err
	}
	if f := j.o.faults.await; f != nil {
		f()
		return e, err
	}
	<-wait.done
	if wait.err != nil {
		return record.Entry{}, wait.err
	}
	return e, err
}

// perform runs fn with the turn held, gives the turn back, and returns the
// group whose end has to be waited for; nil: none.
func (j *Journal) perform(fn func(journal.Tx) error) (record.Entry, *group, error) {
	defer j.endTurn()
	base, last, end := j.layers()
	defer end()
	tx := state.Begin(base, state.Map{}, j.next.head, j.o.Now().UnixMilli())
	defer tx.Abort()
	if err := fn(tx); err != nil {
		return record.Entry{}, last, err
	}
	e, own, wrote, err := tx.Finish()
	if err != nil || !wrote {
		return record.Entry{}, last, err
	}
	j.join(e, own)
	return e, j.next, nil
}

// layers is what an Update reads, and the last group that it may have read
// from; nil: only what is durable.
func (j *Journal) layers() (base state.Store, last *group, end func()) {
	txn := j.db.NewTransactionAt(j.base.ts, false)
	base = state.NewMemo(&rows{j: j, txn: txn})
	for _, g := range []*group{j.flight, j.next} {
		if g != nil && g.updates > 0 {
			base, last = &state.Layer{Base: base, Top: g.rows}, g
		}
	}
	return base, last, txn.Discard
}

// join adds an Update to the group that gathers.
func (j *Journal) join(e record.Entry, own state.Map) {
	g := j.next
	if g.updates == 0 {
		g.rows = own
		for k := range own.From("", "") {
			g.bytes += len(k)
		}
	} else {
		for k, v := range own.From("", "") {
			g.rows = g.rows.Set(k, v)
			g.bytes += len(k)
		}
	}
	if j.o.Durable != nil {
		g.entries = append(g.entries, e)
	}
	g.bytes += weight(e)
	g.updates++
	g.head.Position, g.head.Chain = e.Position, e.Chain
	if f := j.o.faults.joined; f != nil {
		f(&g.head)
	}
	select {
	case j.wake <- struct{}{}:
	default: // it has been woken already
	}
}

// weight is about how many bytes an entry takes.
func weight(e record.Entry) int {
	n := 0
	for _, c := range e.Changes {
		n += len(c.Body) + 256
	}
	for _, a := range e.Audits {
		n += len(a)
	}
	return n + 512*(len(e.Inbound)+len(e.Mutations)+1)
}

// write is the goroutine that makes groups durable, one after the other.
func (j *Journal) write() {
	defer close(j.ended)
	for {
		select {
		case <-j.wake:
			j.writeNext()
		case <-j.quit:
			j.writeNext() // whatever still waits
			return
		}
	}
}

// writeNext writes the group that gathered, and lets the next one gather
// meanwhile.
func (j *Journal) writeNext() {
	j.turn <- struct{}{}
	g := j.next
	if g.updates == 0 || j.down != nil {
		j.endTurn()
		return
	}
	j.flight, j.next = g, newGroup(g.head)
	ts := j.base.ts + 1
	close(g.taken)
	j.endTurn()

	err := j.commit(g, ts)
	if err == nil {
		for _, e := range g.entries {
			j.o.Durable(e)
		}
	}

	j.turn <- struct{}{}
	j.flight = nil
	if err == nil {
		j.base = published{ts: ts, head: g.head}
		j.publish(j.base)
	} else {
		j.fail(g, err)
	}
	j.endTurn()
	close(g.done)
}

// publish shows a durable state to readers.
func (j *Journal) publish(p published) {
	j.head.note(p)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.at = p
	j.forget()
	close(j.grown)
	j.grown = make(chan struct{})
}

// fail answers a group that could not be written, and the one that gathered
// meanwhile, because it may have read from it. After Full the journal goes on:
// nothing was written. After anything else it is not known what is on disk.
func (j *Journal) fail(g *group, err error) {
	g.err = err
	after := j.next
	after.err = err
	close(after.taken)
	close(after.done)
	j.next = newGroup(j.base.head)
	if !fault.Is(err, fault.Full) {
		j.down = fault.Newf(fault.Unavailable, "badgerjournal.update", "", "an earlier commit failed (%w); stop and start central: what was answered is safe", err)
	}
}
