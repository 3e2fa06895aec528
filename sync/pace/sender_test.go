package pace_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"wardlight/sync/pace"
	"wardlight/sync/wire"
)

// pen is the other side of a sender: it reads what is written, and answers
// marks when it is told to.
type pen struct {
	mu     sync.Mutex
	in     wire.Assembler
	got    []wire.Message
	frames int
	most   int // bytes of the longest frame
	marks  []uint64
	broken error
}

func (p *pen) Write(_ context.Context, f []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return p.broken
	}
	p.frames++
	p.most = max(p.most, len(f))
	m, _, err := p.in.Next(f)
	if err != nil {
		return err
	}
	if ping, ok := m.(*wire.Ping); ok && ping.ID > 1<<60 {
		p.marks = append(p.marks, ping.ID)
	} else if m != nil {
		p.got = append(p.got, m)
	}
	return nil
}

func (p *pen) types() (list []wire.Type) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.got {
		list = append(list, m.Type())
	}
	return list
}

func (p *pen) longest() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.most
}

func (p *pen) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.frames
}

// answer answers all marks that have come and says whether there were any.
func (p *pen) answer(s *pace.Sender) bool {
	p.mu.Lock()
	marks := p.marks
	p.marks = nil
	p.mu.Unlock()
	for _, id := range marks {
		s.Answered(id, time.Now().UnixMilli())
	}
	return len(marks) > 0
}

// settle waits until it is so, which comes by itself, and then for what should not come.
func settle(is ...func() bool) {
	for end := time.Now().Add(time.Minute); len(is) > 0 && !is[0]() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
}

func put(t *testing.T, s *pace.Sender, m wire.Message) {
	t.Helper()
	if err := s.Put(m, false); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsUrgentOvertakesALongBatch(t *testing.T) {
	p := &pen{in: wire.Assembler{Limit: wire.MaxToStation}}
	s := pace.New(context.Background(), p, func(err error) { t.Error(err) })
	s.Agree(&wire.Welcome{Capabilities: wire.Capabilities()})
	put(t, s, &wire.Batch{Body: make([]byte, 300_000), Sig: []byte{1}})
	put(t, s, &wire.Batch{Body: make([]byte, 10), Sig: []byte{2}})
	settle()
	if n, most := len(p.types()), p.longest(); n != 0 || most > 2<<10 {
		t.Fatalf("%d messages are through, a frame had %d bytes, before the line is known", n, most)
	}
	put(t, s, &wire.Ahead{Body: []byte{1, 0xa0}})
	settle(func() bool { return len(p.types()) == 1 })
	put(t, s, &wire.Ping{ID: 1})
	settle(func() bool { return len(p.types()) == 2 })
	if got := p.types(); len(got) != 2 || got[0] != wire.TypeAhead || got[1] != wire.TypePing {
		t.Fatalf("without any answer, %v are through", got)
	}
	for deadline := time.Now().Add(time.Minute); len(p.types()) < 4 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		p.answer(s)
	}
	got := p.types()
	if len(got) != 4 || got[2] != wire.TypeBatch || got[3] != wire.TypeBatch {
		t.Fatalf("at the end %v are through", got)
	}
	if b := p.got[2].(*wire.Batch); len(b.Body) != 300_000 {
		t.Error("the long batch came second, or was changed")
	}
}

// A peer of before goes without short pieces, but not without pauses.
func TestAnOlderPeerGetsWholeFrames(t *testing.T) {
	p := &pen{in: wire.Assembler{Limit: wire.MaxToStation}}
	s := pace.New(context.Background(), p, func(err error) { t.Error(err) })
	s.Agree(&wire.Welcome{Capabilities: []wire.Capability{1, 2, 3}})
	put(t, s, &wire.Batch{Body: make([]byte, 600_000)})
	put(t, s, &wire.Batch{Body: make([]byte, 600_000)})
	settle(func() bool { return p.count() == 2 })
	if most := p.longest(); p.count() != 2 || most != wire.MaxFrame { // a piece and its mark
		t.Errorf("%d frames, the longest of %d", p.count(), most)
	}
	for deadline := time.Now().Add(time.Minute); len(p.types()) < 2 && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		p.answer(s)
	}
	if len(p.types()) != 2 {
		t.Error("the batches did not get through")
	}
}

func TestAnIdleSenderHoldsNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	var all []*pace.Sender
	for range 100 {
		p := &pen{}
		s := pace.New(context.Background(), p, func(err error) { t.Error(err) })
		put(t, s, &wire.Ping{ID: 1})
		all = append(all, s)
	}
	for range 500 { // ten seconds at most: a busy machine needs some
		if settle(); runtime.NumGoroutine()-before <= 3 {
			break
		}
	}
	if n := runtime.NumGoroutine() - before; n > 3 {
		t.Errorf("%d goroutines for 100 idle senders", n)
	}
	for _, s := range all {
		s.Finish(time.Second)
		s.Wait()
	}
}

// The line is gone, and somebody who has not heard of it yet speaks: nobody would wait
// for a goroutine that begins now.
func TestWhoIsWaitedForBeginsNothing(t *testing.T) {
	p := &pen{}
	s := pace.New(context.Background(), p, func(err error) { t.Error(err) })
	s.Wait()
	put(t, s, &wire.Ping{ID: 1})
	s.Wait()
	if n := p.count(); n > 0 {
		t.Errorf("%d frames were written", n)
	}
}

func TestTheLastWordIsNotKeptWaiting(t *testing.T) {
	p := &pen{in: wire.Assembler{Limit: wire.MaxToStation}}
	s := pace.New(context.Background(), p, func(err error) { t.Error(err) })
	s.Agree(&wire.Welcome{Capabilities: wire.Capabilities()})
	put(t, s, &wire.Batch{Body: make([]byte, 300_000)})
	settle()
	put(t, s, &wire.Bye{Reason: wire.ByeGoing})
	s.Finish(time.Second)
	s.Wait()
	if got := p.types(); len(got) != 1 || got[0] != wire.TypeBye {
		t.Errorf("%v are through, want the bye", got)
	}
}

func TestABrokenLineIsTold(t *testing.T) {
	p, told := &pen{broken: errors.New("cut")}, make(chan error, 2)
	s := pace.New(context.Background(), p, func(err error) { told <- err })
	put(t, s, &wire.Ping{ID: 1})
	select {
	case <-told:
	case <-time.After(time.Second):
		t.Error("nobody was told")
	}
	put(t, s, &wire.Ping{ID: 2})
	s.Finish(time.Second)
	s.Wait()
	if len(told) != 0 {
		t.Error("told twice")
	}
}

// Whatever the callers do, what waits is bounded.
func TestALineThatStandsStillIsNoticed(t *testing.T) {
	s := pace.New(context.Background(), &pen{in: wire.Assembler{Limit: wire.MaxToStation}}, func(err error) { t.Error(err) })
	s.Agree(&wire.Welcome{Capabilities: wire.Capabilities()})
	var err error
	for n := 0; err == nil && n < 2000; n++ {
		err = s.Put(&wire.Batch{Body: make([]byte, 3000)}, false)
	}
	if err == nil {
		t.Error("2,000 batches wait")
	}
}
