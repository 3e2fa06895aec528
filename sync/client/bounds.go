package client

import "wardlight/sync/wire"

// Overdrawn names a bound that the machine does not keep; "" means that it keeps
// them all, whatever central sends and however long the store takes. A message is
// bounded by the wire, so these bound the bytes, too. It is what simulation and
// fuzzing ask after every step.
func (m *Machine) Overdrawn() string {
	switch {
	case len(m.down.batches) > maxQueued:
		return "batches that wait for the store"
	case len(m.down.chunks) > maxQueued:
		return "chunks that wait for the store"
	case len(m.up.held) > maxHeld+wire.MaxReceipts:
		return "receipts that wait for their changes"
	case len(m.look.had) > maxHad:
		return "words on audit events that wait for their position"
	case len(m.up.flight) > wire.MaxPushWindow+maxHeld+wire.MaxReceipts:
		return "mutations without a stored receipt"
	}
	return ""
}
