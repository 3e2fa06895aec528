package wallclock

import (
	"os"
	"strings"
)

// Boot names this run of the computer: another one after each start, and nobody can set
// it. Uptime of two moments can be compared where it is the same.
func Boot() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return processRun
	}
	return strings.TrimSpace(string(b))
}
