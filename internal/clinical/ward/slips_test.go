package ward_test

import (
	"testing"

	"wardlight/internal/clinical/ward"
)

// Three slips of the hand in one set are named together, each at its field; what is
// only unlikely is none.
func TestEverySlipOfASetIsNamed(t *testing.T) {
	got := ward.Slips(ward.VitalSet{Respirations: "400", SpO2: "98", Systolic: "60", Diastolic: "100", Pulse: "950", Temperature: "38,4", Pain: "3.5"})
	want := []ward.Slip{
		{"respirations", "400", "not possible: 0 to 120", "Respirations 400 is not possible."},
		{"pulse", "950", "not possible: 0 to 350", "Pulse 950 is not possible."},
		{"temperature", "38,4", "type a number such as 37.2", "Temperature: type a number such as 37.2."},
		{"pain", "3.5", "a whole number", "Pain is a whole number."},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
	if s := ward.Slips(ward.VitalSet{Pulse: "200", Systolic: "300", Temperature: "45"}); len(s) != 0 {
		t.Errorf("unlikely is not impossible: %+v", s)
	}
}
