package scope_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// plan is a long resource of a patient.
func plan(p, says string) record.Change {
	id := "plan-" + p
	return record.Change{
		Ref: fhir.Ref{Type: "CarePlan", ID: fhir.ID(id)}, Patient: fhir.ID(p),
		Body: fhir.Resource(`{"description":"` + strings.Repeat(says+" ", 200) + `","id":"` + id + `","resourceType":"CarePlan"}`),
	}
}

// What a station holds of what a batch changes is the version that was in force
// where the batch begins, of those who were in its scope then.
func TestWhatAStationHoldsOfWhatABatchChanges(t *testing.T) {
	h := open(t)
	for _, p := range []string{"anna", "bert", "carl"} {
		h.put(patient(p))
		h.put(plan(p, "one"))
	}
	h.put(stay("e1", "anna", "4B"))
	h.put(stay("e2", "bert", "5A"))
	st := ward("4B")
	st.catchUp(h, 1<<20)
	h.put(plan("anna", "two"))
	h.put(plan("anna", "three"))
	h.put(plan("bert", "two"))
	h.put(stay("e3", "carl", "4B")) // comes with all that he has
	h.put(plan("carl", "two"))
	h.put(result("o1", "anna", "1"))
	h.put(result("o1", "anna", "2")) // small
	b, _ := st.next(h, 1<<20)
	held, err := h.s.Held(context.Background(), st.dev, b, 500, 10)
	h.must(err)
	if len(held) != 1 || held[0].Ref.ID != "plan-anna" || held[0].Version != 1 || !strings.Contains(string(held[0].Body), "one") {
		t.Errorf("held: %+v", held)
	}
	// What lies behind the batch's beginning is not held yet, whatever is in it.
	b.Changes = slices.DeleteFunc(b.Changes, func(c record.Change) bool { return c.Ref == held[0].Ref && c.Version == 2 })
	held, err = h.s.Held(context.Background(), st.dev, b, 500, 10)
	h.must(err)
	if len(held) != 1 || held[0].Version != 1 {
		t.Errorf("held of the third version: %+v", held)
	}
	if none, err := h.s.Held(context.Background(), st.dev, b, 500, 0); err != nil || len(none) != 0 {
		t.Errorf("over the limit: %v, %v", none, err)
	}
}
