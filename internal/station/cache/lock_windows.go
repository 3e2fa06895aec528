package cache

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"

	"wardlight/internal/fault"
)

// tryLock takes the folder for this process, or says that another has it.
func tryLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.As(fault.Unavailable, "cache.lock", path, err)
	}
	var o windows.Overlapped
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &o)
	if err != nil {
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

// syncDir has nothing to do: NTFS journals its folders.
func syncDir(string) error { return nil }

func isDiskFull(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

func freeSpace(dir string) (int64, error) {
	p, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(p, &free, nil, nil)
	return int64(free), err
}
