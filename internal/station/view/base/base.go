// Package base is what all view models are made of: a Dispatcher that brings
// state to the display's goroutine, and a Loader that reads in the background
// and lets only the newest answer through.
//
// A view model holds one immutable State. It reads what is committed, again
// and again, whenever a notice says that something changed; it never keeps a
// clinical fact of its own. Nothing here knows a display: tests give a
// Dispatcher that queues, and drain it.
package base

import (
	"context"
	"errors"
	"sync"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Look is how long something that came up by itself must have been on the screen
// before a key or a press may answer it: the time to see that it came, and to
// read whom it is about. A hand that was on its way to something else lands
// within about one second.
const Look = 2 * time.Second

// Dispatcher runs a function where state may be shown: the display's own
// goroutine. Functions run in the order given, one at a time.
type Dispatcher interface {
	Do(fn func())
}

// DispatcherFunc makes a Dispatcher of a function.
type DispatcherFunc func(fn func())

// Do implements Dispatcher.
func (f DispatcherFunc) Do(fn func()) { f(fn) }

// Queue is a Dispatcher for tests and for programs without a display: it holds
// functions until Drain. Safe for concurrent use.
type Queue struct {
	mu  sync.Mutex
	fns []func()
}

// Do implements Dispatcher.
func (q *Queue) Do(fn func()) {
	q.mu.Lock()
	q.fns = append(q.fns, fn)
	q.mu.Unlock()
}

// Drain runs what is queued, on the caller's goroutine, and says how much.
func (q *Queue) Drain() int {
	q.mu.Lock()
	fns := q.fns
	q.fns = nil
	q.mu.Unlock()
	for _, fn := range fns {
		fn()
	}
	return len(fns)
}

// Len is how many functions are queued.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.fns)
}

// Settle drains in so many rounds what is under way, each after a rest. A rest that lasted
// far longer than it should does not count: whoever was to fill the queue was kept waiting
// as well. It is for what cannot be waited for by itself.
func (q *Queue) Settle(rounds int, rest time.Duration) {
	for late := 0; rounds > 0; {
		began := time.Now()
		time.Sleep(rest)
		on := time.Since(began) < 2*rest+time.Millisecond
		q.Drain()
		if on || late >= maxLate {
			rounds--
		} else {
			late++
		}
	}
}

// maxLate bounds how many rests that lasted too long a Settle goes through.
const maxLate = 1000

// Loader reads a T in the background. Reload while a read is under way makes
// another one follow it; a read that was overtaken by Cancel never shows.
//
// The next read waits until the one before has been shown: a display that is
// slower than the news gets fewer states, and never a growing queue of old ones.
type Loader[T any] struct {
	dispatch Dispatcher
	load     func(context.Context) (T, error)
	show     func(T, error)

	mu      sync.Mutex
	gen     uint64
	running bool
	again   bool
	cancel  context.CancelFunc
	ctx     context.Context
}

// NewLoader makes a Loader. show runs on the Dispatcher.
func NewLoader[T any](d Dispatcher, load func(context.Context) (T, error), show func(T, error)) *Loader[T] {
	l := &Loader[T]{dispatch: d, load: load, show: show}
	l.ctx, l.cancel = context.WithCancel(context.Background()) //nolint:gosec // Cancel calls it
	return l
}

// Reload reads anew. Many calls while one read is under way make one read.
func (l *Loader[T]) Reload() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running {
		l.again = true
		return
	}
	l.running = true
	go l.work(l.ctx, l.gen)
}

// ReloadWithin is Reload for the display's own goroutine: an answer that comes
// within patience is shown before it returns, so that the frame of what was typed
// holds it already. A later one comes by the Dispatcher as always. Patience is a
// few milliseconds: the display stands still for as long. It reports whether an answer
// was shown.
func (l *Loader[T]) ReloadWithin(patience time.Duration) bool {
	l.mu.Lock()
	if l.running {
		l.again = true
		l.mu.Unlock()
		return false
	}
	l.running = true
	h := &handover{answer: make(chan func()), gone: make(chan struct{})}
	go l.first(l.ctx, l.gen, h)
	l.mu.Unlock()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case show := <-h.answer:
		show()
		return true
	case <-limit.C:
		close(h.gone)
		return false
	}
}

// handover gives an answer to whoever waits for it, as long as they do.
type handover struct {
	answer chan func()
	gone   chan struct{}
}

// first makes the read that somebody waits for, and goes on as work does.
func (l *Loader[T]) first(ctx context.Context, gen uint64, h *handover) {
	v, err := l.load(ctx)
	shown := make(chan struct{})
	show := func() {
		defer close(shown)
		if l.current(gen) {
			l.show(v, err)
		}
	}
	select {
	case h.answer <- show:
	case <-h.gone:
		l.dispatch.Do(show)
	}
	select {
	case <-shown:
	case <-ctx.Done():
		return
	}
	if l.current(gen) && l.more(gen) {
		l.work(ctx, gen)
	}
}

func (l *Loader[T]) work(ctx context.Context, gen uint64) {
	for {
		v, err := l.load(ctx)
		if !l.current(gen) {
			return
		}
		shown := make(chan struct{})
		l.dispatch.Do(func() {
			defer close(shown)
			if l.current(gen) {
				l.show(v, err)
			}
		})
		select {
		case <-shown:
		case <-ctx.Done():
			return
		}
		if !l.more(gen) {
			return
		}
	}
}

// more says whether a read was asked for meanwhile.
func (l *Loader[T]) more(gen uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if gen != l.gen {
		return false
	}
	again := l.again
	l.again, l.running = false, again
	return again
}

func (l *Loader[T]) current(gen uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return gen == l.gen
}

// Cancel forgets what is under way: the page shows something else now, or is
// closed. Reload may be called again afterwards.
func (l *Loader[T]) Cancel() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gen++
	l.cancel()
	l.running, l.again = false, false
	l.ctx, l.cancel = context.WithCancel(context.Background())
}

// Notices is the desk's stream, as a view model consumes it.
type Notices interface {
	Subscribe(ctx context.Context) <-chan ward.Notice
}

// Pauses is a stream of notices that also knows when it suits to read: Pause
// returns when nobody waits for the processor, a few seconds later at most.
type Pauses interface {
	Pause(ctx context.Context)
}

// Follow calls fn for every notice until ctx ends, and for each tick too, on
// its own goroutine: ages on a screen go on although nothing changes. Where n is
// Pauses, fn is called when it suits.
func Follow(ctx context.Context, n Notices, tick time.Duration, fn func(ward.Notice)) {
	ch := n.Subscribe(ctx)
	if p, ok := n.(Pauses); ok {
		now := fn
		fn = func(note ward.Notice) {
			if p.Pause(ctx); ctx.Err() == nil {
				now(note)
			}
		}
	}
	go func() {
		t := time.NewTicker(tick)
		defer t.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case note, ok := <-ch:
				if !ok {
					return
				}
				fn(note)
			case <-t.C:
				fn(ward.Notice{})
			}
		}
	}()
}

// Follow keeps what a page shows up to date until ctx ends: it is read now, and for every
// notice and tick of Follow.
func (l *Loader[T]) Follow(ctx context.Context, n Notices, tick time.Duration) {
	l.Reload()
	Follow(ctx, n, tick, func(ward.Notice) { l.Reload() })
}

// Concerns says whether a notice may change what a page about this patient
// shows; a tick (no kind) concerns every page.
func Concerns(n ward.Notice, id ward.PatientID) bool {
	if n.Kind != ward.NoticePatients || len(n.Patients) == 0 {
		return true
	}
	for _, p := range n.Patients {
		if p == id {
			return true
		}
	}
	return false
}

// Words is what an error says in the end, without the path to it: the words that were
// written for a person, in the language in use.
func Words(err error) string { return words.Say(err) }

// Mistyped says whether an error is about the PIN that was given: it is typed anew.
func Mistyped(err error) bool {
	var typed *ward.Mistyped
	return errors.As(err, &typed) && !typed.New
}
