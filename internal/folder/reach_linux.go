package folder

import (
	"fmt"
	"os"
	"path/filepath"

	"wardlight/internal/fault"
)

// reach is a path to the socket of a folder that the system accepts: it takes
// about 100 bytes, and a deeper folder is reached through a descriptor of it.
// The path holds until release.
func reach(dir, name string) (path string, release func(), err error) {
	if path = filepath.Join(dir, name); len(path) <= maxPath {
		return path, func() {}, nil
	}
	f, err := os.Open(dir) //nolint:gosec // the folder that the user named
	if err != nil {
		return "", nil, fault.As(fault.Unavailable, "folder.reach", dir, err)
	}
	return filepath.Join(fmt.Sprintf("/proc/self/fd/%d", f.Fd()), name), func() { _ = f.Close() }, nil
}
