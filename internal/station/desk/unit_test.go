package desk_test

import (
	"testing"

	"wardlight/internal/clinical/fhir"
)

// A laboratory sends a number as a string, with its unit: the alert, the board
// and the list of results show both, and what is sent again changes nothing.
func TestANumberSentAsAStringIsShownWithItsUnit(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	wbc := potassium("k1", "p07", "1", "final", "LL")
	delete(wbc, "valueQuantity")
	wbc["code"] = coded(fhir.SystemLOINC, "6690-2", "WBC")
	wbc["valueString"] = "<0.1"
	wbc["extension"] = []any{obj{"url": fhir.ExtSentUnit, "valueString": "10*9/L"}}
	r.send(wbc)
	if x := r.result(folake, "k1"); x.Value != "<0.1" || x.Unit != "10*9/L" || !x.Text || x.HasNumber {
		t.Errorf("result: %s", show(x))
	}
	if list := r.alerts(); len(list) != 1 || list[0].Result.Unit != "10*9/L" {
		t.Errorf("alerts: %s", show(list))
	}
	if row := r.row(folake); row.Critical == nil || row.Critical.Unit != "10*9/L" {
		t.Errorf("row: %s", show(row))
	}
}
