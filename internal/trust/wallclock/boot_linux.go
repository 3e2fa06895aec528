package wallclock

import (
	"os"
	"strings"
)

// Boot names this run of the system; Uptime of two programs in one run can be compared.
func Boot() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
