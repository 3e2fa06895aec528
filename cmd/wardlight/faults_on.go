//go:build faults

package main

import "time"

// faultFlags set a station's clock wrong, to see that nothing depends on it.
// Only builds with planted faults have them.
type faultFlags struct {
	ClockOffset time.Duration `help:"Run with a clock that is wrong by so much."`
}

func (f faultFlags) now() func() time.Time {
	if f.ClockOffset == 0 {
		return nil
	}
	return func() time.Time { return time.Now().Add(f.ClockOffset) }
}
