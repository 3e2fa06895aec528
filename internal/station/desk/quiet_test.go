package desk_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// platelets are Folake's, collected so many hours after noon.
func platelets(id, value, status string, hours int) map[string]any {
	o := potassium(id, "p07", value, status, "")
	o["code"] = coded(fhir.SystemLOINC, "777-3", "Platelets")
	o["effectiveDateTime"] = noon.Add(time.Duration(hours) * time.Hour).Format(time.RFC3339)
	o["valueQuantity"] = obj{"value": json.Number(value), "unit": "10*9/L", "system": fhir.SystemUCUM, "code": "10*9/L"}
	delete(o, "referenceRange")
	return o
}

// Platelets that somebody has, and the next sample no worse: no alert and no sound; but
// it is listed, red, with why it is quiet, is acknowledged by nobody in bulk, and stands
// on the handover. Somebody may take it all the same. When the first is taken back, and
// when a worse one comes, it interrupts.
func TestAQuietRepeatIsListedAndInterruptsNobody(t *testing.T) {
	r := newRoom(t)
	r.admitFolake()
	r.send(platelets("a", "14", "final", -2))
	if len(r.alerts()) != 1 {
		t.Fatal("the first is no alert: the test says nothing")
	}
	first := r.do(ward.Take{Patient: folake, Result: "a", Version: 1}).Made[0]
	r.drain()
	r.later(10 * time.Minute)
	r.send(platelets("b", "15", "final", -1))
	if list := r.alerts(); len(list) != 0 {
		t.Fatalf("the repeat alerts: %s", show(list))
	}
	x := r.result(folake, "b")
	if !x.Critical || x.Open || x.Flag != ward.FlagCriticalLow || !strings.Contains(x.Quiet, "no worse than 14 10*9/L") || !strings.Contains(strings.Join(x.Remarks, ";"), x.Quiet) {
		t.Errorf("the repeat: %s", show(x))
	}
	if in := waits(r.inbox()); !strings.Contains(in, "15") {
		t.Errorf("the inbox has no line of it: %s", in)
	}
	if row := r.row(folake); row.Criticals != 2 || row.Critical == nil {
		t.Errorf("row: %s", show(row))
	}
	if _, err := r.desk.Do(bg, ward.Acknowledge{Patient: folake, Results: []ward.ShownResult{{Patient: folake, Result: "b", Version: 1}}}); err == nil {
		t.Error("a critical value is acknowledged in bulk")
	}

	r.do(ward.Withdraw{Patient: folake, Task: first})
	if list := r.alerts(); len(list) != 2 {
		t.Errorf("the first was taken back, and %d alert", len(list))
	}
	r.later(time.Minute)
	r.do(ward.Take{Patient: folake, Result: "a", Version: 1, Kind: "acting", Words: "platelets asked for"})
	r.later(time.Minute)
	if list := r.alerts(); len(list) != 1 || list[0].Result.ID != "b" {
		t.Errorf("taken only after the second had come: %s", show(list))
	}
	r.send(platelets("c", "15", "final", 0))
	if list := r.alerts(); len(list) != 1 {
		t.Errorf("the third, after somebody acted on the first: %s", show(list))
	}
	r.send(platelets("d", "11", "final", 1))
	if list := r.alerts(); len(list) != 2 {
		t.Errorf("a worse one: %s", show(list))
	}
	r.send(platelets("c", "13", "corrected", 0))
	if list := r.alerts(); len(list) != 3 || r.result(folake, "c").Quiet != "" {
		t.Errorf("a repeat that was corrected: %s", show(list))
	}
	r.do(ward.Take{Patient: folake, Result: "d", Version: 1})
	r.later(24 * time.Hour)
	r.send(platelets("e", "18", "final", 26))
	if x := r.result(folake, "e"); !x.Open || x.Quiet != "" {
		t.Errorf("the next day: %s", show(x))
	}
}
