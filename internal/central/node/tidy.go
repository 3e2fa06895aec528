package node

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"wardlight/internal/clinical/record"
)

// How memory is given back: where the journal is quiet, and there is something
// to give. After a wave of stations that come back at once, their handshakes
// have left several times of what the stations need from then on.
const (
	tidyEvery = 10 * time.Second
	tidyQuiet = 50       // entries in that time
	tidyWorth = 24 << 20 // bytes
)

// tidy gives memory back from time to time, until ctx ends.
func (n *Node) tidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	last := n.journal.Head().Position
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		head := n.journal.Head().Position
		if quiet(last, head) && unused() > tidyWorth {
			debug.FreeOSMemory()
		}
		last = head
	}
}

func quiet(last, head record.Position) bool { return head < last+tidyQuiet }

// unused is what the heap holds beyond what is alive: free, or garbage since the
// last collection.
func unused() uint64 {
	s := []metrics.Sample{
		{Name: "/memory/classes/heap/free:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/live:bytes"},
	}
	metrics.Read(s)
	for _, x := range s {
		if x.Value.Kind() != metrics.KindUint64 {
			return 0
		}
	}
	free, objects, live := s[0].Value.Uint64(), s[1].Value.Uint64(), s[2].Value.Uint64()
	return free + objects - min(live, objects)
}
