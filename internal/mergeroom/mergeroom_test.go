package mergeroom_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"wardlight/internal/mergeroom"
)

// small is a Badger that merges soon.
func small(dir string) badger.Options {
	o := badger.DefaultOptions(dir).WithCompression(options.None).WithMemTableSize(1 << 20).WithValueThreshold(64 << 10).
		WithNumMemtables(2).WithNumLevelZeroTables(2).WithNumLevelZeroTablesStall(4).
		WithNumCompactors(2).WithBaseTableSize(256 << 10)
	o.TableSizeMultiplier = 1
	return o
}

func write(t *testing.T, db *badger.DB, round, n int) {
	t.Helper()
	pad := []byte(strings.Repeat("x", 10000))
	for i := range n {
		err := db.Update(func(txn *badger.Txn) error { return txn.Set(fmt.Appendf(nil, "%05d-%d", i, round), pad) })
		if err != nil {
			t.Fatal(err)
		}
	}
}

func tables(t *testing.T, dir string) map[string]bool {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, n := range names {
		have[n] = true
	}
	return have
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not within a minute: ", what)
		}
	}
}

// While there is no room no merge writes a table, reading and writing go on, and
// when there is room everything is merged and nothing is missing.
func TestBadgerAsksBeforeEveryTable(t *testing.T) {
	dir := t.TempDir()
	var room atomic.Bool
	gate := mergeroom.New(room.Load)
	db, err := badger.Open(small(dir).WithLogger(gate))
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, 0, 300) // three tables in memory: level 0 wants to be merged
	until(t, "a merge stands at the gate", gate.Holding)
	for range 20 { // only what is flushed from memory comes meanwhile
		time.Sleep(10 * time.Millisecond)
		for _, l := range db.Levels() {
			if l.Level > 0 && l.NumTables > 0 {
				t.Fatalf("level %d has a table", l.Level)
			}
		}
		if have := len(tables(t, dir)); have > 4 {
			t.Fatalf("%d tables, and no more than the stall lets in can be flushed", have)
		}
	}
	write(t, db, 1, 20)
	room.Store(true)
	merged := func() bool { return db.Levels()[0].NumTables < 2 && !gate.Holding() }
	until(t, "everything is merged", merged)
	below := 0
	for _, l := range db.Levels()[1:] {
		below += l.NumTables
	}
	if asked := gate.Asked(); below == 0 || asked < int64(below) {
		t.Errorf("%d tables were merged, and %d were asked for", below, asked)
	}
	if n := count(t, db); n != 320 {
		t.Errorf("%d of 320 keys are there", n)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func count(t *testing.T, db *badger.DB) (n int) {
	t.Helper()
	err := db.View(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The largest file that a merge makes, and all of them together, stay within
// what Unasked says.
func TestUnaskedIsEnough(t *testing.T) {
	dir := t.TempDir()
	o := small(dir)
	var most atomic.Int64
	known := func() (sum int64) {
		names, _ := filepath.Glob(filepath.Join(dir, "*.sst"))
		for _, n := range names {
			if i, err := os.Stat(n); err == nil {
				sum += i.Size()
			}
		}
		return sum
	}
	var before atomic.Int64
	gate := mergeroom.New(func() bool { before.Store(known()); return true })
	db, err := badger.Open(o.WithLogger(gate))
	if err != nil {
		t.Fatal(err)
	}
	quit := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-quit:
				return
			case <-time.After(time.Millisecond):
				if b := before.Load(); b > 0 {
					most.Store(max(most.Load(), known()-b))
				}
			}
		}
	}()
	for round := range 5 {
		write(t, db, round, 500)
	}
	close(quit)
	<-ended
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if got, said := most.Load(), mergeroom.Unasked(o); got == 0 || got > said {
		t.Errorf("%d bytes were added after a look, said are %d", got, said)
	}
}
