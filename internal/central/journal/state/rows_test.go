package state

import (
	"reflect"
	"testing"

	"wardlight/internal/fault"
)

// What a patient's row said in each of its three forms is read for ever.
func TestAPatientsRowInEachForm(t *testing.T) {
	for _, c := range []struct {
		bytes []byte
		want  PatientRow
	}{
		{[]byte{1}, PatientRow{}},
		{[]byte{2, 3, 2}, PatientRow{Newest: 3, Current: 2}},
		{[]byte{3, 3, 2, 0xac, 2, 1}, PatientRow{Newest: 3, Current: 2, At: 300, Critical: true}},
		{[]byte{3, 1, 1, 9, 0}, PatientRow{Newest: 1, Current: 1, At: 9}},
	} {
		if got, err := Decode("Pp1", c.bytes); err != nil || got != any(c.want) {
			t.Errorf("%x is read as %+v, %v", c.bytes, got, err)
		}
		if c.want.At == 0 {
			continue
		}
		if b, err := Encode(c.want); err != nil || !reflect.DeepEqual(b, c.bytes) {
			t.Errorf("%+v is written as %x, %v", c.want, b, err)
		}
	}
	for _, b := range [][]byte{{2, 3}, {2, 3, 2, 1}, {3, 3, 2, 9}, {3, 3, 2, 9, 2}, {3, 3, 2, 9, 0, 0}, {3, 3, 2, 0x80}} {
		if _, err := Decode("Pp1", b); !fault.Is(err, fault.Corrupt) {
			t.Errorf("%x: %v, want corrupt", b, err)
		}
	}
	if _, err := Decode("Pp1", []byte{4, 1, 1, 1, 0}); !fault.Is(err, fault.Unsupported) {
		t.Errorf("a newer form: %v, want unsupported", err)
	}
}
