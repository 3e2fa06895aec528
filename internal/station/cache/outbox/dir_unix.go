//go:build unix

package outbox

import (
	"os"
	"syscall"
)

var errDiskFull error = syscall.EDQUOT

func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the station's own folder
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return d.Sync()
}
