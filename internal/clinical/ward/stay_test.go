package ward

import (
	"testing"
	"time"
)

func TestLengthOfStayCountsMidnights(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time {
		return time.Date(2026, 11, day, hour, minute, 0, 0, london)
	}
	for _, c := range []struct {
		from, to time.Time
		exact    bool
		want     string
	}{
		{at(20, 5, 55), at(22, 14, 5), true, "2 nights (2 d 8 h)"},
		{at(21, 23, 50), at(22, 0, 10), true, "1 night (20 min)"},
		{at(22, 9, 0), at(22, 14, 5), true, "5 h, no night"},
		{at(20, 9, 0), at(22, 9, 30), true, "2 nights (2 d)"},
		{at(20, 0, 0), at(22, 14, 5), false, "2 nights"},
		{at(22, 0, 0), at(22, 14, 5), false, "no night"},
		{at(22, 14, 5), at(22, 14, 0), true, ""},
		{time.Time{}, at(22, 14, 0), true, ""},
		// The night in which the clock goes back is one night of 25 hours.
		{time.Date(2026, 10, 24, 12, 0, 0, 0, london), time.Date(2026, 10, 25, 12, 0, 0, 0, london), true, "1 night (1 d 1 h)"},
		// A midnight is the ward's, whatever zone the end was written in.
		{at(21, 23, 0), at(22, 0, 30).In(time.FixedZone("", -5*3600)), true, "1 night (1 h)"},
	} {
		if got := Length(c.from, c.to, c.exact); got != c.want {
			t.Errorf("from %s to %s: %q, want %q", c.from, c.to, got, c.want)
		}
	}
}
