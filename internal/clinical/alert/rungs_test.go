package alert

import (
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// A step with nobody on it is passed on at once, and so are those after it.
func TestRungsOfAStepWithNobodyOnIt(t *testing.T) {
	l := Default().Ladder(LadderInpatient)
	start := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	minutes := func(list []ward.Rung) (out []int) {
		for _, r := range list {
			out = append(out, int(r.At.Sub(start)/time.Minute))
		}
		return out
	}
	nobody := func(absent ...int) func(int) bool {
		return func(step int) bool {
			for _, a := range absent {
				if a == step {
					return false
				}
			}
			return true
		}
	}
	for _, tt := range []struct {
		staffed func(int) bool
		want    [4]int
		next    int // at 12 minutes
	}{
		{nil, [4]int{0, 10, 20, 30}, 2},
		{nobody(1), [4]int{0, 10, 10, 30}, 3},
		{nobody(1, 2), [4]int{0, 10, 10, 10}, -1},
		{nobody(3), [4]int{0, 10, 20, 30}, 2},
	} {
		list := l.RungsFor(start, start.Add(12*time.Minute), Duty{State: Open}, tt.staffed)
		if got := minutes(list); [4]int(got) != tt.want {
			t.Errorf("%v, want %v", got, tt.want)
		}
		for i, r := range list {
			if (r.State == "next") != (i == tt.next) {
				t.Errorf("step %d is %s, want next %d", i, r.State, tt.next)
			}
		}
	}
}
