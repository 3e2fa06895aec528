package node

import (
	"context"
	"sync"

	"wardlight/internal/clinical/record"
)

// chains is how far central held each computer's looks when it was last asked how
// that computer stands. It is in memory: after a start the first question only
// sets it.
type chains struct {
	mu   sync.Mutex
	held map[record.StationID]uint64
}

func (c *chains) before(s record.StationID) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.held[s]
}

func (c *chains) set(s record.StationID, held uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		c.held = map[record.StationID]uint64{}
	}
	c.held[s] = held
}

// declared holds what a computer says of its chain to what it was.
func (n *Node) declared(ctx context.Context, peer record.Peer, seq uint64, mac record.Hash) error {
	s := peer.Device.Station
	held, err := n.submit.Declared(ctx, peer, seq, mac, n.chains.before(s))
	if err == nil {
		n.chains.set(s, held)
		n.spoken.declared(s, n.conf.Now())
	}
	return err
}
