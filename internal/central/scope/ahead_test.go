package scope_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

func critical(id, p string) record.Change {
	c := result(id, p, "6.8")
	c.Tags = []string{record.TagCritical}
	return c
}

func taken(id, p, result string) record.Change {
	return record.Change{
		Ref: fhir.Ref{Type: fhir.TypeTask, ID: fhir.ID(id)}, Patient: fhir.ID(p),
		Body: fhir.Resource(fmt.Sprintf(`{"focus":{"reference":"Observation/%s"},"id":%q,"resourceType":"Task"}`, result, id)),
	}
}

func (h *hospital) ahead(dev record.Device, after record.Position, size int) (refs []string, to record.Position, more bool) {
	b, more, err := h.s.Ahead(context.Background(), dev, after, size)
	h.must(err)
	if b.Station != dev.Station || b.Epoch != "epoch1" {
		h.t.Fatal("what goes ahead names another station or epoch")
	}
	for _, c := range b.Changes {
		refs = append(refs, c.Ref.String())
	}
	return refs, b.To, more
}

// What goes ahead: the critical results of the station's own patients, with
// what shows each rightly; not what is critical no more, nor anybody else's.
func TestWhatCannotWaitItsTurn(t *testing.T) {
	h := open(t)
	for _, c := range []record.Change{
		patient("anna"), stay("e1", "anna", "4B"), patient("ben"), stay("e2", "ben", "5A"),
		result("usual", "anna", "4.0"), critical("k1", "anna"), critical("k2", "ben"),
		critical("wrong", "anna"), result("wrong", "anna", "4.1"), // a correction
		taken("t1", "anna", "k1"), taken("t2", "anna", "usual"),
	} {
		h.put(c)
	}
	dev := record.Device{Station: "s1", Wards: []record.Ward{"4B"}}
	refs, to, more := h.ahead(dev, 0, 1<<20)
	want := []string{"Encounter/e1", "Patient/anna", "Task/t1", "Observation/k1"}
	if !slices.Equal(refs, want) || to != 11 || more {
		t.Errorf("ahead go %v up to %d, want %v up to 11", refs, to, want)
	}
	if refs, _, _ := h.ahead(dev, 6, 1<<20); len(refs) != 0 {
		t.Errorf("after the result itself %v go ahead", refs)
	}
	h.put(stay("e1", "anna", "5A"))
	if refs, _, _ := h.ahead(dev, 0, 1<<20); len(refs) != 0 {
		t.Errorf("of a patient who has left, %v go ahead", refs)
	}
}

// Many go in bounded pieces, and none is left out.
func TestManyCriticalResultsGoInPieces(t *testing.T) {
	h := open(t)
	h.put(patient("anna"))
	h.put(stay("e1", "anna", "4B"))
	const n = 40
	for i := range n {
		h.put(critical(fmt.Sprintf("k%02d", i), "anna"))
	}
	dev := record.Device{Station: "s1", Wards: []record.Ward{"4B"}}
	seen := map[string]bool{}
	for at, more := record.Position(0), true; more; {
		var refs []string
		refs, at, more = h.ahead(dev, at, 2<<10)
		if len(refs) > 12 {
			t.Errorf("%d at once", len(refs))
		}
		for _, r := range refs {
			seen[r] = true
		}
	}
	if len(seen) != n+2 {
		t.Errorf("%d resources went ahead, want %d", len(seen), n+2)
	}
}
