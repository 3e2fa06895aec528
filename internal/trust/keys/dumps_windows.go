package keys

import (
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"

	"wardlight/internal/fault"
)

// What Windows Error Reporting may do with a process that ends badly.
const (
	werNoHeap = 0x1 // WER_FAULT_REPORTING_FLAG_NOHEAP: no heap in a report
	werNoUI   = 0x20
)

var (
	kernel32       = windows.NewLazySystemDLL("kernel32.dll")
	setFlags       = kernel32.NewProc("WerSetFlags")
	excludeMemory  = kernel32.NewProc("WerRegisterExcludedMemoryBlock") // since Windows 10 1703
	wer            = windows.NewLazySystemDLL("wer.dll")
	excludeProgram = wer.NewProc("WerAddExcludedApplication")
)

// NoDumps keeps Windows from writing this process's memory, and with it its keys,
// to a file when it ends badly: no box that offers to debug, no heap in an error
// report, and this program on its user's list of those that are not reported. Go's
// runtime ends a program by itself and asks for no report, so these are the second
// lock.
//
// What a program cannot do: an administrator who has asked for dumps of every program
// (LocalDumps in the registry), or makes one by hand, gets one, and so does whoever
// debugs the process. It was built and vetted, and not run on Windows.
func NoDumps() error {
	const op = "keys.nodumps"
	windows.SetErrorMode(windows.SEM_FAILCRITICALERRORS | windows.SEM_NOGPFAULTERRORBOX | windows.SEM_NOOPENFILEERRORBOX)
	if setFlags.Find() == nil {
		if hr, _, _ := setFlags.Call(werNoHeap | werNoUI); int32(hr) < 0 { //nolint:gosec // an HRESULT
			return fault.Newf(fault.Unavailable, op, "", "the system refuses to leave the heap out of error reports (%#x)", uint32(hr)) //nolint:gosec // an HRESULT
		}
	}
	name, err := os.Executable()
	if err != nil {
		return fault.As(fault.Unavailable, op, "", err)
	}
	exe, err := windows.UTF16PtrFromString(filepath.Base(name))
	if err != nil {
		return fault.As(fault.Invalid, op, "", err)
	}
	if excludeProgram.Find() != nil {
		return nil // a Windows without error reporting writes none
	}
	if hr, _, _ := excludeProgram.Call(uintptr(unsafe.Pointer(exe)), 0); int32(hr) < 0 { //nolint:gosec // as the call wants it; 0: for this user
		return fault.Newf(fault.Unavailable, op, "", "the system refuses to leave this program out of error reports (%#x)", uint32(hr)) //nolint:gosec // an HRESULT
	}
	return nil
}

// notReported leaves memory out of error reports; an older Windows cannot.
func notReported(at uintptr, size uint32) {
	if excludeMemory.Find() == nil {
		_, _, _ = excludeMemory.Call(at, uintptr(size))
	}
}
