package hub

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/wire"
)

// tale is a journal of some entries that fill whatever batch is asked for. One
// behind them all becomes critical when alarm is rung.
type tale struct {
	Source
	alarm atomic.Bool
	entry int // the least size of one
}

const taleHead = 40

func (l *tale) Epoch() record.Epoch    { return record.Epoch{ID: "e1"} }
func (l *tale) Epochs() []record.Epoch { return []record.Epoch{{ID: "e1"}} }
func (l *tale) Head() record.Cursor    { return record.Cursor{Epoch: "e1", Position: taleHead} }
func (l *tale) Grown() <-chan struct{} { return nil }

func (l *tale) Batch(_ context.Context, dev record.Device, from record.Cursor, maxBytes int) (record.Batch, bool, error) {
	b := record.Batch{Epoch: "e1", From: from.Position, To: min(from.Position+1, taleHead), Station: dev.Station}
	if from.Position < taleHead {
		body := fhir.Resource(strings.Repeat("x", max(maxBytes, l.entry)))
		b.Changes = []record.Change{{Ref: fhir.Ref{Type: fhir.TypeObservation, ID: fhir.ID(fmt.Sprint(b.To))}, Version: 1, Body: body}}
	}
	return b, b.To < taleHead, nil
}

func (l *tale) Held(context.Context, record.Device, record.Batch, int, int) ([]record.Change, error) {
	return nil, nil
}

func (l *tale) Stands(context.Context, record.Device) error { return nil }

func (l *tale) Ahead(_ context.Context, dev record.Device, after record.Position, _ int) (record.Batch, bool, error) {
	b := record.Batch{Epoch: "e1", From: after, To: taleHead, Station: dev.Station}
	if l.alarm.Load() {
		b.Changes = []record.Change{{Ref: fhir.Ref{Type: fhir.TypeObservation, ID: "k"}, Version: 1, Tags: []string{record.TagCritical}}}
	}
	return b, false, nil
}

// listener is a station's end of a connection. It hears what is written to it only
// while it reads, and answers it.
type listener struct {
	in    chan []byte
	shut  chan struct{}
	once  sync.Once
	reads bool
	pause time.Duration // before each frame
	bytes atomic.Uint64

	mu      sync.Mutex
	parts   wire.Assembler
	applied record.Position
	ahead   int
	bye     wire.Reason
}

func listen(h *Hub, name string, reads bool, pause time.Duration) *listener {
	l := &listener{in: make(chan []byte, 1024), shut: make(chan struct{}), reads: reads, pause: pause, parts: wire.Assembler{Limit: wire.MaxToStation}}
	l.say(&wire.Hello{Capabilities: wire.Capabilities(), Station: record.StationID(name), Cursor: record.Cursor{Epoch: "e1"}})
	go func() {
		_ = h.Serve(context.Background(), l, record.Peer{Device: record.Device{Station: record.StationID(name)}})
	}()
	return l
}

func (l *listener) say(m wire.Message) {
	frames, err := wire.Split(m, 0)
	if err != nil {
		panic(err)
	}
	for _, f := range frames {
		l.in <- f
	}
}

func (l *listener) Read(ctx context.Context) ([]byte, error) {
	select {
	case f := <-l.in:
		return f, nil
	case <-l.shut:
		return nil, context.Canceled
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *listener) Write(ctx context.Context, frame []byte) error {
	if !l.reads {
		select {
		case <-l.shut:
		case <-ctx.Done():
		}
		return context.Canceled
	}
	time.Sleep(l.pause)
	l.mu.Lock()
	defer l.mu.Unlock()
	m, _, err := l.parts.Next(frame)
	if err != nil {
		return err
	}
	switch m := m.(type) {
	case *wire.Batch:
		b, err := m.Open(func(_, _ []byte) error { return nil })
		if err != nil {
			return err
		}
		l.applied = b.To
		l.say(&wire.Applied{Position: b.To})
	case *wire.Ahead:
		l.ahead++
	case *wire.Bye:
		l.bye = m.Reason
	case *wire.Ping:
		l.say(&wire.Pong{ID: m.ID, Wall: m.Wall, Mine: time.Now().UnixMilli()})
	}
	return nil
}

// Received grows: whoever does not read is alive all the same.
func (l *listener) Received() uint64 { return l.bytes.Add(1) }

func (l *listener) Close() error {
	l.once.Do(func() { close(l.shut) })
	return nil
}

func (l *listener) heard() (applied record.Position, ahead int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.applied, l.ahead
}

func hubOver(t *testing.T, src Source, limits Limits, timing Timing) *Hub {
	t.Helper()
	h, err := NewHub(Config{
		Source: src, Status: func() record.Central { return record.Central{} }, Sign: func([]byte) []byte { return []byte{1} },
		Submitter: struct{ Submitter }{}, Limits: limits, Timing: timing,
		Without: []wire.Capability{wire.CapShared, wire.CapDelta}, // each has its own bytes
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := h.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return h
}

func soon(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func heapNow() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// A thousand stations that read nothing have windows of a quarter of a gigabyte.
// Together they cost what they may, and nobody else notices: a station that reads
// gets everything, and of one that reads slowly, behind a long tail, what is
// critical comes first.
func TestAThousandStationsThatReadNothingCostTheBoundTogether(t *testing.T) {
	const n, limit, around = 1000, 4 << 20, 40 << 10 // of each: goroutines, queues
	src := &tale{}
	h := hubOver(t, src, Limits{Unsent: limit}, Timing{})
	before := heapNow()
	var all []*listener
	for i := range n {
		all = append(all, listen(h, fmt.Sprint("deaf", i), false, 0))
	}
	soon(t, "all are served", func() bool { return len(h.Sessions()) == n })
	soon(t, "the bound is used", func() bool { return h.Unsent() >= limit })
	most := 0
	for range 50 {
		most = max(most, h.Unsent())
		time.Sleep(2 * time.Millisecond)
	}
	if bound := limit + n*2*leastSize; most > bound {
		t.Errorf("%d KB wait to be sent, the bound is %d KB", most>>10, bound>>10)
	}
	if took := heapNow() - before; took > limit+n*(leastSize+around) {
		t.Errorf("%d KB of memory for %d stations", took>>10, n)
	} else {
		t.Logf("%d KB of memory, %d KB of them wait to be sent", took>>10, h.Unsent()>>10)
	}

	keen, slow := listen(h, "keen", true, 0), listen(h, "slow", true, 5*time.Millisecond)
	soon(t, "the slow one reads", func() bool { at, _ := slow.heard(); return at > 2 })
	src.alarm.Store(true)
	// The next word of the journal.
	h.mu.Lock()
	r := h.sessions["slow"]
	h.mu.Unlock()
	r.post(Grown{})
	soon(t, "what is critical is there", func() bool { _, k := slow.heard(); return k > 0 })
	if at, _ := slow.heard(); at >= taleHead {
		t.Error("what is critical came after everything else")
	}
	for _, l := range []*listener{keen, slow} {
		soon(t, "who reads gets everything", func() bool { at, _ := l.heard(); return at == taleHead })
	}
	if got := len(h.Sessions()); got != n+2 {
		t.Errorf("%d stations are served at the end", got)
	}
	runtime.KeepAlive(all)
}

// What is bigger than the room that there is waits for it, and those who hold it
// without letting anything through are sent away meanwhile; who reads is not.
func TestABigEntryGetsItsRoom(t *testing.T) {
	src := &tale{entry: 300 << 10}
	h := hubOver(t, src, Limits{Unsent: 1 << 20}, Timing{Stall: 2 * time.Second})
	var deaf []*listener
	for i := range 10 {
		deaf = append(deaf, listen(h, fmt.Sprint("deaf", i), false, 0))
	}
	soon(t, "the room is taken", func() bool { return h.Unsent() > 700<<10 })
	keen := []*listener{listen(h, "k1", true, 0), listen(h, "k2", true, 0), listen(h, "k3", true, 0)}
	most := 0
	for _, l := range keen {
		soon(t, "who reads gets everything", func() bool {
			most = max(most, h.Unsent())
			at, _ := l.heard()
			return at == taleHead
		})
	}
	if most > 1<<20+13*2*leastSize {
		t.Errorf("%d KB waited to be sent", most>>10)
	}
	left := h.Sessions()
	if slices.ContainsFunc(keen, func(l *listener) bool { return l.bye != 0 }) || len(left) < len(keen) {
		t.Errorf("who reads was sent away: %v", left)
	}
	runtime.KeepAlive(deaf)
}

// What several read together is counted once, and as long as anybody holds it; and
// when everybody has gone nothing is held.
func TestWhatIsSharedIsCountedOnce(t *testing.T) {
	u := newUnsent(100)
	a, b := u.enter(func() {}), u.enter(func() {})
	take := func(c *claim, key any, want, least int) int {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		n, _ := c.take(ctx, key, want, least, time.Minute, func() {})
		return n
	}
	if take(a, "one", 80, 0) != 80 || take(b, "one", 80, 0) != 80 || u.bytes() != 80 {
		t.Errorf("%d are held", u.bytes())
	}
	a.drop("one")
	if u.bytes() != 80 || take(a, "two", 80, 10) != 10 {
		t.Errorf("%d are held, another one not at once", u.bytes())
	}
	if take(a, "three", 80, 10) != 0 {
		t.Error("who holds the least already got it again")
	}
	b.leave()
	if u.bytes() != 10 || take(a, "three", 80, 10) != 80 {
		t.Errorf("after one has gone: %d", u.bytes())
	}
	a.leave()
	if u.bytes() != 0 || len(u.items)+len(u.waiting)+len(u.claims) != 0 {
		t.Errorf("at the end: %d bytes, %d items, %d wait", u.bytes(), len(u.items), len(u.waiting))
	}
}

// Room goes to whoever asked first: what is big is not kept waiting by what is small
// and comes later.
func TestRoomIsGivenInOrder(t *testing.T) {
	u := newUnsent(100)
	a, b, c := u.enter(func() {}), u.enter(func() {}), u.enter(func() {})
	a.hold("x", 60, nil)
	c.hold("y", 1, nil)
	got := make(chan string, 2)
	ask := func(cl *claim, name string, want int) {
		go func() {
			if _, err := cl.take(context.Background(), name, want, 0, time.Minute, func() {}); err == nil {
				got <- name
			}
		}()
		soon(t, name+" waits or has it", func() bool {
			u.mu.Lock()
			defer u.mu.Unlock()
			return len(u.waiting) > 0 && u.waiting[len(u.waiting)-1].key == name || u.items[name].holders > 0
		})
	}
	ask(b, "big", 90)
	ask(c, "small", 10)
	select {
	case name := <-got:
		t.Fatalf("%s did not wait", name)
	case <-time.After(30 * time.Millisecond):
	}
	a.drop("x")
	if first := <-got; first != "big" {
		t.Errorf("%s came first", first)
	}
	b.drop("big")
	if second := <-got; second != "small" {
		t.Errorf("then %s", second)
	}
}
