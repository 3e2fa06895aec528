package node

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"wardlight/internal/clinical/record"
)

// How memory is given back: where the journal is quiet, and the program holds
// more than it did after it gave back last. After a wave of stations that come
// back at once, their handshakes have left several times of what the stations
// need from then on.
//
// What is alive is not asked: it is known for the last collection only. That one
// fell into the wave, perhaps, when everything was alive, and a server that has
// little to do makes the next one minutes later.
const (
	tidyEvery = 10 * time.Second
	tidyQuiet = 50       // entries in that time
	tidyWorth = 24 << 20 // bytes
)

// tidy gives memory back from time to time, until ctx ends.
func (n *Node) tidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	last, g := n.journal.Head().Position, giver{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		head := n.journal.Head().Position
		if quiet(last, head) {
			g.give()
		}
		last = head
	}
}

func quiet(last, head record.Position) bool { return head < last+tidyQuiet }

// giver gives back what was taken since it gave back last. Its zero value is
// ready.
type giver struct{ after uint64 } // held, when it had given back

func (g *giver) give() {
	now := held()
	g.after = min(g.after, now)
	if now < g.after+tidyWorth {
		return
	}
	debug.FreeOSMemory()
	g.after = held()
}

// held is what the program has of the system's memory.
func held() uint64 {
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	for _, x := range s {
		if x.Value.Kind() != metrics.KindUint64 {
			return 0
		}
	}
	return s[0].Value.Uint64() - s[1].Value.Uint64()
}
