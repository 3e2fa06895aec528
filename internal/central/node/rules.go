package node

import (
	"context"
	"time"

	"wardlight/internal/central/submit"
)

// countRulesEvery is how old a count of what the alert rules did may be: it is read when
// somebody thinks about a rule, not at a bedside.
const countRulesEvery = 10 * time.Minute

// countRules counts how often each alert rule fired and what people did, for as long as
// central serves. Time alone changes it, too: a week goes on, a ladder climbs.
func (n *Node) countRules(ctx context.Context) {
	tick := time.NewTicker(countRulesEvery)
	defer tick.Stop()
	counts := submit.NewRuleCounts(n.submit)
	counts.Rest = resting()
	for {
		if _, err := counts.Count(ctx); err != nil && ctx.Err() == nil {
			n.conf.Log.Error("what the alert rules did was not counted; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// restsFor is how many times as long as a piece of work took central rests after it: the
// count has a fifth of one processor at most.
const restsFor = 4

// resting rests in proportion to the time since it was last called, a second at most.
func resting() func(context.Context) {
	began := time.Now()
	return func(ctx context.Context) {
		rest := time.NewTimer(min(restsFor*time.Since(began), time.Second))
		defer rest.Stop()
		select {
		case <-ctx.Done():
		case <-rest.C:
		}
		began = time.Now()
	}
}
