package hub

import (
	"slices"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// up is the way from the station: a bounded queue in the station's order, and
// the mutations that are with the Submitter. Those of one patient go one after
// another; a patient whose mutation is under way delays no other.
type up struct {
	round  uint32
	number uint32 // of the next push in this round
	queue  []record.Mutation
	busy   map[string]bool // lanes with a mutation at the Submitter
	count  int
	// running counts the runs that are with the Submitter, where it takes runs.
	running int
	// known: the station's cursor is in this journal. Until that is settled nothing
	// is judged: to a journal that was rolled back what comes now would stand before
	// what it lost, and be refused where it builds on that.
	known  bool
	looks  bool // audit events are being stored
	taking bool // a batch of before a restore is being taken back
}

// lane is what is kept in order: a patient's compartment, or one resource that
// belongs to no patient.
func lane(m record.Mutation) string {
	if m.Patient != "" {
		return "p/" + string(m.Patient)
	}
	return m.Ref.String()
}

// push queues what the station offers. A push of an earlier round was sent
// before the station knew that something could not be stored; one out of order
// means that a frame was lost.
func (s *Session) push(p *wire.Push) {
	u := &s.up
	switch {
	case p.Round < u.round || p.Round == u.round && p.Number < u.number:
		return
	case p.Round > u.round || p.Number > u.number:
		s.bye(wire.ByeProtocol, "A push is missing.")
		return
	case len(u.queue)+len(p.Mutations) > s.limits.Push+wire.MaxPush:
		s.bye(wire.ByeProtocol, "More is offered than the window allows.")
		return
	}
	u.number++
	u.queue = append(u.queue, p.Mutations...)
}

// pumpUp hands on every mutation whose lane is free, in order.
func (s *Session) pumpUp() {
	u := &s.up
	switch {
	case !u.known:
		return
	case s.cfg.Runs:
		s.pumpRun()
		return
	}
	if len(u.queue) == 0 || u.count >= s.limits.Lanes {
		return
	}
	waits := map[string]bool{} // lanes with an earlier one still in the queue
	u.queue = slices.DeleteFunc(u.queue, func(m record.Mutation) bool {
		l := lane(m)
		if u.busy[l] || waits[l] || u.count >= s.limits.Lanes {
			waits[l] = true
			return false
		}
		u.busy[l] = true
		u.count++
		s.do(Submit{Mutation: m})
		return true
	})
}

// submitted sends the receipt. Where the mutation could not be stored, all that
// waits is put aside and offered again by the station, so that nothing overtakes
// it in its lane.
func (s *Session) submitted(ev Submitted) {
	u := &s.up
	delete(u.busy, lane(ev.Mutation))
	u.count--
	if ev.Err != nil {
		s.again(ev.Err)
		return
	}
	s.down.owed = max(s.down.owed, ev.Receipt.Position)
	s.sendReceipts([]record.Receipt{ev.Receipt})
}

// again begins a round in which the station offers everything without a receipt
// once more.
func (s *Session) again(err error) {
	u := &s.up
	u.queue = nil
	u.round++
	u.number = 0
	s.send(&wire.Receipts{Round: u.round, RetryMS: s.retryMS(), Why: fault.KindOf(err).String()})
}

// sendReceipts sends receipts in as many messages as it takes.
func (s *Session) sendReceipts(list []record.Receipt) {
	for part := range slices.Chunk(list, wire.MaxReceipts) {
		if s.can(wire.CapBrief) {
			s.send(wire.Brief(part))
			continue
		}
		s.send(&wire.Receipts{Receipts: part})
	}
}

func (s *Session) retryMS() uint32 {
	return uint32(s.timing.Retry.Milliseconds()) //nolint:gosec // a small positive setting
}

// looks hands audit events on, one message at a time.
func (s *Session) looks(l *wire.Looks) {
	if s.up.looks {
		return // a copy: a station sends the next only after an answer
	}
	s.up.looks = true
	s.do(StoreLooks{Looks: l.Looks})
}

func (s *Session) looksStored(ev LooksStored) {
	s.up.looks = false
	if fault.Is(ev.Err, fault.Conflict) {
		s.do(Cloned{})
		s.bye(wire.ByeCloned, "Another computer sends under this computer's identity, or this one was put back to an older copy of its disk. What is written here is kept and not sent. Ask IT to give this computer a new identity: wardlight enrol --again.")
		return
	}
	msg := &wire.LooksReceived{UpTo: ev.UpTo}
	if s.can(wire.CapLooksAt) {
		msg.At = ev.At
	}
	if ev.Err != nil {
		msg.RetryMS = s.retryMS()
	}
	s.send(msg)
}
