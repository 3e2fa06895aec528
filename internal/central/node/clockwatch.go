package node

import (
	"context"
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
	look := func() (time.Time, time.Duration, bool) { return w.Look(n.conf.Now(), n.conf.Uptime()) }
	wallclock.Keep(ctx, n.conf.clockEvery, look, n.clockSet, func(err error) {
		n.conf.Log.Error("that central's clock was set could not be put on record; it is tried again", "err", err)
	})
}

func (n *Node) clockSet(ctx context.Context, s wallclock.Setting) error {
	e := audit.Event{
		Action: audit.Config, Recorded: s.To, Observer: "central", Purpose: audit.Operations, Who: audit.Who{Sender: "wardlight"},
		Details: audit.ClockSet(s.From, s.To),
	}
	b, err := e.JSON()
	if err != nil {
		return err
	}
	if err := n.submit.Audit(ctx, b); err != nil {
		return err
	}
	n.conf.Log.Warn("central's clock was set", "by", s.To.Sub(s.From).Round(time.Second).String())
	return nil
}
