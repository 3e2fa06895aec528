//go:build unix

package folder

import (
	"os"

	"wardlight/internal/fault"
)

// Sync makes names in a folder durable: files that were made, renamed, removed.
func Sync(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the folder that the user named
	if err != nil {
		return fault.As(fault.Unavailable, "folder.sync", dir, err)
	}
	defer func() { _ = d.Close() }()
	return fault.As(fault.Unavailable, "folder.sync", dir, d.Sync())
}
