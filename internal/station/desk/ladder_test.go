package desk

import (
	"testing"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
)

// Whoever is staying on a ward is called on by the ward's ladder, also when a
// clinic expects them.
func TestWhoIsStayingClimbsTheWardsLadder(t *testing.T) {
	rules := alert.Default()
	d := &Desk{cfg: Config{Rules: rules}}
	visit := func(class, status string) item[fhir.Encounter] {
		return item[fhir.Encounter]{View: fhir.Encounter{Status: status, Class: &fhir.Coding{Code: class}}}
	}
	ward, clinic := rules.Ladder(alert.LadderInpatient), rules.Ladder(alert.LadderRemote)
	for name, c := range map[string]struct {
		list []item[fhir.Encounter]
		want alert.Ladder
	}{
		"on the ward":               {[]item[fhir.Encounter]{visit("IMP", "in-progress")}, ward},
		"at the clinic":             {[]item[fhir.Encounter]{visit("AMB", "in-progress")}, clinic},
		"both":                      {[]item[fhir.Encounter]{visit("AMB", "in-progress"), visit("IMP", "in-progress")}, ward},
		"discharged, at the clinic": {[]item[fhir.Encounter]{visit("IMP", "finished"), visit("AMB", "arrived")}, clinic},
		"nowhere":                   {nil, ward},
	} {
		if got := d.ladder(&compartment{encounters: c.list}); len(got.Steps) == 0 || got.Steps[0] != c.want.Steps[0] {
			t.Errorf("%s: another ladder", name)
		}
	}
}
