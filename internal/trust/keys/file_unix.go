//go:build unix

package keys

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"wardlight/internal/fault"
)

// lockFile takes the exclusive lock beside a file and returns how to give it
// back. It waits for other processes, whose turns are short.
func lockFile(op, path string) (func(), error) {
	f, err := os.OpenFile(path+lockSuffix, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the file that the user named
	if err != nil {
		return nil, fault.As(fault.Unavailable, op, path, err)
	}
	for {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, fault.As(fault.Unavailable, op, path, err)
	}
	return func() { _ = f.Close() }, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the file that the user named
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}

// tooOpen says whether others than the owner and the group may read a secret
// file, or others than the owner may write it.
func tooOpen(info os.FileInfo) bool { return info.Mode().Perm()&0o027 != 0 }
