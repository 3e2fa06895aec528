package node

import (
	"context"
	"sync"
	"time"

	"wardlight/internal/central/enrol"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// spoken is what computers named at the beginning of their sessions, until it is noted,
// and when each said last how long its chain of looks is. Safe for concurrent use.
type spoken struct {
	queue chan hello // what a session must not wait for
	mu    *sync.Mutex
	ends  map[record.StationID]time.Time // since when it is waited for, or when it was said
}

type hello struct {
	station record.StationID
	named   []uint16
}

// The front office knows the protocol's one number that it asks for, and not the protocol.
var _ = [1]struct{}{}[enrol.ChainEnd-uint16(wire.CapEnd)]

// maxHellos are as many as there are sessions.
const maxHellos = 4096

func newSpoken() spoken {
	return spoken{queue: make(chan hello, maxHellos), mu: &sync.Mutex{}, ends: map[record.StationID]time.Time{}}
}

// note takes what a hello named. Where too many wait it is let go: the next session of
// that computer says it again.
func (s *spoken) note(station record.StationID, named []wire.Capability) {
	h := hello{station: station}
	for _, c := range named {
		h.named = append(h.named, uint16(c))
	}
	select {
	case s.queue <- h:
	default:
	}
}

func (s *spoken) declared(station record.StationID, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends[station] = at
}

// silent says whether nothing was heard of a computer's chain for too long, counted from
// the beginning of its session.
func (s *spoken) silent(station record.StationID, since, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.ends[station]
	if last.Before(since) {
		last = since
	}
	return now.Sub(last) > silentAfter
}

// silentAfter is five of the minutes in which a computer asks how it stands.
const silentAfter = 5 * time.Minute

// listen notes what computers name, and looks after those that say nothing of their chains,
// until ctx ends.
func (n *Node) listen(ctx context.Context) {
	every := n.conf.Heed
	if every <= 0 {
		every = time.Minute
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case h := <-n.spoken.queue:
			n.noteSpoken(ctx, h)
		case <-tick.C:
			n.lookForSilence(ctx)
		}
	}
}

func (n *Node) noteSpoken(ctx context.Context, h hello) {
	lacks, err := n.office.Spoke(ctx, string(h.station), h.named)
	switch {
	case ctx.Err() != nil || fault.Is(err, fault.Denied) || fault.Is(err, fault.Unknown): // it was withdrawn meanwhile
	case err != nil:
		n.conf.Log.Error("what a computer can do of the protocol could not be noted; its next session says it again", "station", string(h.station), "err", err)
	case len(lacks) > 0:
		n.conf.Log.Error("a computer names less of the protocol than it did before: its program was replaced by an older one, or somebody speaks in its place; if it is meant: wardlightd stations allow-older", "station", string(h.station))
	}
}

// lookForSilence has whoever is connected and says nothing of their chain on record.
func (n *Node) lookForSilence(ctx context.Context) {
	h := n.serving.Load()
	if h == nil {
		return
	}
	now := n.conf.Now()
	for _, s := range h.Sessions() {
		if !n.spoken.silent(s.Station, time.UnixMilli(s.Since), now) {
			continue
		}
		if err := n.office.IsSilent(ctx, s.Station); err != nil && ctx.Err() == nil {
			n.conf.Log.Error("that a computer says nothing of its chain of looks could not be put on record", "station", string(s.Station), "err", err)
		}
	}
}

// connected says since when a computer's session stands.
func (n *Node) connected(s record.StationID) (time.Time, bool) {
	h := n.serving.Load()
	if h == nil {
		return time.Time{}, false
	}
	for _, i := range h.Sessions() {
		if i.Station == s {
			return time.UnixMilli(i.Since), true
		}
	}
	return time.Time{}, false
}

func (n *Node) allowOlder(ctx context.Context, o Order, emit Emit) error {
	if o.Args["reason"] == "" {
		return fault.New(fault.Invalid, "node.allowolder", o.Args["station"], "say why, for the audit trail: --reason")
	}
	if err := n.office.AllowOlder(ctx, o.Args["station"]); err != nil {
		return err
	}
	return emit(map[string]any{"station": o.Args["station"], "may_be_older": true})
}
