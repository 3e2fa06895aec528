package keys

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

const memoryHelp = "encrypt the page file (full-disk encryption does), or let IT look at the limits of this user's processes"

// systemPages are pages of zeros of our own, locked where the system lets, and left
// out of what Windows Error Reporting would write; the error says why they are not.
func systemPages(size int) ([]byte, error) {
	at, err := windows.VirtualAlloc(0, uintptr(size), windows.MEM_COMMIT|windows.MEM_RESERVE, windows.PAGE_READWRITE)
	if err != nil {
		return nil, err
	}
	notReported(at, uint32(size))                           //nolint:gosec // 16 KiB
	b := unsafe.Slice(*(**byte)(unsafe.Pointer(&at)), size) //nolint:gosec // memory that Go's collector does not know
	return b, windows.VirtualLock(at, uintptr(size))
}
