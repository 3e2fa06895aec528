package main

import (
	"sync/atomic"
	"time"
)

// handRests is for how long after its last move a hand is taken to be at work: whoever
// types, points or scrolls does so again within it.
const handRests = time.Second

// hand knows whether somebody's hand moves at the window, so that what nobody waits for
// rests meanwhile. The zero value is of nobody.
type hand struct {
	last atomic.Pointer[time.Time] // when it moved last; nil: never
}

// handHere is the one at this program's window.
var handHere hand

// moved says that it moved.
func (h *hand) moved() {
	now := time.Now() // with the clock that nobody sets
	h.last.Store(&now)
}

// moves says whether it moved a moment ago.
func (h *hand) moves() bool {
	last := h.last.Load()
	return last != nil && time.Since(*last) < handRests
}
