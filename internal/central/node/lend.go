package node

import (
	"context"
	"slices"
	"sync"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/pki"
)

const (
	// maxLendings is how often a computer may ask for a record in lendingsIn: more
	// than any night has emergencies, and too few to find out who is in the hospital.
	maxLendings = 12
	lendingsIn  = time.Hour
	// takeBackEvery is how often it is asked whose hour is over.
	takeBackEvery = 30 * time.Second
)

// lendings count how often each computer asked. Safe for concurrent use; there are
// no more than there are computers.
type lendings struct {
	mu    sync.Mutex
	asked map[record.StationID][]time.Time
}

// another counts a try, and says whether it may be made.
func (l *lendings) another(s record.StationID, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked == nil {
		l.asked = map[record.StationID][]time.Time{}
	}
	recent := slices.DeleteFunc(l.asked[s], func(t time.Time) bool { return now.Sub(t) >= lendingsIn })
	ok := len(recent) < maxLendings
	if ok {
		recent = append(recent, now)
	}
	l.asked[s] = recent
	return ok
}

// lend answers a computer that asks for the record of somebody whom it does not hold.
// Its words name a patient: they are in no log.
func (n *Node) lend(ctx context.Context, peer record.Peer, req pki.LendRequest) (pki.LendAnswer, error) {
	const op = "node.lend"
	station := peer.Device.Station
	if !n.lendings.another(station, n.conf.Now()) {
		n.knocks.note(knock{what: "emergency access was refused: the computer had asked too often", station: station})
		return pki.LendAnswer{}, fault.New(fault.Denied, op, string(station), "This computer has asked for emergency access too often in this hour. Phone the ward where the patient is, or use one of its computers.")
	}
	lent, err := n.submit.Lend(ctx, peer, record.UserID(req.User), req.Who, req.Reason)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		err = fault.As(fault.Invalid, op, "", err) // the words say what to type
	}
	return pki.LendAnswer{Patient: string(lent.Patient), Until: lent.Until.UnixMilli()}, err
}

// takeBackLent ends the loans whose hour is over, until ctx ends.
func (n *Node) takeBackLent(ctx context.Context) {
	tick := time.NewTicker(takeBackEvery)
	defer tick.Stop()
	for {
		if err := n.submit.TakeBackLent(ctx); err != nil && ctx.Err() == nil {
			n.conf.Log.Error("which emergency access is over cannot be looked through; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
