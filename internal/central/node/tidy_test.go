package node

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// What a burst of work leaves is seen as unused, and is gone once it was given
// back.
func TestWhatABurstLeavesIsGivenBack(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // nobody else collects meanwhile
	debug.FreeOSMemory()
	before := unused()
	keep := make([][]byte, 0, 64)
	for range 64 {
		keep = append(keep, make([]byte, 1<<20))
	}
	runtime.KeepAlive(keep)
	if left := unused(); left < before+tidyWorth {
		t.Errorf("after a burst of 64 MiB %d bytes are unused, before %d", left, before)
	}
	debug.FreeOSMemory()
	if left := unused(); left > before+tidyWorth {
		t.Errorf("after giving back, %d bytes are unused", left)
	}
	if !quiet(100, 100) || quiet(100, 100+tidyQuiet) {
		t.Error("a busy journal counts as quiet")
	}
}
