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
		urgent: func() bool { return waits }, hand: func() bool { return false }, rest: func(d time.Duration) { rested += d; at = at.Add(d) },
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

// While somebody types or scrolls the walk takes a thirty-second of the time; it goes on
// as before as soon as the hand rests, at once where somebody waits for its end, and after
// a minute and a half of it whatever the hand does: it always ends.
func TestTheWalkYieldsToAHandAndEnds(t *testing.T) {
	at, rested, moves, waits := time.Unix(0, 0), time.Duration(0), true, false
	during := func() {} // what happens while it rests
	s := &stride{
		urgent: func() bool { return waits }, hand: func() bool { return moves },
		rest: func(d time.Duration) { rested += d; at = at.Add(d); during() },
		now:  func() time.Time { return at }, pages: mapped{now: func() uint64 { return 0 }}, begun: at,
	}
	work := func(strides int) {
		for range strides * strideRows {
			at = at.Add(10 * time.Microsecond)
			s.step(100)
		}
	}
	const one = strideRows * 10 * time.Microsecond
	work(3)
	if want := 3 * handRest * one; rested != want {
		t.Errorf("under a hand it worked %v and rested %v, not %v", 3*one, rested, want)
	}

	rested, during = 0, func() { moves = false } // the hand comes to rest
	work(1)
	if rested > strideLook {
		t.Errorf("it rested %v more, though the hand had come to rest", rested)
	}
	rested = 0
	work(1)
	if rested != 3*one {
		t.Errorf("under no hand it rested %v", rested)
	}

	rested, moves, during = 0, true, func() { waits = true } // somebody comes who waits
	work(50)
	if rested > strideLook {
		t.Errorf("it rested %v though somebody waits", rested)
	}

	rested, waits, during = 0, false, func() {}
	work(20000) // and the hand never rests
	if most := mostByHand + mostRest; rested > most {
		t.Errorf("it rested %v in all, which is more than %v", rested, most)
	}
	rested = 0
	if work(100); rested != 0 {
		t.Errorf("it rested %v more when its time was over", rested)
	}
}

// The walk asks whoever knows of the hand at this computer, and nobody where nobody does.
func TestTheWalkAsksTheComputersHand(t *testing.T) {
	moves := true
	c := &Cache{o: Options{Hand: func() bool { return moves }}}
	if !c.newStride().hand() {
		t.Error("it does not know that a hand moves")
	}
	if moves = false; c.newStride().hand() {
		t.Error("it does not know that the hand rests")
	}
	if (&Cache{}).newStride().hand() {
		t.Error("a hand moves where there is none")
	}
}

// What the walk has read leaves memory while it goes on, not at its end.
func TestTheWalkKeepsNoTablesInMemory(t *testing.T) {
	in, gone := uint64(90<<20), 0
	s := &stride{
		urgent: func() bool { return true }, hand: func() bool { return false }, rest: func(time.Duration) {}, now: time.Now,
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
