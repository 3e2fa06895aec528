package cache

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// giveBack returns the pages of Badger's tables to the system. The tables are
// mapped into memory, so whoever has read all of them once, as the walk does,
// would keep the whole cache in memory for good. MADV_PAGEOUT drops clean pages
// of a file and changes nothing that anybody can read, not even where a mapping
// has gone and its place was taken meanwhile; what is wanted again is read
// again. It is a kindness to other programs: where it fails, nothing is wrong.
func giveBack(dir string) {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer func() { _ = maps.Close() }() // it was only read
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		if at, length, ok := tableAt(lines.Text(), dir); ok {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, at, length, unix.MADV_PAGEOUT)
		}
	}
}

// tableAt reads a line of /proc/self/maps: "from-to mode offset device inode
// path". ok is false for what is not a table of this cache.
func tableAt(line, dir string) (at, length uintptr, ok bool) {
	slash := strings.IndexByte(line, '/') // nothing before the path holds one
	if slash < 0 || filepath.Ext(line) != ".sst" || filepath.Dir(line[slash:]) != dir {
		return 0, 0, false
	}
	span, _, _ := strings.Cut(line, " ")
	from, to, _ := strings.Cut(span, "-")
	a, errA := strconv.ParseUint(from, 16, 64)
	b, errB := strconv.ParseUint(to, 16, 64)
	if errA != nil || errB != nil || b <= a {
		return 0, 0, false
	}
	return uintptr(a), uintptr(b - a), true
}
