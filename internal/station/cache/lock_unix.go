//go:build unix

package cache

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"wardlight/internal/fault"
)

// tryLock takes the folder for this process, or says that another has it.
func tryLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the station's own folder
	if err != nil {
		return nil, fault.As(fault.Unavailable, "cache.lock", path, err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, errInUse(path)
	}
	return f, nil
}

func unlock(f *os.File) {
	if f != nil {
		_ = f.Close() // the lock goes with it
	}
}

func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the station's own folder
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}

func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func freeSpace(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil //nolint:gosec // below 2^63 on any disk
}
