package wallclock

import (
	"time"

	"golang.org/x/sys/unix"
)

// Uptime counts while the computer sleeps too, and nobody can set it.
func Uptime() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) != nil {
		return time.Since(processStart)
	}
	return time.Duration(t.Nano())
}

var processStart = time.Now()
