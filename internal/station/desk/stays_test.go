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

// Four rooms have a bed 1 each: the bed is told with its room. A record from
// before rooms were kept says the bed as it did.
func TestTheBedIsToldWithItsRoom(t *testing.T) {
	d := &Desk{cfg: Config{Ward: "4B"}}
	in := func(room, bed string) string {
		e := stay("4B", bed, "2026-11-20T08:00:00Z", "in-progress")
		e.Location = []fhir.EncounterLocation{{Location: fhir.Reference{Display: "4B, " + room + ", " + bed}}}
		if room != "" {
			kind := fhir.CodeableConcept{Coding: []fhir.Coding{{System: fhir.SystemPhysicalType, Code: fhir.PlaceRoom}}}
			e.Location = append(e.Location, fhir.EncounterLocation{Location: fhir.Reference{Display: room}, PhysicalType: &kind})
		}
		var who ward.Identity
		locate(&who, []encounterView{e}, d.own)
		return who.Bed
	}
	for _, c := range [][3]string{{"R1", "1", "R1-1"}, {"R2", "1", "R2-1"}, {"", "1", "1"}, {"B07", "07", "07"}} {
		if got := in(c[0], c[1]); got != c[2] {
			t.Errorf("room %q, bed %q: %q, want %q", c[0], c[1], got, c[2])
		}
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
