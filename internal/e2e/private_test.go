package e2e_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Every file that the programs write is its owner's alone, those of the stores' libraries
// too: whoever else has an account on the machine reads none, even in a folder that an
// administrator made open to all.
func TestEveryFileIsItsOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: Windows' files have no mode")
	}
	w := newWorld(t, t.TempDir())
	w.account(nurse, "4B")
	check(t, os.MkdirAll(w.path("a"), 0o755))
	check(t, os.Chmod(w.path("a"), 0o755))
	w.enrol("a", "4B")
	a := w.open("a")
	a.signIn(nurse)
	w.admin("backup", "--to", w.path("backup.v1"))
	seen := 0
	look := func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if os.IsNotExist(err) { // a store's table that went meanwhile
				return nil
			}
			return err
		}
		i, err := d.Info()
		if err != nil || !i.Mode().IsRegular() {
			return nil //nolint:nilerr // gone meanwhile, or a folder
		}
		if seen++; i.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", path, i.Mode())
		}
		return nil
	}
	for _, name := range []string{"central", "a", "backup.v1"} {
		check(t, filepath.WalkDir(w.path(name), look))
	}
	if seen < 20 {
		t.Fatalf("only %d files were looked at", seen)
	}
}
