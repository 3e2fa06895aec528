package scope_test

import (
	"context"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
)

// A computer may have a resource's versions while its patient is in its scope, and
// not a moment longer.
func TestWhatAStationMayHaveOfOneResource(t *testing.T) {
	h := open(t)
	h.put(patient("anna"))
	h.put(result("o1", "anna", "1"))
	h.put(result("o1", "anna", "2"))
	ref := fhir.Ref{Type: fhir.TypeObservation, ID: "o1"}
	shows := func(ward *station) int {
		list, err := h.s.Shows(context.Background(), ward.dev, ref)
		if err != nil && !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		if len(list) > 0 && list[0].Version != 2 {
			t.Errorf("the first is version %d", list[0].Version)
		}
		return len(list)
	}
	if n := shows(ward("4B")); n != 0 {
		t.Errorf("before she came: %d versions", n)
	}
	h.put(stay("e1", "anna", "4B"))
	if a, b := shows(ward("4B")), shows(ward("5A")); a != 2 || b != 0 {
		t.Errorf("on 4B: %d versions there, %d on 5A", a, b)
	}
	h.put(stay("e1", "anna", ""))
	if n := shows(ward("4B")); n != 0 {
		t.Errorf("after she left: %d versions", n)
	}
	if _, err := h.s.Shows(context.Background(), ward("4B").dev, fhir.Ref{Type: fhir.TypeObservation, ID: "none"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("what is not there: %v", err)
	}
}
