package keys

import (
	"os"

	"golang.org/x/sys/windows"

	"wardlight/internal/fault"
)

// lockFile takes the exclusive lock beside a file and returns how to give it
// back. It waits for other processes, whose turns are short.
func lockFile(op, path string) (func(), error) {
	f, err := os.OpenFile(path+lockSuffix, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.As(fault.Unavailable, op, path, err)
	}
	var o windows.Overlapped
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &o)
	if err != nil {
		_ = f.Close()
		return nil, fault.As(fault.Unavailable, op, path, err)
	}
	return func() { _ = f.Close() }, nil
}

// syncDir has nothing to do: NTFS journals its folders.
func syncDir(string) error { return nil }

// tooOpen cannot be told from the mode bits on Windows, where the folder's
// access list decides.
func tooOpen(os.FileInfo) bool { return false }
