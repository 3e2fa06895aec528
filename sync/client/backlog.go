package client

import "wardlight/sync/wire"

// MaxBacklog bounds what a Machine holds in memory, whatever central sends and
// however long the store takes: batches and chunks that wait for the store,
// mutations without a stored receipt, and receipts that wait for their changes.
// A message is bounded by the wire, so this bounds the bytes, too.
const MaxBacklog = 2*maxQueued + wire.MaxPushWindow + 2*maxHeld + 2*wire.MaxReceipts

// Backlog counts what the machine holds now.
func (m *Machine) Backlog() int {
	return len(m.down.batches) + len(m.down.chunks) + len(m.up.flight) + len(m.up.held)
}
