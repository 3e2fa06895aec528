package bench

import (
	"os"
	"path/filepath"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/interop/hl7"
)

// A kept filling is used as it was noted; one of another size, or one that did not come
// to its end, is neither used nor written over.
func TestAKeptFillingIsUsedOnlyWhole(t *testing.T) {
	dir := t.TempDir()
	h := house5{Patients: 50, Panels: 2, dir: dir}
	if kept, err := h.kept(); err != nil || kept {
		t.Fatalf("an empty folder: kept %v, %v", kept, err)
	}
	if err := os.Mkdir(filepath.Join(dir, "w5"), 0o700); err != nil {
		t.Fatal(err)
	}
	if kept, err := h.kept(); !fault.Is(err, fault.Exists) || kept {
		t.Errorf("half filled: kept %v, %v", kept, err)
	}
	h.Listen, h.Settled = "127.0.0.1:4711", "the sum of a program"
	if err := h.note(); err != nil {
		t.Fatal(err)
	}
	again := house5{Patients: 50, Panels: 2, dir: dir}
	if kept, err := again.kept(); err != nil || !kept || again.Listen != h.Listen || again.Settled != h.Settled {
		t.Errorf("kept %v at %q, settled by %q, %v", kept, again.Listen, again.Settled, err)
	}
	other := house5{Patients: 50, Panels: 3, dir: dir}
	if kept, err := other.kept(); !fault.Is(err, fault.Exists) || kept {
		t.Errorf("of another size: kept %v, %v", kept, err)
	}
}

// Two soaks over the same kept central send nothing twice.
func TestSoaksShareNoMessage(t *testing.T) {
	a, b := soakResults{run: 1, patients: 10}, soakResults{run: 2, patients: 10}
	seen := map[string]bool{}
	for _, r := range []soakResults{a, b} {
		for n := range 30 {
			m, err := hl7.Parse(r.message(n))
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range []string{m.Get("MSH-10").Text(), m.Get("OBR-3").Text(), r.panel(n)} {
				if key := r.panel(n) + "/" + id; seen[id] {
					t.Errorf("%s comes again", key)
				}
			}
			seen[m.Get("MSH-10").Text()], seen[m.Get("OBR-3").Text()], seen[r.panel(n)] = true, true, true
		}
	}
}
