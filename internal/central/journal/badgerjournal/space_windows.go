//go:build windows

package badgerjournal

import (
	"os"

	"golang.org/x/sys/windows"
)

// freeSpace is what this process may still write below dir.
func freeSpace(dir string) (uint64, error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(name, &free, nil, nil)
	return free, err
}

// allocate gives f real clusters: NTFS does so when the file's end is set.
func allocate(f *os.File, size int64) error { return f.Truncate(size) }
