package board

import (
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// The row of a patient with a phoned result says what it is.
func TestARowSaysThatAResultWasPhoned(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	c := ward.Result{Test: "Potassium", Value: "6.8", Critical: true, Open: true, Status: ward.PhonedNotConfirmed, Received: now.Add(-7 * time.Minute)}
	if got := criticalOf(&ward.Row{Critical: &c}, now).Second; got != "Phoned, not yet confirmed. Nobody has taken it, 7 min." {
		t.Error(got)
	}
	c.Status, c.Mismatch = "final", "phoned 6.8 mmol/L (Grace Mensah, nurse), laboratory says 5.8 mmol/L"
	if got := criticalOf(&ward.Row{Critical: &c}, now).Second; got != "Differs: "+c.Mismatch+". Nobody has taken it, 7 min." {
		t.Error(got)
	}
	if got := correctedOf(c).Word; got != "DIFFERS FROM WHAT WAS PHONED" {
		t.Error(got)
	}
}
