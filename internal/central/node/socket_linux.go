package node

import (
	"fmt"
	"os"
	"path/filepath"

	"wardlight/internal/fault"
)

// socketAt is a path to the socket of a data folder that the system accepts: it
// takes about 100 bytes, and a deeper folder is reached through a descriptor of
// it. The path holds until release.
func socketAt(dir string) (path string, release func(), err error) {
	path = socketPath(dir)
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return "", nil, fault.As(fault.Unavailable, "node.admin", dir, err)
	}
	return filepath.Join(fmt.Sprintf("/proc/self/fd/%d", f.Fd()), socketName), func() { _ = f.Close() }, nil
}
