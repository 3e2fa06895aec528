package simtest_test

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"wardlight/sync/simtest"
)

var (
	seeds = flag.Int("seeds", 120, "how many histories to play")
	seed  = flag.Uint64("seed", 1, "the first history's seed")
)

// A history's garbage is gone with it: collecting it less often is a third of
// the time.
func TestMain(m *testing.M) {
	flag.Parse()
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

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

// play plays n seeds on all processors, each on one, and returns the violation
// of the first seed that has one.
func play(first uint64, n int, plant simtest.Plant) error {
	var next atomic.Uint64
	var stop atomic.Bool
	found := make([]error, n)
	eachProcessor(func() {
		for !stop.Load() {
			i := next.Add(1) - 1
			if i >= uint64(n) {
				return
			}
			if found[i] = simtest.Run(first+i, plant); found[i] != nil {
				stop.Store(true)
			}
		}
	})
	for _, err := range found {
		if err != nil {
			return err
		}
	}
	return nil
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
			err := play(1, 120, plant)
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

// Everything that is to go wrong does, within a few histories; and what the
// checks compare is there to be compared.
func TestEverythingGoesWrongSomewhere(t *testing.T) {
	sum := map[string]int{}
	for s := range uint64(150) {
		for what, n := range simtest.Struck(s) {
			sum[what] += n
		}
	}
	for _, what := range simtest.Happenings() {
		if sum[what] == 0 {
			t.Errorf("in 150 histories it never happened that: %s", what)
		}
	}
	var list []string
	for what, n := range sum {
		list = append(list, fmt.Sprintf("%6d %s", n, what))
	}
	slices.Sort(list)
	for _, line := range list {
		t.Log(line)
	}
}

func ExampleRun() {
	fmt.Println(simtest.Run(1, simtest.None))
	// Output: <nil>
}
