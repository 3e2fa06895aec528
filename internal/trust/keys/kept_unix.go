//go:build unix

package keys

import "golang.org/x/sys/unix"

const memoryHelp = "encrypt swap or switch it off; and let this user lock 64 KiB of memory: LimitMEMLOCK=64K in the service's unit, or memlock in /etc/security/limits.conf"

// systemPages are pages of zeros of our own, locked where the system lets; the error
// says why they are not. Without pages it is nil.
func systemPages(size int) ([]byte, error) {
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, err
	}
	notDumped(b)
	return b, unix.Mlock(b)
}
