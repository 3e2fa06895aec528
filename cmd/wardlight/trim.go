package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wardlight/internal/tidy"
)

// How memory goes back to the system: what the graphics have freed always, and
// what was collected where the window has been drawing little since the last
// time. A collection while somebody types would cost a frame.
const (
	trimEvery = 10 * time.Second
	trimQuiet = 16 << 20 // bytes allocated in that time
	trimWorth = 6 << 20  // bytes
)

// trim gives memory back until ctx ends. The first time it also lets go of what only
// the start needed.
func trim(ctx context.Context) {
	t := time.NewTicker(trimEvery)
	defer t.Stop()
	last, g, started := tidy.Allocated(), tidy.Giver{Worth: trimWorth}, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if !started {
			started = true
			tidy.PageOut(programs())
		}
		tidy.PageOut(compiler)
		if !handHere.moves() {
			tidy.LetGoOfCode(code)
		}
		trimGraphics()
		now := tidy.Allocated()
		if now < last+trimQuiet {
			g.Give()
		}
		last = now
		goMemory.follow()
	}
}

// compiler says which mapped file makes the shaders of a software renderer: forty
// megabytes of code, that run when something is drawn in a way in which nothing was
// before, as the first chart is, and then not for hours.
func compiler(path string) bool { return strings.HasPrefix(filepath.Base(path), "libLLVM") }

// code says of which mapped files the code is let go of while nobody's hand moves: this
// program's own and the compiler's of shaders, seventy megabytes of which little runs
// until somebody comes back. Both stay mapped until the end.
func code(path string) bool {
	self, err := os.Executable()
	return err == nil && path == self || compiler(path) && staysLoaded(path)
}

// programs says which mapped files are this program and its libraries. To start, to link
// and to make a renderer's shaders takes tens of megabytes of their code, which nobody
// runs again.
func programs() func(path string) bool {
	self, _ := os.Executable() // where it is not known, the libraries are most of it
	return func(path string) bool { return path == self || strings.Contains(filepath.Base(path), ".so") }
}
