package bench

import "golang.org/x/sys/unix"

// processorMS is the processor's time that a process has used, all its threads, in
// milliseconds; 0 where it cannot be told. The clock of a process counts nanoseconds,
// and /proc hundredths of a second, which is more than a letter takes.
func processorMS(pid int) float64 {
	const scheduled = 2 // CPUCLOCK_SCHED of <linux/posix-timers.h>
	var t unix.Timespec
	if unix.ClockGettime(int32(^pid)<<3|scheduled, &t) != nil { //nolint:gosec // a process id fits
		return 0
	}
	return float64(t.Nano()) / 1e6
}
