package chart

import (
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
)

// A phoned result whose sample nobody dated stands where it was phoned, and not
// before all others.
func TestAPhonedResultStandsWhereItWasPhoned(t *testing.T) {
	day := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	results := []ward.Result{
		{ID: "c1", Test: "Potassium", LOINC: "2823-3", Unit: "mmol/L", Value: "6.8", Status: ward.PhonedNotConfirmed, Phoned: []ward.Phoned{{ID: "c1", Called: day}}},
		{ID: "k1", Test: "Potassium", LOINC: "2823-3", Unit: "mmol/L", Value: "4.1", Status: "final", Collected: day.Add(-6 * time.Hour)},
	}
	m := moments(results, day)
	if len(m) != 2 || !m[1].At.Equal(day) || m[1].Day != "phoned" || m[1].Clock != "12:00" {
		t.Fatalf("%+v", m)
	}
	g := groups(results, day)
	if r := g[0].Rows[0].At(m[1]); r == nil || r.ID != "c1" || !g[0].Early || When(*r, day) != "phoned 12:00" {
		t.Errorf("%+v", g)
	}
}
