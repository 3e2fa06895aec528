package cache_test

import (
	"fmt"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
)

// What a page tells the story of keeps as many earlier versions as a filling brings;
// of the rest a few are kept.
func TestWhatAPageTellsKeepsItsEarlierVersions(t *testing.T) {
	c := open(t, options(t))
	for v := 1; v <= 24; v++ {
		at := record.Version(v)
		ok(t, c.Apply(bg, batch(record.Position(v-1), record.Position(v),
			change(fhir.TypeEncounter, "e1", "p1", at, fmt.Sprintf(`{"id":"e1","resourceType":"Encounter","status":"in-progress","n":%d}`, v)),
			change(fhir.TypePlanDefinition, "r1", "", at, fmt.Sprintf(`{"id":"r1","resourceType":"PlanDefinition","n":%d}`, v)),
			change(fhir.TypeFlag, "f1", "p1", at, fmt.Sprintf(`{"id":"f1","resourceType":"Flag","n":%d}`, v)))))
	}
	for ref, want := range map[fhir.Ref][2]int{
		{Type: fhir.TypeEncounter, ID: "e1"}: {16, 8}, {Type: fhir.TypePlanDefinition, ID: "r1"}: {16, 8}, {Type: fhir.TypeFlag, ID: "f1"}: {4, 20},
	} {
		n, first := 0, 0
		ok(t, c.View(bg, func(r cache.Reader) error {
			for ch, err := range r.History(ref) {
				if err != nil {
					return err
				}
				if n++; n == 1 {
					first = int(ch.Version)
				}
			}
			return nil
		}))
		if n != want[0] || first != want[1] {
			t.Errorf("%s: %d earlier versions from %d, want %d from %d", ref, n, first, want[0], want[1])
		}
	}
}
