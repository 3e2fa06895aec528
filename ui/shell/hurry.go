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
// It is used on the display's goroutine and on those that read. The zero value is of
// nobody.
type hurry struct {
	last atomic.Int64
	// tell, where set, is called when somebody begins to type, and when the hand
	// rests. It is called on the display's goroutine or a timer's, once at a time.
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
	if h.typing() {
		time.AfterFunc(handRests, h.rested)
		return
	}
	h.told = false
	h.tell(false)
}

// typing says whether a letter was typed a moment ago.
func (h *hurry) typing() bool { return time.Since(time.Unix(0, h.last.Load())) < handRests }

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
