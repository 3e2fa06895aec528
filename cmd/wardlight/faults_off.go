//go:build !faults

package main

import "time"

// faultFlags: a shipped program has none.
type faultFlags struct{}

// now is the computer's own clock.
func (faultFlags) now() func() time.Time { return nil }
