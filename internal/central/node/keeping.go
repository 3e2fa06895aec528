package node

import (
	"context"
	"time"
)

// letGoEvery is how often it is asked whether a ward has kept somebody who left
// for long enough.
const letGoEvery = 10 * time.Minute

// letGo ends the keeping of whoever left with something still to be done, once
// their time is over, until ctx ends.
func (n *Node) letGo(ctx context.Context) {
	tick := time.NewTicker(letGoEvery)
	defer tick.Stop()
	for {
		if err := n.submit.LetGo(ctx); err != nil && ctx.Err() == nil {
			n.conf.Log.Error("whom a ward keeps after they left cannot be looked through; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
