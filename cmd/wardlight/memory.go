package main

import (
	"runtime/debug"
	"sync"

	"wardlight/internal/tidy"
)

// memoryWish is what the Go side of the window should stay within; a ward's
// computer has other programs to run. What lives comes near to it with ten thousand
// patients, so that it is collected every few megabytes.
//
// typingRoom is what it may take beyond that while somebody types, opens charts or
// scrolls: a collection takes the processor for as long as two letters do, or a chart,
// and it can be made when the hand rests.
const (
	memoryWish = 112 << 20
	typingRoom = 16 << 20
)

// limit is the memory limit of the Go side (tidy.Limit): nearer to what lives, two thirds
// of what the window does are collecting.
type limit struct {
	mu     sync.Mutex
	live   int64 // what lived at the last look
	typing bool
}

// goMemory is this program's.
var goMemory limit

// bytes is the limit where so much lives.
func (l *limit) bytes() int64 {
	b := tidy.Limit(memoryWish, l.live)
	if l.typing {
		b += typingRoom
	}
	return b
}

// follow looks at what lives, and moves the limit.
func (l *limit) follow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live = tidy.Live()
	debug.SetMemoryLimit(l.bytes())
}

// hurry makes room while a hand moves, and takes it away again.
func (l *limit) hurry(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.typing = on
	debug.SetMemoryLimit(l.bytes())
}
