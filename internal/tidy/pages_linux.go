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

// LetGoOfCode takes the code of the mapped files that want chooses by their path out of
// this program's memory. The system keeps it with the file for as long as it has room, so
// that what runs again is there again without a disk, a microsecond for each sixteen
// pages; PageOut would fetch it from the disk, and leaves what another program runs, too.
//
// want has to choose only what stays mapped until the program ends: a mapping that went
// meanwhile, and whose place was taken, would lose what was written there. Code that a
// program may write to is left alone.
func LetGoOfCode(want func(path string) bool) {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer func() { _ = maps.Close() }() // it was only read
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		if m, ok := readMapping(lines.Text()); ok && m.mode == "r-xp" && want(m.path) {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.at, m.length, unix.MADV_DONTNEED)
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
	mode       string // "r-xp" is code that nobody writes to
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
	return mapping{uintptr(a), uintptr(b - a), f[1], line[slash:]}, true
}
