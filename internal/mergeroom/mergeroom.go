// Package mergeroom keeps Badger from merging into a full disk.
//
// # Why
//
// Badger makes a file as a hole of its full size, maps it into memory and copies
// into the map. Where the file system has no block left for a page of the hole,
// no write fails: the process gets SIGBUS and ends. A log or a table in memory is
// written because of somebody's commit, and whoever commits can look at the free
// space first. Merging is written whenever Badger likes, and one merge can need
// as much as the whole of level 0.
//
// # How
//
// Badger offers no way to hold its merging. But it tells its logger of every
// table that it has gathered, on the goroutine that then writes the table and
// before that goroutine does; whoever keeps the logger keeps the merge. A Gate is
// such a logger: it lets a merge go on while there is room for everything that
// Badger may be writing unasked at that moment (Unasked), and lets it stand while
// there is not. A merge that stands holds no lock: reading and writing go on,
// until level 0 is full, so that writers have to stop at a higher mark.
//
// # What it promises
//
// No merge ends the process on a disk that fills up, as long as less than
// Unasked is taken between a look and the write that follows it. It cannot help
// where somebody takes all of that in one instant, and on file systems that give
// no blocks for good (copy on write, sparse volumes): there the process may end,
// and what was answered is in Badger's log.
package mergeroom

import (
	"strings"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// beforeTable begins what Badger 4.9.6 says before it writes a table of a merge
// (levelsController.subcompact). TestBadgerAsksBeforeEveryTable fails where
// another version says something else.
const beforeTable = "[%d] LOG Compact. Added "

// lookAgain is how soon a merge that stands asks again.
const lookAgain = 50 * time.Millisecond

// tablesAtOnce is how many tables one merge writes at the same time, at most:
// eight, and one for each of five parts (compactBuildTables, addSplits).
const tablesAtOnce = 8 + 5

// Flushing is how much Badger may have to write for what it holds in memory.
func Flushing(o badger.Options) int64 {
	return int64(o.NumMemtables+1) * o.MemTableSize
}

// Merging is how much merges may be writing at once: one of them possibly the
// whole of level 0 into one table, the others as many tables as they build at
// the same time. What a merge wrote before is in the free space already.
func Merging(o badger.Options) int64 {
	table := o.BaseTableSize
	for range o.MaxLevels - 1 {
		table *= int64(o.TableSizeMultiplier)
	}
	many := tablesAtOnce * table
	levelZero := int64(o.NumLevelZeroTablesStall) * o.MemTableSize
	return max(levelZero, many) + int64(max(o.NumCompactors-1, 0))*many
}

// Unasked is what Badger may be writing at any moment without a commit.
func Unasked(o badger.Options) int64 { return Flushing(o) + Merging(o) }

// Gate is a badger.Logger that says nothing and holds merges back.
type Gate struct {
	room    func() bool
	waiting atomic.Int32
	asked   atomic.Int64
}

var _ badger.Logger = (*Gate)(nil)

// New makes a gate that is open while room says so. room is called from many
// goroutines, before every table.
func New(room func() bool) *Gate { return &Gate{room: room} }

// Holding says whether a merge stands at the gate.
func (g *Gate) Holding() bool { return g.waiting.Load() > 0 }

// Asked counts the tables that merges asked for.
func (g *Gate) Asked() int64 { return g.asked.Load() }

// Debugf holds whoever is about to write a table.
func (g *Gate) Debugf(format string, _ ...any) {
	if !strings.HasPrefix(format, beforeTable) {
		return
	}
	g.asked.Add(1)
	if g.room() {
		return
	}
	g.waiting.Add(1)
	defer g.waiting.Add(-1)
	for !g.room() {
		time.Sleep(lookAgain)
	}
}

// Errorf says nothing: Badger's lines can show keys.
func (g *Gate) Errorf(string, ...any) {}

// Warningf says nothing.
func (g *Gate) Warningf(string, ...any) {}

// Infof says nothing.
func (g *Gate) Infof(string, ...any) {}
