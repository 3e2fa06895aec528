package cache

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestOnlyTablesOfThisCacheAreGivenBack(t *testing.T) {
	dir := "/home/a ward/store/badger"
	for line, want := range map[string]bool{
		"7f00a000-7f00c000 r--s 00000000 fd:00 12 " + dir + "/000012.sst":           true,
		"7f00a000-7f00c000 rw-s 00000000 fd:00 12 " + dir + "/000012.mem":           false,
		"7f00a000-7f00c000 r--s 00000000 fd:00 12 /another/badger/000012.sst":       false,
		"7f00a000-7f00c000 r--s 00000000 fd:00 12 " + dir + "/000012.sst (deleted)": false,
		"7f00a000-7f00c000 rw-p 00000000 00:00 0 ":                                  false,
		"": false,
	} {
		at, n, ok := tableAt(line, dir)
		if ok != want || ok && (at != 0x7f00a000 || n != 0x2000) {
			t.Errorf("%q: %v, %x %x", line, ok, at, n)
		}
	}
}

// tablesInMemory is how much of a folder's tables this process holds.
func tablesInMemory(t *testing.T, dir string) (kb int) {
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
		} else if strings.Contains(line, "-") && strings.Contains(line, " r") {
			_, _, ours = tableAt(line, dir)
		}
	}
	return kb
}

// What was read of a table leaves the memory, and reads as before afterwards.
func TestMemoryIsGivenBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "000001.sst")
	want := strings.Repeat("a page of a table. ", 100000)
	if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
	got, unmap := mapped(t, path)
	defer unmap()
	if string(got) != want {
		t.Fatal("the mapping differs from the file")
	}
	before := tablesInMemory(t, filepath.Dir(path))
	giveBack(filepath.Dir(path))
	after := tablesInMemory(t, filepath.Dir(path))
	if string(got) != want {
		t.Error("what was given back reads otherwise")
	}
	if before < 1000 {
		t.Skipf("only %d kB were in memory", before)
	}
	if after > before/2 {
		t.Errorf("%d kB before, %d kB after", before, after)
	}
}
