package record_test

import (
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A head follows from what is current, whatever the order and the history, and
// tells every difference.
func TestHeadsTellEveryDifference(t *testing.T) {
	c := func(typ fhir.Type, id fhir.ID, v record.Version, body string) record.Change {
		return record.Change{Ref: fhir.Ref{Type: typ, ID: id}, Version: v, Body: fhir.Resource(body)}
	}
	a, b := c("Task", "a", 1, `{"x":1}`), c("Flag", "b", 2, `{"y":1}`)
	head := record.HeadOf([]record.Change{a, b})
	old := c("Flag", "b", 1, `{"y":0}`)
	old.History = true
	same := map[string][]record.Change{"another order": {b, a}, "with history": {a, old, b}}
	for what, list := range same {
		if got := record.HeadOf(list); got != head {
			t.Errorf("%s: %+v, want %+v", what, got, head)
		}
	}
	differs := map[string][]record.Change{
		"one missing":     {a},
		"another version": {a, c("Flag", "b", 3, `{"y":1}`)},
		"another body":    {a, c("Flag", "b", 2, `{"y":2}`)},
		"another id":      {a, c("Flag", "c", 2, `{"y":1}`)},
		"another type":    {a, c("Goal", "b", 2, `{"y":1}`)},
		"one more":        {a, b, c("Flag", "c", 1, `{}`)},
	}
	for what, list := range differs {
		if record.HeadOf(list) == head {
			t.Errorf("%s has the same head", what)
		}
	}
	if record.HeadOf(nil) != record.HeadOf([]record.Change{old}) {
		t.Error("nothing current has two heads")
	}
}
