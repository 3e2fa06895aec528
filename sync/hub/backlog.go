package hub

import "wardlight/sync/wire"

// MaxBacklog bounds what a Session holds in memory with the default Limits,
// whatever the station sends or does not acknowledge: mutations that wait for
// their lane or are being submitted, and what is known of pieces under way.
const MaxBacklog = defaultPush + wire.MaxPush + defaultLanes + defaultBatches + wire.MaxChunkCredit

// Backlog counts what the session holds now.
func (s *Session) Backlog() int {
	return len(s.up.queue) + len(s.up.busy) + len(s.down.window) + len(s.down.chunks)
}
