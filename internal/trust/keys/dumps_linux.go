package keys

import (
	"golang.org/x/sys/unix"

	"wardlight/internal/fault"
)

// NoDumps keeps the system from writing this process's memory, and with it its
// keys, to a file when it ends badly, and other programs of the same user from
// reading it. Each program calls it first of all. Its children inherit the one
// half of it; those that hold keys call it themselves.
//
// The few pages that hold keys all day are locked (Kept). Go's heap is not: to lock
// all of it would take a ward PC's memory. Swap has to be encrypted or off.
func NoDumps() error {
	none := unix.Rlimit{}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &none); err != nil {
		return fault.As(fault.Unavailable, "keys.nodumps", "", err)
	}
	return fault.As(fault.Unavailable, "keys.nodumps", "", unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0))
}
