package v2tofhir

import (
	"strings"
	"testing"

	"wardlight/internal/clinical/fhir"
)

// TestATimeThatCannotBeReadIsKeptAsSent: wherever it stands, the resource that
// lacks it is flagged and holds its text, so that nobody takes the next best
// time for the one that was meant.
func TestATimeThatCannotBeReadIsKeptAsSent(t *testing.T) {
	const obr = "OBR|1||R1^LAB|UE^Urea^L|||%7|||||||||||||||%22|||F"
	const obx = "OBX|1|NM|2823-3^K^LN||7|mmol/L|||||F|||%14|||||%19"
	for field, text := range map[string]string{"OBX-14": "%14", "OBX-19": "%19", "OBR-7": "%7", "OBR-22": "%22"} {
		fill := strings.NewReplacer(text, "20260230", "%7", "20261122090000", "%22", "20261122100000", "%14", "20261122083000", "%19", "20261122094500")
		f := Translate(lines(oruHead, pidLine, fill.Replace(obr), fill.Replace(obx)), opts())
		o := observations(t, f)[0]
		if field != "OBR-7" && (!strings.Contains(flagsOf(o.Extension), FlagTimeUnreadable) || fhir.ExtString(o.Extension, ExtTime) != field+": 20260230") {
			t.Errorf("%s on the result: %q, %q", field, flagsOf(o.Extension), fhir.ExtString(o.Extension, ExtTime))
		}
		r := view[fhir.DiagnosticReport](t, drafts(f, fhir.TypeDiagnosticReport)[0])
		if strings.HasPrefix(field, "OBR") && fhir.ExtString(r.Extension, ExtTime) != field+": 20260230" {
			t.Errorf("%s on the report: %q", field, fhir.ExtString(r.Extension, ExtTime))
		}
	}
	f := Translate(adt("A01", "EVN|A01|yesterday", strings.Replace(pidLine, "19920411", "1992-04-11", 1),
		pv1Line+"||||||||||||||||V1^^^NORTH^VN|||||||||||||||||||||||||20261332"), opts())
	if p := opsOf(drafts(f, fhir.TypePatient)[0].Ops); !strings.Contains(p, "PID-7: 1992-04-11") || strings.Contains(p, "set birthDate") {
		t.Errorf("PID-7: %s", p)
	}
	if e := opsOf(drafts(f, fhir.TypeEncounter)[0].Ops); !strings.Contains(e, "EVN-2: yesterday; PV1-44: 20261332") {
		t.Errorf("EVN-2 and PV1-44: %s", e)
	}
}
