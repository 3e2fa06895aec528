package node

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"wardlight/internal/tidy"
)

// mapTable writes and maps a file, and reads all of it.
func mapTable(t *testing.T, path string, size int) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(bytes.Repeat([]byte("x"), size)); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Log(err) // a dirty page stays in memory
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(b) })
	if bytes.Count(b, []byte("x")) != size {
		t.Fatal("the mapping differs from the file")
	}
}

// Central's tables leave its memory where they are more than enough, and not before;
// nobody else's do.
func TestTablesLeaveMemoryBeyondTheirBound(t *testing.T) {
	const size = 32 << 20
	n := &Node{conf: Config{Dir: t.TempDir(), journalAt: "journal"}}
	began := tidy.Mapped()
	mapTable(t, filepath.Join(n.conf.Dir, "journal", "badger", "000001.sst"), size)
	mapTable(t, filepath.Join(n.conf.Dir, "other", "000001.sst"), size)
	full := tidy.Mapped()
	if full < began+2*size {
		t.Skipf("%d MB of 64 were mapped", (full-began)>>20)
	}
	n.letPagesGo(mappedMost)
	if now := tidy.Mapped(); now+size/2 < full {
		t.Errorf("%d MB went below the bound", (full-now)>>20)
	}
	n.letPagesGo(mappedMost + 1)
	if now := tidy.Mapped(); now+size/2 > full || now+size*3/2 < full {
		t.Errorf("of %d MB %d stayed", full>>20, now>>20)
	}
}
