package lease_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"wardlight/internal/trust/lease"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

const hour = time.Hour

func TestThreeDaysByPINAloneAndNoLonger(t *testing.T) {
	for name, c := range map[string]struct {
		m    lease.Mark
		read bool
	}{
		"just now":                              {lease.Met(noon), true},
		"ran for three days":                    {lease.Met(noon).Ran(72*hour, noon.Add(72*hour)), true},
		"and a minute":                          {lease.Met(noon).Ran(72*hour+time.Minute, noon.Add(72*hour)), false},
		"was off for four days":                 {lease.Met(noon).Started(noon.Add(96 * hour)), false},
		"off for two, ran for two":              {lease.Met(noon).Started(noon.Add(48*hour)).Ran(48*hour, noon.Add(96*hour)), false},
		"met again after that":                  {lease.Met(noon.Add(96 * hour)), true},
		"its clock lost a minute while off":     {lease.Met(noon).Started(noon.Add(-time.Minute)), true},
		"its clock is put right while it runs":  {lease.Met(noon).Ran(hour, noon.Add(-9000*hour)), true},
		"and it is started again":               {lease.Met(noon).Ran(hour, noon.Add(-9000*hour)).Started(noon.Add(-8999 * hour)), true},
		"set back at each of four starts":       {lease.Met(noon).Started(noon.Add(-hour)).Started(noon.Add(-2 * hour)).Started(noon.Add(-3 * hour)).Started(noon.Add(-4 * hour)), false},
		"set back after the grace was over":     {lease.Met(noon).Ran(80*hour, noon.Add(80*hour)).Started(noon), false},
		"an emptied battery, started the once":  {lease.Met(noon).Started(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)), true},
		"time that ran backwards counts as nil": {lease.Met(noon).Ran(-100*hour, noon), true},
	} {
		if got := (lease.Limits{}).MayRead(c.m); got != c.read {
			t.Errorf("%s: may read %v (alone for %v)", name, got, c.m.Alone)
		}
	}
}

func TestTheCopyGoesAfterItsTime(t *testing.T) {
	l := lease.Limits{Offline: 100 * hour, Keep: 50 * hour} // the copy outlives the PIN
	if l.Expired(lease.Met(noon).Ran(99*hour, noon)) || !l.Expired(lease.Met(noon).Ran(101*hour, noon)) {
		t.Error("a copy went before the PIN, or stayed after it")
	}
	if lease.Default.Expired(lease.Met(noon).Ran(720*hour, noon)) || !lease.Default.Expired(lease.Met(noon).Ran(721*hour, noon)) {
		t.Error("thirty days are not thirty days")
	}
	if l := (lease.Limits{Offline: 1, Keep: 1 << 62}).Bounded(); l.Offline != hour || l.Keep != 365*24*hour {
		t.Errorf("bounds: %+v", l)
	}
}

// Whatever is done to the clock, nothing but central makes the time alone
// shorter, and no running time goes uncounted.
func TestNoClockShortensTheTimeAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := lease.Met(noon)
		var ran time.Duration
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			before := m.Alone
			wall := noon.Add(time.Duration(rapid.Int64Range(-1e6, 1e6).Draw(t, "clock")) * time.Second)
			if rapid.Bool().Draw(t, "started") {
				m = m.Started(wall)
			} else {
				d := time.Duration(rapid.Int64Range(0, 3600).Draw(t, "ran")) * time.Second
				ran += d
				m = m.Ran(d, wall)
			}
			if m.Alone < before || m.Alone < ran {
				t.Fatalf("alone for %v, before %v, ran for %v", m.Alone, before, ran)
			}
		}
	})
}
