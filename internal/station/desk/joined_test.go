package desk_test

import (
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// joined is Folake's record as the survivor of another one, and that one as
// retired; taken apart with no links.
func joinedWith(other string, joined bool) []map[string]any {
	kept, old := admitted(string(folake), "Adeyemi", "Folake", "07")[0], admitted(other, "Adeyemi", "Folake", "")[0]
	if joined {
		kept["link"] = []any{obj{"other": ref(fhir.TypePatient, other), "type": "replaces"}}
		old["active"], old["link"] = false, []any{obj{"other": ref(fhir.TypePatient, string(folake)), "type": "replaced-by"}}
	}
	return []map[string]any{kept, old}
}

// Two records turn out to be one person's: her chart holds the entries of both,
// the ward's list holds her once, and what is written about an entry stays
// under the record that the entry is in.
func TestTheChartOfTwoRecordsOfOnePerson(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(joinedWith("p99", false)[1])
	r.send(potassium("k1", string(folake), "4.1", "final", ""), potassium("k2", "p99", "6.8", "final", "HH"))
	allergy := obj{
		"resourceType": "AllergyIntolerance", "id": "a1", "patient": ref(fhir.TypePatient, "p99"), "code": obj{"text": "Penicillin"},
		"clinicalStatus": coded(fhir.SystemAllergyClinical, "active", ""), "verificationStatus": coded(fhir.SystemAllergyVerified, "confirmed", ""),
	}
	r.send(allergy)
	r.do(ward.NoKnownAllergies{Patient: folake})
	r.drain()
	r.connected(true)
	if row := r.row(folake); row.Criticals != 0 || row.Allergies.State != ward.AllergyNone {
		t.Fatalf("before: %s", show(row))
	}

	r.send(joinedWith("p99", true)...)
	row := r.row(folake)
	if row.Criticals != 1 || row.Critical.ID != "k2" || row.Allergies.State != ward.AllergyKnown {
		t.Errorf("the row does not show both: %s", show(row))
	}
	rows, err := r.desk.Board(bg)
	ok(t, err)
	if len(rows) != 1 {
		t.Errorf("%d rows for one woman", len(rows))
	}
	c := r.chart(folake)
	if len(c.Results) != 2 || len(c.AllergyList) != 2 || len(c.Joined) != 1 || c.Joined[0] != "p99" {
		t.Errorf("the chart does not hold both: %s", show(c))
	}
	if a := r.alerts(); len(a) != 1 || a[0].Who.ID != folake {
		t.Errorf("alerts: %s", show(a))
	}
	if old := r.chart("p99"); !old.Who.Retired || old.Who.Into != folake || len(old.Results) != 1 {
		t.Errorf("the retired record: %s", show(old.Who))
	}
	r.refused(fault.Conflict, "merged into another one", ward.WriteNote{Patient: "p99", Text: "on the old chart"})

	r.do(ward.RefuteAllergy{Patient: folake, Allergy: "a1", Version: 1, Reason: "tolerated twice"})
	muts, err := r.cache.Unsent(0, 10)
	ok(t, err)
	if len(muts) != 1 || muts[0].Patient != "p99" {
		t.Errorf("a change of the other record's entry stands under %q", muts[0].Patient)
	}
	if row := r.row(folake); row.Allergies.State != ward.AllergyNone || row.Unsent != 1 {
		t.Errorf("own unsent work about the other record is not shown: %s", show(row))
	}
	r.drain()
	// News of the retired record alone reaches the survivor's row.
	r.send(potassium("k3", "p99", "7.0", "final", "HH"))
	if row := r.row(folake); row.Criticals != 2 {
		t.Errorf("news of the retired record: %d criticals", row.Criticals)
	}
	r.do(ward.Take{Patient: folake, Result: "k3", Version: 1, Kind: "taken"})
	r.drain()

	r.send(joinedWith("p99", false)...)
	if c := r.chart(folake); len(c.Results) != 1 || len(c.AllergyList) != 1 || len(c.Joined) != 0 {
		t.Errorf("taken apart: %s", show(c))
	}
}
