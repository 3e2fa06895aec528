package desk

import (
	"testing"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
)

func stay(code, bed, start, status string) encounterView {
	return encounterView{
		Status: status, Period: &fhir.Period{Start: start},
		Extension: []fhir.Extension{{URL: fhir.ExtWard, ValueString: fhir.Str(code)}, {URL: fhir.ExtBed, ValueString: fhir.Str(bed)}},
	}
}

// A patient of 4B who is also registered at the dialysis unit stands on 4B's
// board in their bed, and on the unit's board in their place there.
func TestOfTwoStaysTheOneHereCounts(t *testing.T) {
	inpatient := stay("4B", "07", "2026-11-20T08:00:00Z", "in-progress")
	clinic := stay("DIAL", "1", "2026-11-22T13:00:00Z", "in-progress")
	for _, order := range [][]encounterView{{inpatient, clinic}, {clinic, inpatient}} {
		for code, bed := range map[string]string{"4B": "07", "DIAL": "1", "9Z": "1"} {
			d := &Desk{cfg: Config{Ward: code, Wards: []record.Ward{record.Ward(code)}}}
			var who ward.Identity
			locate(&who, order, d.own)
			if who.Bed != bed {
				t.Errorf("on %s: bed %s of %s, want %s", code, who.Bed, who.Ward, bed)
			}
		}
	}
	d := &Desk{cfg: Config{Ward: "4B"}}
	var who ward.Identity
	locate(&who, []encounterView{stay("4B", "07", "2026-11-20T08:00:00Z", "finished"), clinic}, d.own)
	if who.Ward != "DIAL" {
		t.Error("a finished stay still counts")
	}
}
