package simtest_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"

	"wardlight/sync/simtest"
)

var (
	seeds = flag.Int("seeds", enough, "how many histories to play")
	seed  = flag.Uint64("seed", 1, "the first history's seed")
)

// A history's garbage is gone with it: collecting it less often is a third of
// the time.
func TestMain(m *testing.M) {
	flag.Parse()
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// enough is how many histories meet everything that can go wrong.
const enough = 150

// TestSeeds plays histories; a failure names its seed. Among enough of them
// everything that is to go wrong does, and what the checks compare is there to be
// compared.
func TestSeeds(t *testing.T) {
	n := *seeds
	if testing.Short() && n > 20 {
		n = 20
	}
	struck, err := play(*seed, n, simtest.None)
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range simtest.Happenings() {
		if t.Logf("%8d %s", struck[what], what); struck[what] == 0 && n >= enough {
			t.Errorf("in %d histories it never happened that: %s", n, what)
		}
	}
}

// play plays n seeds on all processors, each on one. It counts what went wrong,
// and returns the violation of the first seed that has one.
func play(first uint64, n int, plant simtest.Plant) (struck map[string]int, err error) {
	var next atomic.Uint64
	var stop atomic.Bool
	var mu sync.Mutex
	struck = map[string]int{}
	found := make([]error, n)
	eachProcessor(func() {
		for !stop.Load() {
			i := next.Add(1) - 1
			if i >= uint64(n) {
				return
			}
			what, err := simtest.Play(first+i, plant)
			if found[i] = err; err != nil {
				stop.Store(true)
			}
			mu.Lock()
			for k, times := range what {
				struck[k] += times
			}
			mu.Unlock()
		}
	})
	for _, err := range found {
		if err != nil {
			return struck, err
		}
	}
	return struck, nil
}

func eachProcessor(do func()) {
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(do)
	}
	group.Wait()
}

// A check proves something only once it has been seen to fail: each mutant must
// be caught within a few histories.
func TestMutantsAreCaught(t *testing.T) {
	for _, plant := range simtest.Plants() {
		t.Run(string(plant), func(t *testing.T) {
			_, err := play(1, 120, plant)
			if err == nil {
				t.Fatal("120 histories with this fault built in, and no check noticed")
			}
			t.Log(err)
		})
	}
}

// A seed is a history: played twice, it goes the same way.
func TestASeedIsAHistory(t *testing.T) {
	for s := range uint64(6) {
		a, b := simtest.Trace(s), simtest.Trace(s)
		if t.Log(a); a != b {
			t.Errorf("seed %d: %s, then %s", s, a, b)
		}
	}
}

func ExampleRun() {
	fmt.Println(simtest.Run(1, simtest.None))
	// Output: <nil>
}
