package seat

import (
	"context"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
	"wardlight/internal/trust/keys"
	"wardlight/sync/client"
	"wardlight/sync/wire"
)

// linkState puts what the sync client says into the desk's words.
func linkState(l client.LinkState) desk.LinkState {
	out := desk.LinkState{
		Connected: l.Connected, Server: l.Server, Central: l.Central, Cursor: l.Cursor, CaughtUp: l.CaughtUp,
		Offset: l.Offset, Measured: l.Measured, Sending: l.Connected && l.Waiting > 0, Refused: l.Refused.Words,
	}
	if l.Snapshot.Active {
		out.Loading = &ward.Progress{
			Part: uint8(l.Snapshot.Part),
			Done: l.Snapshot.Done, Total: l.Snapshot.Total, Waiting: l.Snapshot.Waiting, Before: l.Snapshot.Before,
		}
	}
	return out
}

// shutOut says whether central has turned this computer away for what it is: revoked
// or unknown, its certificate expired, or one of two with one identity. A computer
// that only has another version, or a full disk, is still the ward's.
func shutOut(r client.Refusal) bool {
	switch r.Reason {
	case "certificate", wire.ByeDenied.String(), wire.ByeCloned.String():
		return true
	}
	return false
}

// anchor keeps the cache's memory outside its folder, in the keyring.
type anchor struct {
	secrets keys.Secrets
	station record.StationID
}

func (a anchor) account() string { return "anchor/" + string(a.station) }

// Load implements cache.Anchor.
func (a anchor) Load(ctx context.Context) ([]byte, error) { return a.secrets.Get(ctx, a.account()) }

// Save implements cache.Anchor.
func (a anchor) Save(ctx context.Context, b []byte) error {
	return a.secrets.Set(ctx, a.account(), b)
}

// headsWithin is how long a report waits for central's word.
const headsWithin = 5 * time.Second

// heads asks central what it holds about patients.
func (s *Seat) heads(ctx context.Context, patients []fhir.ID) (map[fhir.ID]record.Head, error) {
	s.mu.Lock()
	sc := s.sync
	s.mu.Unlock()
	if sc == nil {
		return nil, fault.New(fault.Unavailable, "seat.heads", "", "the station is closed")
	}
	ctx, cancel := context.WithTimeout(ctx, headsWithin)
	defer cancel()
	return sc.Heads(ctx, patients)
}
