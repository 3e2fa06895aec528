package seat

import (
	"testing"
	"time"

	"wardlight/internal/trust/bulk"
	"wardlight/internal/trust/lease"
)

// How long a computer may go on alone has bounds that it holds to itself, whatever central
// says and whatever stands in its own count: a month by PIN alone, a year for the copy.
func TestNoWordOfCentralLengthensTheLeaseBeyondItsBounds(t *testing.T) {
	a := &alone{now: time.Now, ran: func() time.Duration { return 0 }}
	const month, year = 30 * 24 * time.Hour, 365 * 24 * time.Hour
	for _, said := range []lease.Limits{{Offline: 9000 * time.Hour, Keep: 1 << 62}, {Offline: 1 << 62, Keep: time.Hour}} {
		a.obey(said, bulk.Limits{})
		if _, l := a.count(); l.Offline != month || l.Keep > year || l.Keep < l.Offline {
			t.Errorf("told %v it goes by %v", said, l)
		}
		a.limits = said // as a row that was written over would have it
		if _, l := a.count(); l.Offline != month || l.Keep > year || l.Keep < l.Offline {
			t.Errorf("with %v in its count it goes by %v", said, l)
		}
		mark := lease.Mark{Alone: month + time.Hour}
		if said.MayRead(mark) {
			t.Errorf("%v lets somebody read after a month alone", said)
		}
	}
}

// Nor does a session last longer than a day, whatever central says and whatever stands in the
// count; no word at all is 14 hours.
func TestNoWordOfCentralLengthensASessionBeyondADay(t *testing.T) {
	a := &alone{now: time.Now, ran: func() time.Duration { return 0 }}
	for said, want := range map[time.Duration]time.Duration{0: 14 * time.Hour, 25 * time.Hour: 24 * time.Hour, 1 << 62: 24 * time.Hour, -time.Hour: time.Hour, 8 * time.Hour: 8 * time.Hour} {
		a.obey(lease.Limits{Session: said}, bulk.Limits{})
		if _, l := a.count(); l.Session != want {
			t.Errorf("told %v a session lasts %v, want %v", said, l.Session, want)
		}
		a.limits = lease.Limits{Session: said} // as a row that was written over would have it
		if _, l := a.count(); l.Session != want {
			t.Errorf("with %v in its count a session lasts %v, want %v", said, l.Session, want)
		}
	}
}
