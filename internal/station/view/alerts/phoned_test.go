package alerts

import (
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// A phoned result says on its card that it is one, and one that the laboratory
// contradicts says both.
func TestThePhonedAndTheContradicted(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	r := ward.Result{Test: "Potassium", Value: "6.8", Unit: "mmol/L", Critical: true, Open: true, Status: ward.PhonedNotConfirmed, Flag: ward.FlagCriticalHigh, Received: now}
	d := Describe(ward.Alert{Result: r}, now)
	if got := d.Lines[1]; got[0].Words != "not said on the phone" || got[len(got)-1].Words != "phoned, not yet confirmed" {
		t.Errorf("%+v", got)
	}
	r.Status, r.Value, r.Reopened, r.Mismatch = "final", "5.8", true, "phoned 6.8 mmol/L (Grace Mensah, nurse), laboratory says 5.8 mmol/L"
	if h := head(ward.Alert{Result: r}); h != "Phoned and sent differ: potassium" {
		t.Error(h)
	}
	r.Critical = false
	if w := wordOf(r); w != "DIFFERS FROM THE CALL" {
		t.Error(w)
	}
}
