//go:build unix

package rawlog

import (
	"os"

	"golang.org/x/sys/unix"

	"wardlight/internal/fault"
)

// lockFile takes the lock of a log, or says that another process has it.
func lockFile(path string) (*os.File, error) {
	const op = "rawlog.lock"
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the log's own folder
	if err != nil {
		return nil, diskErr(op, path, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fault.New(fault.Unavailable, op, path, "another process has this raw log open")
	}
	return f, nil
}

// syncDir makes new names of files durable.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the log's own folder
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}
