package wallclock_test

import (
	"testing"
	"time"

	"wardlight/internal/trust/wallclock"
)

// A clock that is set is told once, with what it would have shown; one that drifts, or
// is put right little by little, never.
func TestAClockThatIsSet(t *testing.T) {
	var w wallclock.Watch
	noon := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	at := func(up, off time.Duration) (time.Time, time.Duration, bool) {
		return w.Look(noon.Add(up+off), time.Hour+up)
	}
	if _, _, ok := at(0, 0); ok {
		t.Error("the first look tells something")
	}
	for i := range 100 { // four seconds too fast in each look of ten
		if _, _, ok := at(time.Duration(i)*10*time.Second, time.Duration(i)*4*time.Second); ok {
			t.Fatal("a clock that drifts was told")
		}
	}
	last := 400 * time.Second
	for _, set := range []time.Duration{time.Hour, -25 * time.Hour, wallclock.Least, -wallclock.Least} {
		up := last + 2000*time.Second
		off := 396*time.Second + set
		at(up-time.Second, 396*time.Second)
		from, by, ok := at(up, off)
		if !ok || by != set || !from.Equal(noon.Add(up+396*time.Second)) {
			t.Errorf("set by %v: told %v, by %v from %v", set, ok, by, from)
		}
		if _, _, again := at(up+time.Second, off); again {
			t.Errorf("set by %v: told twice", set)
		}
		at(up+2*time.Second, 396*time.Second)
		last = up
	}
}

// The machine's own clock that nobody sets goes on, and never back.
func TestUptimeGoesOn(t *testing.T) {
	a := wallclock.Uptime()
	time.Sleep(2 * time.Millisecond)
	if b := wallclock.Uptime(); a <= 0 || b-a < time.Millisecond {
		t.Errorf("from %v to %v", a, b)
	}
}
