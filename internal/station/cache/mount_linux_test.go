package cache_test

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
)

// mountSmall puts a small disk at dir; false (and skipped) where this user may
// not.
func mountSmall(t *testing.T, dir string, size int) bool {
	t.Helper()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Skipf("no small disk can be mounted here (%v); TestAFillingDiskStopsThingsInOrder proves the same with a told size", err)
		return false
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return true
}
