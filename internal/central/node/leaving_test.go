package node_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnOrderToWipeOutlivesARestore: a stolen computer that was to be wiped after
// the backup was made is not welcome when that backup is restored.
func TestAnOrderToWipeOutlivesARestore(t *testing.T) {
	h := newHouse(t, filepath.Join(t.TempDir(), "central")).serve()
	h.enrol("stays")
	stolen := h.enrol("stolen")
	backup := filepath.Join(t.TempDir(), "b.wlj")
	h.ask("backup", args{"to": backup})
	h.ask("stations wipe", args{"station": stolen, "reason": "taken from a car"})
	h.stop()
	check(t, os.Rename(filepath.Join(h.conf.Dir, "journal"), filepath.Join(h.conf.Dir, "moved-aside")))
	said, err := h.restore(backup)
	check(t, err)
	if again := fmt.Sprint(said["revoked_again"]); !strings.Contains(again, stolen) {
		t.Errorf("revoked again: %s", again)
	}
	h.serve()
	if in := h.welcome(); in != "stays" {
		t.Errorf("let in: %q", in)
	}
}
