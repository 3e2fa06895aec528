package desk_test

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
)

// Central holds something else about a patient than this computer: her row says
// so and "allergies: none" is not said, her chart is not shown, and both come
// back by themselves when she has been refilled. Nobody else is touched.
func TestACopyInDoubtIsNotShownAsRight(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(admitted("p2", "Rossi", "Giulia", "02")...)
	var whole []record.Change
	ok(t, r.cache.View(bg, func(v cacheReader) error {
		for ch, err := range v.Compartment(folake) {
			ok(t, err)
			whole = append(whole, ch)
		}
		return nil
	}))
	central := record.Heads{At: r.cursor(), Heads: []record.PatientHead{{Patient: folake, Head: record.Head{Count: 99}}, {Patient: "p2", Head: r.head("p2")}}}
	differ, err := r.cache.Compare(bg, central)
	ok(t, err)
	if len(differ) != 1 || differ[0] != folake {
		t.Fatalf("differ: %v", differ)
	}
	until(t, "her row says so", func() bool {
		row := r.row(folake)
		return len(row.Flags) == 1 && row.Flags[0] == desk.DamagedFlag() && row.Allergies.State == ward.AllergyUnavailable
	})
	if _, err := r.desk.Chart(bg, folake); !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), "fetched again") {
		t.Errorf("the chart: %v", err)
	}
	if row := r.row("p2"); len(row.Flags) != 0 {
		t.Errorf("another's row: %s", show(row))
	}
	at := r.cursor()
	ok(t, r.cache.Apply(bg, record.Batch{Epoch: at.Epoch, From: at.Position, To: at.Position, Chain: at.Chain, Refill: []fhir.ID{folake}, Changes: whole}))
	until(t, "her row is right again", func() bool { return len(r.row(folake).Flags) == 0 })
	if _, err := r.desk.Chart(bg, folake); err != nil {
		t.Errorf("the chart after the refill: %v", err)
	}
}
