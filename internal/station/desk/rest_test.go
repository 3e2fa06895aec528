package desk

import (
	"context"
	"testing"
	"time"
)

// TestTheBoardLeavesTheProcessorWhileALongTailComesIn: one patient's news is
// followed by the next look at once; a refresh of a whole ward is followed by a
// pause, which is never longer than a person would notice.
func TestTheBoardLeavesTheProcessorWhileALongTailComesIn(t *testing.T) {
	for _, c := range []struct {
		name   string
		took   time.Duration
		rows   int
		behind bool
		want   time.Duration
	}{
		{"one patient", 3 * time.Millisecond, 1, false, 0},
		{"a few patients", 19 * time.Millisecond, 5, false, 0},
		{"one patient, on a processor that others use", 90 * time.Millisecond, 1, false, 0},
		{"one patient with a very long record", 120 * time.Millisecond, 1, false, 250 * time.Millisecond},
		{"a ward after an outage", 50 * time.Millisecond, 30, false, 200 * time.Millisecond},
		{"a ward with long records", 400 * time.Millisecond, 30, false, 250 * time.Millisecond},
		{"a hospital being filled", 600 * time.Millisecond, 65, false, 600 * time.Millisecond},
		{"a large hospital", 3 * time.Second, 10_000, false, time.Second},
		{"one patient at the end of an outage", 3 * time.Millisecond, 1, true, 0},
		{"a ward at the end of an outage", 180 * time.Millisecond, 24, true, 720 * time.Millisecond},
		{"a ward whose rows take no time then", 30 * time.Millisecond, 24, true, 500 * time.Millisecond},
		{"a ward with long records then", 400 * time.Millisecond, 24, true, time.Second},
	} {
		if got := restAfter(c.took, c.rows, c.behind); got != c.want {
			t.Errorf("%s: after %v it rests %v, not %v", c.name, c.took, got, c.want)
		}
	}
}

// TestTheBoardRestsNoLongerThanTheTailLasts: once everything is here and sent, the
// rows are derived at once.
func TestTheBoardRestsNoLongerThanTheTailLasts(t *testing.T) {
	for _, c := range []struct{ during, after LinkState }{
		{LinkState{Connected: true}, LinkState{Connected: true, CaughtUp: true}},
		{LinkState{Connected: true, CaughtUp: true, Sending: true}, LinkState{Connected: true, CaughtUp: true}},
		{LinkState{Connected: true}, LinkState{}},
	} {
		d := &Desk{}
		d.board.rowsLast = 30
		d.link.state = c.during
		began := time.Now()
		time.AfterFunc(50*time.Millisecond, func() {
			d.link.mu.Lock()
			defer d.link.mu.Unlock()
			d.link.state = c.after
		})
		d.rest(context.Background(), 200*time.Millisecond)
		if took := time.Since(began); took < 50*time.Millisecond || took > 400*time.Millisecond {
			t.Errorf("from %+v to %+v it rested %v", c.during, c.after, took)
		}
	}
}
