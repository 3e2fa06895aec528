//go:build !linux

package seat

import "time"

// uptime is the program's running time by a clock that nobody sets. On Windows
// it counts while the computer sleeps too.
func uptime() time.Duration { return time.Since(processStart) }

var processStart = time.Now()
