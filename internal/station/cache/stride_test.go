package cache

import (
	"testing"
	"time"
)

// The walk takes a quarter of the time, all of it where somebody waits for its end, and
// rests no longer than its bound in all.
func TestTheWalkRestsUnlessSomebodyWaits(t *testing.T) {
	at, rested, waits := time.Unix(0, 0), time.Duration(0), false
	s := &stride{
		urgent: func() bool { return waits }, rest: func(d time.Duration) { rested += d; at = at.Add(d) },
		now: func() time.Time { return at }, pages: mapped{now: func() uint64 { return 0 }}, begun: at,
	}
	work := func(strides int) {
		for range strides * strideRows {
			at = at.Add(10 * time.Microsecond)
			s.step(100)
		}
	}
	const one = strideRows * 10 * time.Microsecond
	work(3)
	if rested != 3*3*one {
		t.Errorf("it worked %v, and rested %v", 3*one, rested)
	}
	waits = true
	work(100)
	if rested != 3*3*one {
		t.Errorf("it rested %v though somebody waited", rested-3*3*one)
	}
	waits = false
	work(10000)
	if rested < mostRest || rested > mostRest+3*one {
		t.Errorf("it rested %v in all", rested)
	}
}

// What the walk has read leaves memory while it goes on, not at its end.
func TestTheWalkKeepsNoTablesInMemory(t *testing.T) {
	in, gone := uint64(90<<20), 0
	s := &stride{
		urgent: func() bool { return true }, rest: func(time.Duration) {}, now: time.Now,
		pages: mapped{now: func() uint64 { return in }, least: in}, tidy: func() { in = 90 << 20; gone++ },
	}
	for range 600 << 10 { // 600 MB
		in += 1 << 10
		s.step(1 << 10)
		if in > 90<<20+mappedMost+2*strideBytes {
			t.Fatalf("%d MB of tables are in memory", in>>20-90)
		}
	}
	if gone < 600<<20/(mappedMost+strideBytes)-1 {
		t.Errorf("they left memory %d times", gone)
	}
}
