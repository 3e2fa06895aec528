package hub

import (
	"context"
	"slices"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// Rollback is what a station has proven: central signed something that is not
// in its journal any more, though its epoch never changed. Whoever manages the
// machine put it back to an earlier day and told nobody.
type Rollback struct {
	Station record.StationID
	Signed  record.Cursor   // what central once signed
	Shared  record.Position // up to here the journal of then and the one of now are known to agree
}

// Judge weighs a station's proof: central's own signature on a batch or chunk
// that was made for this very station, or for all of some wards, in the present epoch, at a point that
// the journal does not have. Anything less is nothing, so that no station can
// force an epoch on a journal that lost nothing. nil: nothing is proven.
func Judge(ctx context.Context, src Source, verify wire.Verify, station record.StationID, p *wire.Proof) (*Rollback, error) {
	if len(p.Body) == 0 {
		return nil, nil
	}
	for_, at, err := p.Open(verify)
	if err != nil || for_ != "" && for_ != station || at.Epoch != src.Epoch().ID {
		return nil, err
	}
	held, err := src.Holds(ctx, at)
	if err != nil || held {
		return nil, err
	}
	rb := &Rollback{Station: station, Signed: at}
	for _, pt := range p.Trail {
		shared, err := src.Holds(ctx, record.Cursor{Epoch: at.Epoch, Position: pt.Position, Chain: pt.Chain})
		if err != nil {
			return nil, err
		}
		if shared {
			rb.Shared = max(rb.Shared, pt.Position)
		}
	}
	return rb, nil
}

// doubt is a session whose station stands where the journal never was.
type doubt struct {
	until   time.Duration // the proof has to come by then
	weighed bool
}

func (s *Session) can(c wire.Capability) bool { return slices.Contains(s.common, c) }

// doubted stops the exchange. Where both sides can, the station is asked for
// what central signed at its cursor.
func (s *Session) doubted(now wire.Now) {
	if !s.can(wire.CapProof) {
		s.diverged()
		return
	}
	s.phase = phaseDoubt
	s.up.queue = nil // offered again in the next session
	s.doubt.until = now.Mono + s.timing.Greet
	s.send(&wire.Doubt{Head: s.cfg.Head})
}

// diverged ends a session in which nothing is proven: only a person can tell
// which of the two sides was put back.
func (s *Session) diverged() {
	s.do(Diverged{At: s.down.sent})
	s.bye(wire.ByeDiverged, "This computer has received things that the server does not know: one of the two was restored from a backup. Nothing is overwritten; writing goes on here. Tell the administrator.")
}

func (s *Session) proof(p *wire.Proof, now wire.Now) {
	if s.phase != phaseDoubt || s.doubt.weighed {
		return // a copy, or nobody asked
	}
	s.doubt.weighed = true
	s.doubt.until = now.Mono + s.timing.Stall // to weigh it, and to begin an epoch
	s.do(Weigh{Proof: p})
}

func (s *Session) weighed(ev Weighed) {
	switch {
	case s.phase != phaseDoubt:
	case ev.Rollback != nil:
		s.do(BeginEpoch{Rollback: *ev.Rollback})
	case ev.Err != nil && !fault.Is(ev.Err, fault.Corrupt):
		s.bye(wire.ByeUnavailable, "The server cannot read its journal just now.")
	default:
		s.diverged()
	}
}

// epochBegun sends the station away to come back into the new epoch.
func (s *Session) epochBegun(ev Begun) {
	if ev.Err != nil {
		s.diverged()
		return
	}
	s.bye(wire.ByeGoing, "The server was put back to an earlier day and has noticed it. What it lacks is brought to it again.")
}
