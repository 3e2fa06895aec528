package hub

import "testing"

func admittedNow(r *runner) bool {
	select {
	case <-r.admitted:
		return true
	default:
		return false
	}
}

// A few read at a time, the others in the order in which they came; stations
// that cannot be told to wait come first; whoever goes makes room.
func TestTheQueueForSnapshots(t *testing.T) {
	a := admissions{limit: 2}
	all := make([]*runner, 7)
	for i := range all {
		all[i] = &runner{admitted: make(chan struct{})}
	}
	for i, r := range all[:5] {
		if now, before := a.ask(r, true); now != (i < 2) || before != max(i-2, 0) {
			t.Errorf("the %dth: admitted %v, %d before it", i, now, before)
		}
	}
	if now, before := a.ask(all[5], false); now || before != 0 {
		t.Errorf("a station that cannot wait: admitted %v, %d before it", now, before)
	}
	a.leave(all[3]) // hangs up while it waits
	if a.before(all[4]) != 2 {
		t.Errorf("%d before the last", a.before(all[4]))
	}
	for i, want := range []int{5, 2, 4} {
		a.leave(all[[]int{0, 1, 5}[i]])
		if !admittedNow(all[want]) {
			t.Errorf("when a turn ended for the %dth time, the wrong one was admitted", i+1)
		}
	}
	if a.busy() || len(a.reading) != 2 {
		t.Errorf("at the end %d read, others wait: %v", len(a.reading), a.busy())
	}
	a.leave(all[6]) // that never asked
	a.leave(all[2])
	a.leave(all[4])
	if len(a.reading) != 0 {
		t.Error("a turn was not given back")
	}
}
