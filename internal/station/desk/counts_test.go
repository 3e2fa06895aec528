package desk_test

import (
	"testing"

	"wardlight/internal/clinical/fhir"
)

// Each result is counted once: a critical one is new as well, and a text of many
// words is one result.
func TestEachResultIsCountedOnce(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(potassium("k1", string(folake), "6.8", "final", "HH"))
	r.settle()
	if row := r.row(folake); row.Criticals != 1 || row.New != 1 || row.Others != 0 {
		t.Errorf("one critical: %d critical, %d new, %d others", row.Criticals, row.New, row.Others)
	}
	r.send(potassium("k2", string(folake), "4.1", "final", ""))
	culture := potassium("c1", string(folake), "1", "final", "AA")
	delete(culture, "valueQuantity")
	delete(culture, "referenceRange")
	culture["code"] = coded(fhir.SystemLOINC, "600-7", "Blood culture")
	culture["valueString"] = "E. coli\n15 bottles\nNo resistance to what was tried"
	r.send(culture)
	r.settle()
	if row := r.row(folake); row.Criticals != 2 || row.Others != 2 {
		t.Errorf("two critical and one more: %d critical, %d others", row.Criticals, row.Others)
	}
	if untaken, _ := r.desk.Waiting(); untaken != 2 {
		t.Errorf("%d results wait for somebody on the locked window, want 2", untaken)
	}
}
