package ward

import (
	"slices"
	"testing"
)

// Four rooms with a bed 1 each are four beds.
func TestABedIsNamedWithItsRoom(t *testing.T) {
	for _, c := range []struct{ room, bed, want string }{
		{"R1", "1", "R1-1"},
		{"R2", "1", "R2-1"},
		{"R2", "B3", "R2-B3"},
		{"1", "1", "1-1"},
		{"B1", "1", "B1-1"},
		{"", "07", "07"},
		{"R9", "", "R9"},
		{"", "", ""},
		{"12", "12A", "12A"},
		{"12", "12-1", "12-1"},
		{"r1", "R1-2", "R1-2"},
		{"A", "A2", "A2"},
		{"1", "12", "1-12"},
		{"A", "AB", "A-AB"}, // begins with the room by chance only
		{"B07", "07", "07"},
		{"Bed07", "07", "07"},
		{"07", "07", "07"}, // one number for the whole ward, said twice
	} {
		if got := BedLabel(c.room, c.bed); got != c.want {
			t.Errorf("room %q, bed %q: %q, want %q", c.room, c.bed, got, c.want)
		}
	}
}

func TestBedsGoByRoomThenBedAndNoneLast(t *testing.T) {
	want := []string{"2", "07", "10", "12A", "12B", "R1-1", "R1-2", "R1-10", "R2-1", "R10-1", ""}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, CompareBeds)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, a := range want {
		for _, b := range want {
			if CompareBeds(a, b) != -CompareBeds(b, a) || (CompareBeds(a, b) == 0) != (a == b) {
				t.Errorf("%q against %q is no order", a, b)
			}
		}
	}
}
