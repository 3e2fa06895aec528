//go:build windows

package rawlog

import (
	"os"

	"golang.org/x/sys/windows"

	"wardlight/internal/fault"
)

// lockFile takes the lock of a log, or says that another process has it.
func lockFile(path string) (*os.File, error) {
	const op = "rawlog.lock"
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, diskErr(op, path, err)
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	if err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{}); err != nil {
		_ = f.Close()
		return nil, fault.New(fault.Unavailable, op, path, "another process has this raw log open")
	}
	return f, nil
}

// syncDir has nothing to do: NTFS keeps names in its own log.
func syncDir(string) error { return nil }
