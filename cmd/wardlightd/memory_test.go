package main

import (
	"context"
	"math"
	"runtime/debug"
	"testing"
	"time"
)

// Central has a limit from its start on, and one that somebody chose stays.
func TestCentralKeepsToItsMemory(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	debug.SetMemoryLimit(math.MaxInt64)
	keepMemory(ctx)
	if got := debug.SetMemoryLimit(-1); got < memoryWish || got > 2*memoryWish {
		t.Errorf("the limit is %d MB", got>>20)
	}
	const chosen = 3 << 30
	debug.SetMemoryLimit(chosen)
	done := make(chan struct{})
	go func() { defer close(done); keepMemory(t.Context()) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Error("it goes on though somebody chose a limit")
	}
	if got := debug.SetMemoryLimit(-1); got != chosen {
		t.Errorf("a limit that was chosen became %d MB", got>>20)
	}
}
