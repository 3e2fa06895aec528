package folder

import (
	"os"
	"path/filepath"

	"wardlight/internal/fault"
)

// Lock is a folder that this process has for itself.
type Lock struct{ f *os.File }

// Take locks the folder under a name. It is fault.Exists where another process
// has the lock: the caller knows the words for it.
func Take(dir, name string) (*Lock, error) {
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // the folder that the user named
	if err != nil {
		return nil, fault.As(fault.Unavailable, "folder.lock", path, err)
	}
	switch free, err := tryLock(f); {
	case err != nil:
		_ = f.Close() // nothing was written
		return nil, fault.As(fault.Unavailable, "folder.lock", path, err)
	case !free:
		_ = f.Close()
		return nil, fault.New(fault.Exists, "folder.lock", path, "another program has this folder open")
	}
	return &Lock{f}, nil
}

// Release gives the folder back. A nil Lock holds nothing.
func (l *Lock) Release() {
	if l != nil {
		_ = l.f.Close() // the lock goes with the file
	}
}
