package v2tofhir_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/interop/v2tofhir"
)

// whole is a result message whose every value would still be a value when it
// is cut: 13 of 139.
const whole = "MSH|^~\\&|LAB|N|W|N|20261122140000+0000||ORU^R01^ORU_R01|C1|P|2.5.1\r" +
	"PID|1||123^^^N^MR||Adeyemi^Folake||19540314|F\r" +
	"OBR|1||R1^LAB|UE^Urea and electrolytes^L|||20261122133100+0000|||||||||||||||20261122140000+0000|||F\r" +
	"OBX|1|NM|2951-2^Sodium^LN||139|mmol/L^mmol/L^UCUM|133-146|N|||F|||20261122133100+0000\r" +
	"OBX|2|NM|2823-3^Potassium^LN||6.8|mmol/L^mmol/L^UCUM|3.5-5.3|HH|||F|||20261122133100+0000"

// A line that breaks may cut a message at any byte. Whatever is filed of it is
// what was sent: no shorter number, no other unit, no other test.
func TestAMessageCutAnywhereFilesNothingWrong(t *testing.T) {
	want := values(t, whole)
	if want["2823-3"] != "6.8 mmol/L" || want["2951-2"] != "139 mmol/L" {
		t.Fatalf("the whole message: %v", want)
	}
	filed := 0
	for n := range len(whole) {
		for code, got := range values(t, whole[:n]) {
			filed++
			if got != want[code] {
				t.Errorf("cut at byte %d (…%q): %s is filed as %q, sent as %q", n, whole[max(0, n-20):n], code, got, want[code])
			}
		}
	}
	if filed == 0 {
		t.Error("nothing was filed of any cut message: the test says nothing")
	}
}

// values are the results that a message files, by code.
func values(t *testing.T, raw string) map[string]string {
	t.Helper()
	f := v2tofhir.Translate([]byte(raw), v2tofhir.Options{Channel: "mllp", Received: time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)})
	out := map[string]string{}
	if f.Inbound.Fate != record.FateFiled {
		return out
	}
	for _, g := range f.Groups {
		for _, d := range g.Drafts {
			if d.Ref.Type != fhir.TypeObservation || len(d.Ops) == 0 {
				continue
			}
			var o fhir.Observation
			if err := json.Unmarshal(d.Ops[0].Value, &o); err != nil {
				t.Fatal(err)
			}
			code := o.Code.Code(fhir.SystemLOINC)
			if code == "" {
				code = strings.TrimSpace(o.Code.Words())
			}
			if q := o.ValueQuantity; q != nil && q.Value != nil {
				out[code] = q.Value.String() + " " + q.Unit
			} else if o.ValueString != nil {
				out[code] = *o.ValueString
			} else {
				out[code] = "no value"
			}
		}
	}
	return out
}
