//go:build !linux

package wallclock

import "time"

// Uptime is the program's running time by a clock that nobody sets. On Windows
// it counts while the computer sleeps too.
func Uptime() time.Duration { return time.Since(processStart) }

var processStart = time.Now()
