package wallclock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"wardlight/internal/trust/wallclock"
)

// What cannot be put on record now is owed until it can, in order and once, and the
// trouble is told once.
func TestWhatCannotBeKeptIsOwed(t *testing.T) {
	ctx, end := context.WithCancel(context.Background())
	noon := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	sets := []time.Duration{time.Hour, 0, -2 * time.Hour, 0}
	looks, told := 0, 0
	var kept []time.Duration
	wallclock.Keep(ctx, time.Millisecond, func() (time.Time, time.Duration, bool) {
		by := sets[min(looks, len(sets)-1)]
		looks++
		return noon, by, by != 0
	}, func(_ context.Context, s wallclock.Setting) error {
		if looks < len(sets) { // the disk is full until then
			return errors.New("full")
		}
		if kept = append(kept, s.To.Sub(s.From)); len(kept) == 2 {
			end()
		}
		return nil
	}, func(error) { told++ })
	if len(kept) != 2 || kept[0] != time.Hour || kept[1] != -2*time.Hour || told != 1 {
		t.Errorf("kept %v, told %d times", kept, told)
	}
}
