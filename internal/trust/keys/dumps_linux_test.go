package keys_test

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"wardlight/internal/trust/keys"
)

// A program that has called NoDumps leaves no memory behind, whatever ends it.
// It is tried in a child: it cannot be taken back.
func TestAProgramLeavesNoMemoryBehind(t *testing.T) {
	if os.Getenv("WARDLIGHT_DUMPS_CHILD") == "" {
		cmd := exec.Command(os.Args[0], "-test.run", "^TestAProgramLeavesNoMemoryBehind$")
		cmd.Env = append(os.Environ(), "WARDLIGHT_DUMPS_CHILD=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return
	}
	ok(t, unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: 1 << 20, Max: 1 << 20}))
	ok(t, keys.NoDumps())
	var limit unix.Rlimit
	ok(t, unix.Getrlimit(unix.RLIMIT_CORE, &limit))
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil || dumpable != 0 || limit.Cur != 0 || limit.Max != 0 {
		t.Errorf("dumpable %d, limit %+v, %v", dumpable, limit, err)
	}
}
