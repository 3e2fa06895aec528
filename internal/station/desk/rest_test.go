package desk

import (
	"testing"
	"time"
)

// TestTheBoardLeavesTheProcessorWhileALongTailComesIn: one patient's news is
// followed by the next look at once; a refresh of a whole ward is followed by a
// pause, which is never longer than a person would notice.
func TestTheBoardLeavesTheProcessorWhileALongTailComesIn(t *testing.T) {
	for _, c := range []struct {
		name string
		took time.Duration
		rows int
		want time.Duration
	}{
		{"one patient", 3 * time.Millisecond, 1, 0},
		{"a few patients", 19 * time.Millisecond, 5, 0},
		{"one patient, on a processor that others use", 90 * time.Millisecond, 1, 0},
		{"one patient with a very long record", 120 * time.Millisecond, 1, 250 * time.Millisecond},
		{"a ward after an outage", 50 * time.Millisecond, 30, 200 * time.Millisecond},
		{"a ward with long records", 400 * time.Millisecond, 30, 250 * time.Millisecond},
		{"a hospital being filled", 600 * time.Millisecond, 65, 600 * time.Millisecond},
		{"a large hospital", 3 * time.Second, 10_000, time.Second},
	} {
		if got := restAfter(c.took, c.rows); got != c.want {
			t.Errorf("%s: after %v it rests %v, not %v", c.name, c.took, got, c.want)
		}
	}
}
