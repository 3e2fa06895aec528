package simtest_test

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"wardlight/sync/simtest"
)

var (
	seeds = flag.Int("seeds", 60, "how many histories to play")
	seed  = flag.Uint64("seed", 1, "the first history's seed")
)

// TestSeeds plays histories; a failure names its seed.
func TestSeeds(t *testing.T) {
	n := *seeds
	if testing.Short() && n > 20 {
		n = 20
	}
	if err := play(*seed, n, simtest.None); err != nil {
		t.Fatal(err)
	}
}

// play plays n seeds on all processors and returns the first violation.
func play(first uint64, n int, plant simtest.Plant) error {
	var (
		next  atomic.Uint64
		group sync.WaitGroup
		once  sync.Once
		found error
		stop  atomic.Bool
	)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for !stop.Load() {
				i := next.Add(1) - 1
				if i >= uint64(n) {
					return
				}
				if err := simtest.Run(first+i, plant); err != nil {
					once.Do(func() { found = err })
					stop.Store(true)
				}
			}
		})
	}
	group.Wait()
	return found
}

// A check proves something only once it has been seen to fail: each fault that
// is built in on purpose must be caught within a few histories.
func TestPlantedFaultsAreCaught(t *testing.T) {
	for _, plant := range simtest.Plants() {
		t.Run(string(plant), func(t *testing.T) {
			err := play(1, 60, plant)
			if err == nil {
				t.Fatal("60 histories with this fault built in, and no check noticed")
			}
			t.Log(err)
		})
	}
}

// A seed is a history: played twice, it goes the same way.
func TestASeedIsAHistory(t *testing.T) {
	for s := range uint64(5) {
		t.Log(simtest.Trace(s))
		a, b := simtest.Trace(s), simtest.Trace(s)
		if a != b || a == "" {
			t.Errorf("seed %d: %s, then %s", s, a, b)
		}
	}
}

func ExampleRun() {
	fmt.Println(simtest.Run(1, simtest.None))
	// Output: <nil>
}
