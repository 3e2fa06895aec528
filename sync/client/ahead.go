package client

import (
	"wardlight/internal/clinical/record"
	"wardlight/sync/wire"
)

// maxAhead bounds what overtook and waits for the store. What is over it comes
// in its turn.
const maxAhead = 16

// ahead is the way of critical results that overtake a snapshot or a long tail.
// They are stored as soon as the store is free and move no cursor; the tail
// brings them again.
type ahead struct {
	waiting [][]record.Change
	storing bool
}

func (m *Machine) gotAhead(b record.Batch, now wire.Now) {
	d, a := &m.down, &m.ahead
	switch {
	case !m.online() || d.stopped:
	case !m.forUs(b) || b.Epoch != d.epoch:
		m.hangup(now, wire.ByeProtocol, "what came ahead is for another station or epoch")
	case d.cursor.Epoch != "" && d.cursor.Epoch != d.epoch:
		// All that is held is of another epoch, whose versions are numbered
		// otherwise: only the snapshot can tell which of the two is newer.
	case len(a.waiting) < maxAhead:
		a.waiting = append(a.waiting, b.Changes)
	}
}

func (m *Machine) pumpAhead() {
	a := &m.ahead
	if a.storing || len(a.waiting) == 0 {
		return
	}
	a.storing = true
	m.do(ApplyAhead{Changes: a.waiting[0]})
	a.waiting = a.waiting[1:]
}

// aheadDone: what could not be stored comes again in its turn.
func (m *Machine) aheadDone(err error) {
	m.ahead.storing = false
	if err != nil {
		m.storeFailed(err)
	}
}
