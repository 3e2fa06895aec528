//go:build faults

package main

import "time"

// faultFlags set a station's clock wrong, to see that nothing depends on it, and let a
// window ask its store where it must not, to see that it is noticed.
// Only builds with planted faults have them.
type faultFlags struct {
	ClockOffset    time.Duration `help:"Run with a clock that is wrong by so much."`
	ClockJump      time.Duration `help:"Then let it jump by so much."`
	ClockJumpAfter time.Duration `help:"After so long."`
	AskWhereDrawn  bool          `help:"Let the window ask the store on the goroutine that draws."`
}

func (f faultFlags) now() func() time.Time {
	if f.ClockOffset == 0 && f.ClockJump == 0 {
		return nil
	}
	start := time.Now()
	return func() time.Time {
		now := time.Now()
		if f.ClockJump != 0 && now.Sub(start) >= f.ClockJumpAfter {
			now = now.Add(f.ClockJump)
		}
		return now.Add(f.ClockOffset)
	}
}
