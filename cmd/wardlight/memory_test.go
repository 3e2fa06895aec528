package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// The wish holds as long as there is room in it, and what lives has room always.
func TestTheMemoryLimitLeavesRoomAboveWhatLives(t *testing.T) {
	const mb = 1 << 20
	for live, want := range map[int64]int64{0: 112 * mb, 60 * mb: 112 * mb, 84 * mb: 112 * mb, 96 * mb: 124 * mb, 160 * mb: 196 * mb} {
		l := limit{live: live}
		if got := l.bytes(); got != want {
			t.Errorf("%d MB live: a limit of %d MB, not %d", live/mb, got/mb, want/mb)
		}
		l.typing = true
		if got := l.bytes(); got != want+typingRoom {
			t.Errorf("%d MB live, and somebody types: a limit of %d MB", live/mb, got/mb)
		}
	}
}

// The limit that is set is above what lives really: below it the window would collect
// all the time, and to no end.
func TestTheMemoryLimitFollowsWhatLives(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	const much = 160 << 20 // more than was wished for
	live := make([][]byte, much>>20)
	for i := range live {
		live[i] = make([]byte, 1<<20)
	}
	runtime.GC()
	var l limit
	l.follow()
	if got := debug.SetMemoryLimit(-1); got < much+much/8 {
		t.Errorf("%d MB live, and the limit is %d MB", much>>20, got>>20)
	}
	l.hurry(true)
	typing := debug.SetMemoryLimit(-1)
	if l.hurry(false); typing != debug.SetMemoryLimit(-1)+typingRoom {
		t.Errorf("while somebody types the limit is %d MB", typing>>20)
	}
	runtime.KeepAlive(live)
}
