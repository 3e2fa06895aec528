package node

import (
	"context"
	"time"

	"wardlight/internal/clinical/record"
)

// countRoutinesEvery is how old a count of what became of routines' steps may be: it is
// read when somebody thinks about the next version, not at a bedside.
const countRoutinesEvery = 10 * time.Minute

// countRoutines counts what became of the routines' steps, for as long as central
// serves. Where nothing was written since, nothing is counted.
func (n *Node) countRoutines(ctx context.Context) {
	tick := time.NewTicker(countRoutinesEvery)
	defer tick.Stop()
	var counted record.Position
	for {
		if head := n.journal.Head().Position; head != counted {
			if _, err := n.submit.CountRoutines(ctx); err != nil && ctx.Err() == nil {
				n.conf.Log.Error("what became of the routines' steps was not counted; it is tried again", "err", err)
			}
			counted = n.journal.Head().Position
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
