package node

import (
	"context"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/tidy"
)

// How memory is given back: where the journal is quiet, and the program holds
// more than it did after it gave back last. After a wave of stations that come
// back at once, their handshakes have left several times of what the stations
// need from then on.
const (
	tidyEvery = 10 * time.Second
	tidyQuiet = 50       // entries in that time
	tidyWorth = 24 << 20 // bytes
)

// tidy gives memory back from time to time, until ctx ends.
func (n *Node) tidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	last, g := n.journal.Head().Position, tidy.Giver{Worth: tidyWorth}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		head := n.journal.Head().Position
		if quiet(last, head) {
			g.Give()
		}
		last = head
	}
}

func quiet(last, head record.Position) bool { return head < last+tidyQuiet }
