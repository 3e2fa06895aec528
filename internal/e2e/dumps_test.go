package e2e_test

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// TestTheProgramsLeaveNoMemoryBehind: neither central nor a station may be
// written to a file by the system when it ends badly.
func TestTheProgramsLeaveNoMemoryBehind(t *testing.T) {
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	w.enrol("a", "4B")
	a := w.open("a")
	a.signIn(nurse)
	none := regexp.MustCompile(`Max core file size +0 +0 `)
	for name, pid := range map[string]int{"central": w.central.PID(), "station": a.PID()} {
		b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/limits")
		if err != nil {
			t.Skipf("SKIPPED: no /proc here: %v", err)
		}
		if !none.Match(b) {
			t.Errorf("%s may leave a core file:\n%s", name, b)
		}
	}
}
