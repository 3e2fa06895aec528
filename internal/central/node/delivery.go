package node

import (
	"context"
	"time"
)

// How soon an undelivered critical result is told of. The promise is 30 s from
// its arrival to the words on every other screen: it is watched every second,
// told after ten, and a status goes out every three.
const (
	watchEvery = time.Second
	graceShown = 10 * time.Second
)

// watchDelivery follows the journal for as long as central serves.
func (n *Node) watchDelivery(ctx context.Context) {
	for {
		grown := n.journal.Grown()
		if err := n.delivery.Follow(ctx); err != nil && ctx.Err() == nil {
			n.conf.Log.Error("which critical results are on no screen cannot be read", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEvery):
		}
		select {
		case <-ctx.Done():
			return
		case <-grown:
		}
	}
}
