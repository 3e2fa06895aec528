package cache

import "testing"

// What comes into memory of the tables goes again however busy the station is, and what is
// in memory of the program counts once only.
func TestPagesOfTablesAreBoundedWhileBusy(t *testing.T) {
	const mb = 1 << 20
	at := uint64(90 * mb) // the program
	m := mapped{now: func() uint64 { return at }}
	if !m.many() {
		t.Error("a station that has just started keeps what it read")
	}
	m.gone()
	for _, step := range []struct {
		at   uint64
		many bool
	}{
		{90 * mb, false},
		{89*mb + mappedMost, false},
		{90*mb + mappedMost, false},
		{91*mb + mappedMost, true},
		{60 * mb, false}, // the system took some itself
		{61*mb + mappedMost, true},
	} {
		if at = step.at; m.many() != step.many {
			t.Errorf("at %d MB: %v", at/mb, !step.many)
		}
	}
}
