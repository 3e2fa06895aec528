package client_test

import (
	"testing"

	"wardlight/internal/clinical/record"
	"wardlight/sync/wire"
)

// Whoever runs the client hears each time that central has the station ask, and only then.
func TestTheStationHearsThatItIsToAsk(t *testing.T) {
	k := welcomed(t, at(100))
	k.got(&wire.Status{Central: record.Central{Head: 100}})
	if n := k.m.State().Asked; n != 0 {
		t.Errorf("asked %d times by an ordinary word", n)
	}
	for range 2 {
		k.got(&wire.Status{Central: record.Central{Head: 100}, Ask: true})
	}
	if n := k.m.State().Asked; n != 2 {
		t.Errorf("asked %d times", n)
	}
}
