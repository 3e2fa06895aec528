//go:build !linux && !windows

package badgerjournal

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// freeSpace is what this process may still write below dir.
func freeSpace(dir string) (uint64, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, err
	}
	return uint64(st.Bavail) * uint64(st.Bsize), nil //nolint:gosec,unconvert // types differ between systems
}

// allocate gives f real blocks, by writing them.
func allocate(f *os.File, size int64) error {
	_, err := io.CopyN(f, zeros{}, size)
	return err
}

// zeros reads as zero bytes without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
