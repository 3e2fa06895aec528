package tidy

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAMappedFileIsFoundWithItsPath(t *testing.T) {
	for line, want := range map[string]mapping{
		"7f00a000-7f00c000 r--s 00000000 fd:00 12    /home/a ward/000012.sst":    {0x7f00a000, 0x2000, "r--s", "/home/a ward/000012.sst"},
		"7f00a000-7f00c000 r-xp 00000000 fd:00 12 /usr/lib/a.so":                 {0x7f00a000, 0x2000, "r-xp", "/usr/lib/a.so"},
		"7f00a000-7f00c000 rw-s 00000000 fd:00 12 /home/000012.mem":              {0x7f00a000, 0x2000, "rw-s", "/home/000012.mem"},
		"7f00a000-7f00c000 r--s 00000000 fd:00 12 /home/000012.sst (deleted)":    {0x7f00a000, 0x2000, "r--s", "/home/000012.sst (deleted)"},
		"7f00a000-7f00c000 rw-p 00000000 00:00 0 ":                               {},
		"7f00a000-7f00c000 rw-p 00000000 00:00 0                         [heap]": {},
		"7f00c000-7f00a000 r--p 00000000 fd:00 12 /upside/down":                  {},
		"": {},
	} {
		if m, ok := readMapping(line); m != want || ok != (want.length > 0) {
			t.Errorf("%q: %v, %+v", line, ok, m)
		}
	}
}

// inMemory is how many kB of a mapped file this process holds, of what is mapped so.
func inMemory(t *testing.T, path, mode string) (kb int) {
	t.Helper()
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip("no /proc here")
	}
	defer f.Close()
	ours := false
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		if rss, ok := strings.CutPrefix(line, "Rss:"); ok && ours {
			n, _ := strconv.Atoi(strings.Fields(rss)[0])
			kb += n
		} else if m, ok := readMapping(line); ok {
			ours = m.path == path && m.mode == mode
		} else if strings.Contains(line, "-") {
			ours = false
		}
	}
	return kb
}

// What was read of a file leaves the memory, and reads as before afterwards; another
// file stays.
func TestPagesGoBackAndReadAsBefore(t *testing.T) {
	want := strings.Repeat("a page of a table. ", 100000)
	dir := t.TempDir()
	chosen, other := filepath.Join(dir, "000001.sst"), filepath.Join(dir, "000002.sst")
	var texts [2][]byte
	for i, path := range []string{chosen, other} {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		b, unmap := mapped(t, path)
		defer unmap()
		if texts[i] = b; string(b) != want {
			t.Fatal("the mapping differs from the file")
		}
	}
	before := inMemory(t, chosen, "r--s")
	PageOut(func(path string) bool { return path == chosen })
	after, kept := inMemory(t, chosen, "r--s"), inMemory(t, other, "r--s")
	if string(texts[0]) != want || string(texts[1]) != want {
		t.Error("what was given back reads otherwise")
	}
	if before < 1000 {
		t.Skipf("only %d kB were in memory", before)
	}
	if after > before/2 || kept < before/2 {
		t.Errorf("%d kB before, %d kB after, %d kB of a file that was not chosen", before, after, kept)
	}
}

// Code leaves the program's memory, and is what it was; so does the test's own, which runs
// on.
func TestCodeThatIsLetGoOfIsWhatItWas(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	code, err := unix.Mmap(int(f.Fd()), 0, len(want), unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Munmap(code) }()
	if !bytes.Equal(code, want) { // this reads all of it into memory
		t.Fatal("the mapping differs from the file")
	}
	before := inMemory(t, self, "r-xp")
	LetGoOfCode(func(path string) bool { return path == self })
	after := inMemory(t, self, "r-xp")
	if before < 3000 {
		t.Fatalf("only %d kB of code were in memory", before)
	}
	if after > before/2 {
		t.Errorf("%d kB of code before, %d after", before, after)
	}
	if !bytes.Equal(code, want) {
		t.Error("what was let go of reads otherwise")
	}
}

// Only code that nobody writes to is offered: a table, and what is read and written, would
// lose what stands there.
func TestNothingIsOfferedAsCodeThatIsWrittenTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "000001.sst")
	if err := os.WriteFile(path, []byte(strings.Repeat("x", 1<<16)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, unmap := mapped(t, path)
	defer unmap()
	LetGoOfCode(func(p string) bool {
		if p == path {
			t.Errorf("%s was offered as code", p)
		}
		return false
	})
}
