package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"wardlight/sync/simtest"
)

// TestNoShippedProgramHoldsAMutant looks for the mutants in the programs
// themselves, byte by byte: neither their names nor the functions of the packages
// that hold them are there, and the ways to choose a planted fault are not either.
func TestNoShippedProgramHoldsAMutant(t *testing.T) {
	var marks [][]byte
	for _, p := range simtest.Plants() {
		marks = append(marks, []byte(p))
	}
	marks = append(marks, []byte("wardlight/sync/simtest."), []byte("memjournal.(*Journal)"), []byte("WARDLIGHT_FAULT"), []byte("central/faults.Plant"), []byte(askedWhereDrawn))
	for _, name := range []string{"wardlight", "wardlightd", "wardsim"} {
		held, err := os.ReadFile(filepath.Join(bin, name))
		check(t, err)
		if !bytes.Contains(held, []byte("wardlight/internal/")) {
			t.Fatalf("%s names none of its own packages: nothing can be found in it", name)
		}
		for _, mark := range marks {
			if bytes.Contains(held, mark) {
				t.Errorf("%s holds %q", name, mark)
			}
		}
	}
	// Seen to find: this test's own program, and one that was built with faults.
	self, err := os.Executable()
	check(t, err)
	for path, mark := range map[string]string{self: string(simtest.HubSkipsChange), filepath.Join(faulty(t), "wardlightd"): "WARDLIGHT_FAULT", filepath.Join(faulty(t), "wardlight-wrong-clock"): askedWhereDrawn} {
		held, err := os.ReadFile(path)
		check(t, err)
		if !bytes.Contains(held, []byte(mark)) {
			t.Errorf("%s does not hold %q: the search finds nothing", filepath.Base(path), mark)
		}
	}
}
