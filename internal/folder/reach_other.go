//go:build !linux

package folder

import (
	"path/filepath"

	"wardlight/internal/fault"
)

// reach is a path to the socket of a folder that the system accepts.
func reach(dir, name string) (path string, release func(), err error) {
	if path = filepath.Join(dir, name); len(path) > maxPath {
		return "", nil, fault.New(fault.Invalid, "folder.reach", dir, "the data folder's path is too long for a socket in it; choose a shorter one")
	}
	return path, func() {}, nil
}
