package wallclock_test

import (
	"testing"
	"time"

	"wardlight/internal/trust/wallclock"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// What is known of a clock that was set while the program did not run, and what is not.
func TestAClockThatWasSetWhileNobodyLooked(t *testing.T) {
	const hour = time.Hour
	for name, tc := range map[string]struct {
		off  time.Duration // how long the program did not run
		set  time.Duration
		boot string // of the next start
		how  wallclock.How
		from time.Time
	}{
		"nothing, in the same run of the system":       {8 * hour, 0, "a", "", noon},
		"forward, in the same run":                     {8 * hour, 2 * hour, "a", wallclock.Counted, noon.Add(8 * hour)},
		"back by less than the time between":           {8 * hour, -2 * hour, "a", wallclock.Counted, noon.Add(8 * hour)},
		"back to before the mark":                      {8 * hour, -30 * hour, "a", wallclock.Counted, noon.Add(8 * hour)},
		"put right bit by bit over a night":            {8 * hour, 12 * time.Second, "a", "", noon},
		"by six seconds within a minute":               {time.Minute, 6 * time.Second, "a", wallclock.Counted, noon.Add(time.Minute)},
		"back to before the mark, after a new start":   {8 * hour, -30 * hour, "b", wallclock.AtLeast, noon},
		"back by less, after a new start: not known":   {8 * hour, -2 * hour, "b", "", noon},
		"forward, after a new start: not known":        {8 * hour, 2 * hour, "b", "", noon},
		"back, where the system has no such clock":     {8 * hour, -30 * hour, "", wallclock.AtLeast, noon},
		"forward, where it has none: not known":        {8 * hour, 2 * hour, "", "", noon},
		"the battery of the clock is flat: it is 1970": {8 * hour, -noon.Sub(time.Unix(0, 0)), "b", wallclock.AtLeast, noon},
	} {
		m := wallclock.Mark{Wall: noon, Up: 5 * hour, Boot: "a"}
		if tc.boot == "" {
			m.Boot = ""
		}
		now := wallclock.Mark{Wall: noon.Add(tc.off + tc.set), Up: 5*hour + tc.off, Boot: tc.boot}
		next, from, how := m.Next(now)
		if how != tc.how || how != "" && !from.Equal(tc.from) || !next.Wall.Equal(now.Wall) || next.Boot != now.Boot {
			t.Errorf("%s: %q from %v, %+v", name, how, from, next)
		}
	}
	if _, _, how := (wallclock.Mark{}).Next(wallclock.Mark{Wall: noon, Boot: "a"}); how != "" {
		t.Error("the first start tells something")
	}
}

// Once a server says what time it is, what could not be known at the start is known, in
// both directions, once; and what was told already is not told again.
func TestAServersClockTellsWhatAStartCouldNot(t *testing.T) {
	measured, _, _ := wallclock.Mark{Wall: noon, Boot: "a"}.Measured(-3*time.Second, noon)
	for name, tc := range map[string]struct {
		set  time.Duration
		boot string
		want bool
	}{
		"forward": {2 * time.Hour, "b", true}, "back": {-2 * time.Hour, "b", true}, "nothing": {0, "b", false},
		"put right by a quarter of a minute": {14 * time.Second, "b", false},
		"in the same run it was told before": {2 * time.Hour, "a", false},
		"back to before the mark was told":   {-30 * time.Hour, "b", false},
	} {
		wall := noon.Add(8*time.Hour + tc.set)
		m, _, _ := measured.Next(wallclock.Mark{Wall: wall, Up: 8 * time.Hour, Boot: tc.boot})
		m = m.Set(time.Minute) // and a Watch noticed another minute since
		wall = wall.Add(time.Minute)
		m, from, set := m.Measured(-3*time.Second-tc.set-time.Minute, wall)
		if set != tc.want || set && !from.Equal(wall.Add(-tc.set)) {
			t.Errorf("%s: %v, from %v", name, set, from)
		}
		if _, _, again := m.Measured(-3*time.Second-tc.set-time.Minute, wall); again {
			t.Errorf("%s: twice", name)
		}
	}
	// Over a run in which no server was reached it is still owed.
	m, _, _ := measured.Next(wallclock.Mark{Wall: noon.Add(3 * time.Hour), Boot: "b"}) // one hour passed
	m, _, _ = m.Next(wallclock.Mark{Wall: noon.Add(4 * time.Hour), Up: time.Hour, Boot: "b"})
	if _, from, set := m.Measured(-2*time.Hour-3*time.Second, noon.Add(4*time.Hour)); !set || !from.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("a run later: %v, %v", set, from)
	}
}

// What was counted at one start is not told again by the server's clock after another.
func TestWhatWasCountedIsNotToldAgain(t *testing.T) {
	m, _, _ := wallclock.Mark{Wall: noon, Boot: "a"}.Measured(0, noon)
	m, _, how := m.Next(wallclock.Mark{Wall: noon.Add(3 * time.Hour), Up: time.Hour, Boot: "a"}) // forward by two hours
	if how != wallclock.Counted {
		t.Fatalf("%q", how)
	}
	m, _, _ = m.Next(wallclock.Mark{Wall: noon.Add(4 * time.Hour), Boot: "b"})
	if _, from, set := m.Measured(-2*time.Hour, noon.Add(4*time.Hour)); set {
		t.Errorf("told again, from %v", from)
	}
}

// This system's runs have a name, or none.
func TestARunOfTheSystemHasOneName(t *testing.T) {
	if a, b := wallclock.Boot(), wallclock.Boot(); a != b {
		t.Errorf("%q, then %q", a, b)
	}
}
