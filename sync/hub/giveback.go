package hub

import (
	"wardlight/internal/fault"
	"wardlight/sync/wire"
)

// giveBack hands on a batch of before the restore, one at a time: a station
// sends the next only after the answer.
func (s *Session) giveBack(b *wire.GiveBack) {
	switch {
	case !s.can(wire.CapGiveBack):
		s.bye(wire.ByeProtocol, "Nobody agreed on giving back.")
	case s.phase == phaseDoubt || s.up.taking:
		// The next session asks again; or a copy.
	default:
		s.up.taking = true
		s.do(TakeBack{Batch: b})
	}
}

func (s *Session) tookBack(ev TookBack) {
	s.up.taking = false
	msg := &wire.Given{Number: ev.Number}
	switch fault.KindOf(ev.Err) {
	case fault.Corrupt, fault.Invalid, fault.Denied, fault.Unsupported:
		msg.Why = fault.KindOf(ev.Err).String()
	default:
		if ev.Err != nil {
			msg.RetryMS = s.retryMS()
		}
	}
	s.send(msg)
}
