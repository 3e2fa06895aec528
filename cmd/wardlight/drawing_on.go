//go:build faults && linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"wardlight/internal/station/seat"
)

// The display never waits for the store. In a build with planted faults the window
// looks at each question to its real cache, and ends at the first that is asked on
// the goroutine that draws.

// drawing says that frames are drawn now: before and after it the program's first
// goroutine opens and closes the station.
var drawing atomic.Bool

// draws is told when the goroutine that draws begins and ends. With --ask-where-drawn
// it asks the store there, to see that this is noticed.
func (c *windowCmd) draws(s *seat.Seat, on bool) {
	drawing.Store(on)
	if on && c.AskWhereDrawn {
		if d, err := s.Desk(); err == nil {
			_ = d.Link()
		}
	}
}

// asked ends the program where the question comes from the goroutine that draws. The
// toolkit has tied that one to the process's first thread, and nothing else runs there.
func (station) asked() func(op string) {
	return func(op string) {
		if !drawing.Load() || unix.Gettid() != os.Getpid() || keepsDraft() {
			return
		}
		fmt.Fprintf(os.Stderr, "%s is asked on the goroutine that draws\n%s", op, debug.Stack())
		os.Exit(70) // EX_SOFTWARE
	}
}

// keepsDraft: what is being typed when a session ends is written before anything else
// can happen to it. It is the one exception.
func keepsDraft() bool {
	pc := make([]uintptr, 96)
	frames := runtime.CallersFrames(pc[:runtime.Callers(2, pc)])
	for more := true; more; {
		var f runtime.Frame
		if f, more = frames.Next(); strings.HasSuffix(f.Function, "shell.(*session).flush") {
			return true
		}
	}
	return false
}
