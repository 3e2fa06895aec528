package wallclock

import (
	"context"
	"time"
)

// maxOwed bounds how many settings wait to be put on record: of more than these
// nobody learns more.
const maxOwed = 64

// Setting is one time that a clock was set.
type Setting struct{ From, To time.Time }

// Keep looks every so often, with look, until ctx ends, and has record keep each
// setting; what cannot be kept now (a full disk) is owed, in order, until it can. The
// first failure of a run is told.
func Keep(ctx context.Context, every time.Duration, look func() (from time.Time, by time.Duration, set bool), record func(context.Context, Setting) error, failed func(error)) {
	var owed []Setting
	told := false
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if from, by, set := look(); set && len(owed) < maxOwed {
			owed = append(owed, Setting{from, from.Add(by)})
		}
		for len(owed) > 0 && ctx.Err() == nil {
			if err := record(ctx, owed[0]); err != nil {
				if !told {
					failed(err)
				}
				told = true
				break
			}
			owed, told = owed[1:], false
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
