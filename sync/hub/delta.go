package hub

import (
	"context"
	"slices"

	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/sync/wire"
)

// largeBody is from where on a resource is large enough to be sent as what
// differs from the version that the station holds.
const largeBody = 2 << 10

// deltaOf is a batch against what the station holds, where that is worth it: most
// of it are new versions of large resources. A batch of many small ones packs
// better by itself. What cannot be found out is sent whole.
func deltaOf(ctx context.Context, src Source, dev record.Device, b record.Batch, msg *wire.Batch, with compact.Dictionary) *wire.Delta {
	large := 0
	for _, c := range b.Changes {
		if len(c.Body) >= largeBody && c.Version > 1 {
			large += len(c.Body)
		}
	}
	if with == 0 || 2*large < len(msg.Body) {
		return nil
	}
	held, err := src.Held(ctx, dev, b, largeBody, wire.MaxBases)
	if err != nil {
		return nil
	}
	m, err := wire.SealDelta(b.From, b.To, msg, held, with)
	if err != nil {
		return nil
	}
	return m
}

// against is what the next batch may be packed with against what the station
// holds; 0 where it does not know such batches, or has asked for this one whole.
func (s *Session) against() compact.Dictionary {
	if !s.can(wire.CapDelta) || s.down.sent.Position < s.down.wholeTo {
		return 0
	}
	return s.dictionary
}

// askWhole goes back to where the station stands, and sends from there as it is
// what it had sent since: the station has dropped all of that. What is being
// fetched follows what was dropped, too.
func (s *Session) askWhole(ask *wire.AskWhole) {
	d := &s.down
	if !s.can(wire.CapDelta) {
		s.bye(wire.ByeProtocol, "Nobody agreed on deltas.")
		return
	}
	i := slices.IndexFunc(d.window, func(p pending) bool { return p.delta && p.from.Position == ask.From })
	if s.phase != phaseTail || i < 0 {
		return // a copy
	}
	d.wholeTo = d.sent.Position
	d.sent = d.window[i].from
	d.window = d.window[:i]
	d.news, d.ignore = true, d.fetching
}
