package tidy

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// mapped maps a file into memory as Badger maps a table.
func mapped(t *testing.T, path string) (b []byte, unmap func()) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		t.Log(err) // a dirty page stays in memory
	}
	i, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	b, err = unix.Mmap(int(f.Fd()), 0, int(i.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	return b, func() { _ = unix.Munmap(b) }
}
