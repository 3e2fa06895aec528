package tidy

import (
	"runtime"
	"runtime/debug"
	"testing"
)

const worth = 24 << 20

// What a wave leaves is given back, also where the last collection fell into the
// wave, when all of it was alive; and what is not worth it is not looked for
// again and again.
func TestWhatABurstLeavesIsGivenBack(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // nobody else collects meanwhile
	g := Giver{Worth: worth}
	g.Give()
	before := held()
	keep := make([][]byte, 0, 64)
	for range 64 {
		b := make([]byte, 1<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1 // or the system would not have given it yet
		}
		keep = append(keep, b)
	}
	runtime.GC()
	runtime.KeepAlive(keep)
	keep = nil //nolint:ineffassign,wastedassign // the wave is over
	if h := held(); h < before+worth {
		t.Fatalf("a burst of 64 MiB takes %d bytes, before %d: the test tests nothing", h, before)
	}
	g.Give()
	if h := held(); h > before+worth {
		t.Errorf("after giving back %d bytes are held, before %d", h, before)
	}
	var m, n runtime.MemStats
	runtime.ReadMemStats(&m)
	g.Give()
	runtime.ReadMemStats(&n)
	if n.NumGC != m.NumGC {
		t.Error("it collects although nothing was taken since")
	}
}
