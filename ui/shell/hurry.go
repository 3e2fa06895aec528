package shell

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// hurry knows that somebody types into the search, so that what nobody waits for is
// read afterwards: between two letters the processor's time is the letters'. News of
// the pages below wait until the hand rests, and alerts never do.
//
// It also knows whether a hand does anything else: to open a chart and to scroll fills
// memory too, and to collect it takes the processor for longer than the chart does. That
// can be made when the hand rests, and no news wait for it.
//
// It is used on the display's goroutine and on those that read. The zero value is of
// nobody.
type hurry struct {
	last  atomic.Int64 // when a letter was typed
	moved atomic.Int64 // when the hand did anything
	// tell, where set, is called when a hand begins to move, and when it rests. It is called on the display's goroutine or a timer's, once at a time.
	tell func(on bool)

	mu   sync.Mutex // over told, and while tell is called
	told bool
}

const (
	handRests = 800 * time.Millisecond // a pause in which nobody looks for a letter
	longestIn = 5 * time.Second        // for how long news wait for somebody who never rests
	lookEvery = 50 * time.Millisecond
)

// key says that a letter was typed.
func (h *hurry) key() {
	h.last.Store(time.Now().UnixNano())
	h.move()
}

// move says that a hand moved, whatever for.
func (h *hurry) move() {
	h.moved.Store(time.Now().UnixNano())
	if h.tell == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.told {
		h.told = true
		h.tell(true)
		time.AfterFunc(handRests, h.rested)
	}
}

// rested tells that the hand rests, or looks again when it may.
func (h *hurry) rested() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if lately(&h.moved) {
		time.AfterFunc(handRests, h.rested)
		return
	}
	h.told = false
	h.tell(false)
}

// typing says whether a letter was typed a moment ago.
func (h *hurry) typing() bool { return lately(&h.last) }

// lately says whether a moment is not yet long enough ago for the hand to rest.
func lately(at *atomic.Int64) bool { return time.Since(time.Unix(0, at.Load())) < handRests }

// Pause waits until nobody types, longestIn at most, and implements base.Pauses.
func (h *hurry) Pause(ctx context.Context) {
	for end := time.Now().Add(longestIn); h.typing() && time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEvery):
		}
	}
}

// unhurried is a desk whose news wait while somebody types.
type unhurried struct {
	Desk
	*hurry
}

// unhurried is the desk for what the search covers.
func (n *session) unhurried() unhurried { return unhurried{n.desk, &n.shell.hurry} }
