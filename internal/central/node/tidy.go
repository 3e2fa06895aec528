package node

import (
	"context"
	"path/filepath"
	"strings"
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

	// mappedMost is how much of the journal's mapped tables may stay in memory where
	// little comes in. A page stays once it was read or written, and a filling touches
	// every one: two gigabytes with a million results.
	mappedMost = 256 << 20
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
			n.letPagesGo(tidy.Mapped())
		}
		last = head
	}
}

func quiet(last, head record.Position) bool { return head < last+tidyQuiet }

// letPagesGo returns the pages of the journal's tables to the system, where more than
// enough of them are in memory. What is wanted again is read again.
func (n *Node) letPagesGo(mapped uint64) {
	if mapped > mappedMost {
		tidy.PageOut(n.isTable)
	}
}

// isTable says whether a file is a table of the journal's.
func (n *Node) isTable(path string) bool {
	dir, err := filepath.Abs(filepath.Join(n.conf.Dir, n.conf.journalAt))
	return err == nil && filepath.Ext(path) == ".sst" && strings.HasPrefix(path, dir+string(filepath.Separator))
}
