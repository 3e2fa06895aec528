package node

import (
	"context"
	"fmt"
	"time"

	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/wallclock"
)

// lookAtClock is how often it is asked whether central's clock was set.
const lookAtClock = 5 * time.Second

// watchClock puts on record that central's clock was set, until ctx ends: the times of
// the journal are of it.
func (n *Node) watchClock(ctx context.Context) {
	var w wallclock.Watch
	tick := time.NewTicker(lookAtClock)
	defer tick.Stop()
	for {
		n.lookAtOwnClock(ctx, &w)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (n *Node) lookAtOwnClock(ctx context.Context, w *wallclock.Watch) {
	if from, by, set := w.Look(n.conf.Now(), n.conf.Uptime()); set {
		n.clockSet(ctx, from, from.Add(by))
	}
}

func (n *Node) clockSet(ctx context.Context, from, to time.Time) {
	e := audit.Event{
		Action: audit.Config, Recorded: to, Observer: "central", Purpose: audit.Operations, Who: audit.Who{Sender: "wardlight"},
		Details: []audit.Detail{
			{Name: "what", Value: "the clock was set"},
			{Name: "from", Value: from.UTC().Format(time.RFC3339)},
			{Name: "to", Value: to.UTC().Format(time.RFC3339)},
			{Name: "by", Value: fmt.Sprintf("%+d s", int(to.Sub(from).Round(time.Second).Seconds()))},
		},
	}
	b, err := e.JSON()
	if err == nil {
		err = n.submit.Audit(ctx, b)
	}
	if err != nil {
		n.conf.Log.Error("that central's clock was set could not be put on record", "err", err)
		return
	}
	n.conf.Log.Warn("central's clock was set", "by", to.Sub(from).Round(time.Second).String())
}
