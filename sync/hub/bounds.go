package hub

import "wardlight/sync/wire"

// Overdrawn names a bound that the session does not keep; "" means that it keeps
// them all, whatever the station sends or does not acknowledge. It is what
// simulation and fuzzing ask after every step.
func (s *Session) Overdrawn() string {
	switch {
	case len(s.up.queue) > s.limits.Push+wire.MaxPush:
		return "mutations that wait for their lane"
	case s.up.count > s.limits.Lanes || len(s.up.busy) > s.limits.Lanes:
		return "mutations that are being submitted"
	case len(s.down.window) > s.limits.Batches+1:
		return "batches without an acknowledgement"
	case len(s.down.chunks) > 2*wire.MaxChunkCredit:
		return "chunks without an acknowledgement"
	}
	return ""
}
