package tidy

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// PageOut returns the pages of the mapped files that want chooses by their path to the
// system. A mapped file stays in memory page by page as it is read, for good where the
// system has no need; who has read all of one once keeps all of it.
//
// MADV_PAGEOUT drops clean pages and changes nothing that anybody can read, not even
// where a mapping has gone and its place was taken meanwhile; what is wanted again is
// read again. It is a kindness to other programs: where it fails, nothing is wrong.
func PageOut(want func(path string) bool) {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer func() { _ = maps.Close() }() // it was only read
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		if m, ok := readMapping(lines.Text()); ok && want(m.path) {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.at, m.length, unix.MADV_PAGEOUT)
		}
	}
}

// Mapped is how much of mapped files is in this program's memory, in bytes.
func Mapped() uint64 {
	b, err := os.ReadFile("/proc/self/statm")
	f := strings.Fields(string(b))
	if err != nil || len(f) < 3 {
		return 0
	}
	pages, err := strconv.ParseUint(f[2], 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize()) //nolint:gosec // a page has a size
}

// mapping is one mapped file, or a part of one.
type mapping struct {
	at, length uintptr
	path       string // as the system says it: " (deleted)" at the end where that is so
}

// readMapping reads a line of /proc/self/maps: "from-to mode offset device inode
// path". ok is false for memory without a file.
func readMapping(line string) (mapping, bool) {
	slash := strings.IndexByte(line, '/') // nothing before the path holds one
	if slash < 0 {
		return mapping{}, false
	}
	f := strings.Fields(line[:slash])
	if len(f) != 5 {
		return mapping{}, false
	}
	from, to, _ := strings.Cut(f[0], "-")
	a, errA := strconv.ParseUint(from, 16, 64)
	b, errB := strconv.ParseUint(to, 16, 64)
	if errA != nil || errB != nil || b <= a {
		return mapping{}, false
	}
	return mapping{uintptr(a), uintptr(b - a), line[slash:]}, true
}
