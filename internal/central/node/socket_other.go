//go:build !linux

package node

import "wardlight/internal/fault"

// socketAt is a path to the socket of a data folder that the system accepts.
func socketAt(dir string) (path string, release func(), err error) {
	if path = socketPath(dir); len(path) > maxSocketPath {
		return "", nil, fault.New(fault.Invalid, "node.admin", dir, "the data folder's path is too long for a socket in it; choose a shorter one")
	}
	return path, func() {}, nil
}
