package bench

import (
	"testing"
	"time"
)

// The parts of a letter's time add up to all of it, in their order.
func TestTheLegsOfALetterAddUp(t *testing.T) {
	pressed := time.UnixMicro(1_000_000)
	var l legs
	l.add(pressed, [3]int64{1_009_000, 1_012_500, 1_014_000}, pressed.Add(20*time.Millisecond))
	r := Result{}
	l.tell(r)
	for name, want := range map[string]float64{"key": 9, "answer": 3.5, "draw": 1.5, "paint": 6} {
		if got := r["search_"+name+"_p50_ms"]; got != want {
			t.Errorf("%s: %v ms, not %v", name, got, want)
		}
	}
}
