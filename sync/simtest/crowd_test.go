package simtest_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/sync/client"
	"wardlight/sync/hub"
	"wardlight/sync/simtest"
	"wardlight/sync/wire"
)

// crowdedSource counts how many read a snapshot at once, and makes each take a
// moment.
type crowdedSource struct {
	hub.Source
	now, most atomic.Int64
}

func (c *crowdedSource) Chunk(ctx context.Context, dev record.Device, from record.Resume, maxBytes int) (record.Chunk, error) {
	c.most.Store(max(c.most.Load(), c.now.Add(1)))
	defer c.now.Add(-1)
	time.Sleep(5 * time.Millisecond)
	return c.Source.Chunk(ctx, dev, from, maxBytes)
}

// After a power cut everybody wants everything at once: a few are filled at a
// time, the others see how many are before them, and meanwhile what was written
// goes up and critical results come.
func TestAPowerCutsCrowdIsFilledInTurn(t *testing.T) {
	src := &crowdedSource{}
	h := openHouseWith(t, hub.Timing{Idle: 20 * time.Millisecond}, func(c *hub.Config) {
		src.Source, c.Source = c.Source, src
		c.Limits = hub.Limits{Snapshots: 3, Bytes: 8 << 10}
	})
	h.fill(400)
	const n = 40
	var crowd []*computer
	for i := range n {
		crowd = append(crowd, h.stationAt(fmt.Sprintf("s%02d", i), client.Timing{Heartbeat: 200 * time.Millisecond}))
	}
	last := crowd[n-1]
	eventually(t, "the last one is connected", 20*time.Second, func() bool { return last.link().Connected })
	early := !last.link().CaughtUp
	id := last.write("what cannot wait for a snapshot")
	eventually(t, "it is receipted", 20*time.Second, func() bool { return last.receipted(id) })
	for _, c := range crowd {
		eventually(t, "all are filled", 60*time.Second, func() bool { return c.link().CaughtUp })
	}
	if src.most.Load() > 3 {
		t.Errorf("%d snapshots were read at once", src.most.Load())
	}
	told := 0
	for _, c := range crowd {
		c.mu.Lock()
		if slices.ContainsFunc(c.states, func(s client.LinkState) bool { return s.Snapshot.Waiting }) {
			told++
		}
		c.mu.Unlock()
	}
	if early && told < n/3 {
		t.Errorf("%d of %d were told that they wait", told, n)
	}
}

// Stations that read nothing cost central a window each, and then nothing but
// their cursors: neither memory nor goroutines.
func TestStationsThatReadNothingCostNothing(t *testing.T) {
	// Long enough that on a busy machine the first is not given up before the last
	// has come.
	h := openHouse(t, hub.Timing{Heartbeat: time.Second, Dead: 6 * time.Second, Stall: 4 * time.Second})
	at := h.journal.Head()
	h.fill(3000) // 2.3 MB of results
	before, goroutines := heap(), runtime.NumGoroutine()
	const n = 60
	for i := range n {
		conn := h.raw(fmt.Sprintf("s%02d", i))
		check(t, conn.Write(context.Background(), split(&wire.Hello{Capabilities: wire.Capabilities(), Station: record.StationID(fmt.Sprintf("s%02d", i)), Cursor: at})))
	}
	eventually(t, "all are served", 10*time.Second, func() bool { return len(h.hub.Sessions()) == n })
	if each := (heap() - before) / n; each > 600<<10 {
		t.Errorf("%d KB for each station that reads nothing", each>>10)
	}
	eventually(t, "all are given up", 20*time.Second, func() bool { return len(h.hub.Sessions()) == 0 })
	eventually(t, "their goroutines are gone", 20*time.Second, func() bool { return runtime.NumGoroutine() < goroutines+3*n })
	if left := heap() - before; left > 8<<20 {
		t.Errorf("%d KB are left of them", left>>10)
	}
	fresh := h.station("later", h.tlsOf(h.ca, "later"))
	eventually(t, "others are served as ever", 20*time.Second, func() bool { return fresh.link().CaughtUp })
	fresh.store.with(func(s *simtest.Store) {
		if len(s.Held) != 3002 {
			t.Errorf("%d resources are held", len(s.Held))
		}
	})
}

func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// A station that floods delays itself: another one's single note is receipted as
// if nothing were going on.
func TestAFloodDelaysOnlyItsSender(t *testing.T) {
	h := openHouse(t, hub.Timing{Idle: 20 * time.Millisecond})
	h.submit.slow.Store(int64(2 * time.Millisecond)) // as a disk has it
	flood, quiet := h.station("sa", h.tlsOf(h.ca, "sa")), h.station("sb", h.tlsOf(h.ca, "sb"))
	eventually(t, "both are level", 10*time.Second, func() bool { return flood.link().CaughtUp && quiet.link().CaughtUp })
	const n = 1500
	for i := range n {
		flood.write(fmt.Sprintf("flood %d", i))
	}
	waiting := func() (w int) {
		flood.store.with(func(s *simtest.Store) { w, _ = s.Waiting() })
		return w
	}
	var worst time.Duration
	for i := range 5 {
		id := quiet.write(fmt.Sprintf("quiet %d", i))
		worst = max(worst, eventually(t, "the quiet one's note is receipted", 10*time.Second, func() bool { return quiet.receipted(id) }))
	}
	if left := waiting(); left < n/10 {
		t.Skipf("the flood was over too soon: %d of %d are left", left, n)
	}
	began := time.Now()
	eventually(t, "the flood is over", 60*time.Second, func() bool { return waiting() == 0 })
	if worst > time.Second || worst > time.Since(began) {
		t.Errorf("a single note took %v, the rest of the flood %v", worst, time.Since(began))
	}
	t.Logf("a single note took %v at worst, the rest of the flood %v", worst, time.Since(began))
}
