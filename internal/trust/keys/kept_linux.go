package keys

import "golang.org/x/sys/unix"

// notDumped leaves the pages out of core files, which are off as it is, and out of
// what a child inherits; an old kernel that knows neither does no harm.
func notDumped(b []byte) {
	_ = unix.Madvise(b, unix.MADV_DONTDUMP)
	_ = unix.Madvise(b, unix.MADV_WIPEONFORK)
}
