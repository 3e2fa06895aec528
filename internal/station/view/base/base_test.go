package base_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
)

func wait(t *testing.T, q *base.Queue, ok func() bool) {
	t.Helper()
	for range 10_000 {
		q.Drain()
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("it did not happen")
}

// A slow, stale answer must never replace a newer one: in a list of patients
// that would be the wrong patients.
func TestAStaleAnswerIsNeverShown(t *testing.T) {
	var q base.Queue
	release := make(chan struct{})
	var n atomic.Int32
	var shown []string
	l := base.NewLoader(&q, func(context.Context) (string, error) {
		if n.Add(1) == 1 {
			<-release
			return "first patient", nil
		}
		return "second patient", nil
	}, func(s string, _ error) { shown = append(shown, s) })
	l.Reload()
	wait(t, &q, func() bool { return n.Load() == 1 }) // the first read is under way
	l.Cancel()
	l.Reload()
	wait(t, &q, func() bool { return len(shown) == 1 })
	close(release)
	time.Sleep(20 * time.Millisecond)
	q.Drain()
	if len(shown) != 1 || shown[0] != "second patient" {
		t.Errorf("shown: %v", shown)
	}
}

func TestManyReloadsBecomeOneMore(t *testing.T) {
	var q base.Queue
	gate, reads, shown := make(chan struct{}), 0, 0
	l := base.NewLoader(&q, func(context.Context) (int, error) {
		reads++
		<-gate
		return reads, nil
	}, func(int, error) { shown++ })
	for i := 0; i < 50; i++ {
		l.Reload()
	}
	close(gate)
	wait(t, &q, func() bool { return shown == 2 })
	if reads != 2 {
		t.Errorf("%d reads for 50 reloads", reads)
	}
}

// A display that draws slowly is given what is true then, not a queue of what
// was true before.
func TestASlowDisplayGetsNoQueueOfOldStates(t *testing.T) {
	var q base.Queue
	reads, shown := 0, 0
	l := base.NewLoader(&q, func(context.Context) (int, error) { reads++; return reads, nil }, func(v int, _ error) { shown = v })
	for range 20 {
		l.Reload()
		time.Sleep(2 * time.Millisecond) // news comes, the display does not draw
	}
	for end := time.Now().Add(time.Minute); q.Len() == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if n := q.Drain(); n != 1 {
		t.Errorf("%d states were queued", n)
	}
	wait(t, &q, func() bool { return shown == 2 })
	if reads != 2 {
		t.Errorf("%d reads for a display that drew twice", reads)
	}
}

func TestConcerns(t *testing.T) {
	some := ward.Notice{Kind: ward.NoticePatients, Patients: []ward.PatientID{"p1"}}
	if !base.Concerns(some, "p1") || base.Concerns(some, "p2") {
		t.Error("a notice about p1 concerns p1 alone")
	}
	if !base.Concerns(ward.Notice{Kind: ward.NoticePatients}, "p2") || !base.Concerns(ward.Notice{Kind: ward.NoticeLink}, "p2") {
		t.Error("notices about all concern everybody")
	}
}

// An answer that comes at once is shown before ReloadWithin returns; a slow one
// comes by the Dispatcher, and neither is shown twice or after Cancel.
func TestAQuickAnswerIsShownAtOnce(t *testing.T) {
	q := &base.Queue{}
	slow := make(chan struct{})
	var held atomic.Bool
	var shown []int
	var n atomic.Int64
	l := base.NewLoader(q, func(context.Context) (int, error) {
		if held.Load() {
			<-slow
		}
		return int(n.Add(1)), nil
	}, func(v int, _ error) { shown = append(shown, v) })
	l.ReloadWithin(5 * time.Second)
	if len(shown) != 1 || shown[0] != 1 {
		t.Fatalf("a quick answer: %v", shown)
	}
	time.Sleep(10 * time.Millisecond) // the reader comes to rest
	held.Store(true)
	l.ReloadWithin(time.Millisecond)
	if len(shown) != 1 {
		t.Fatalf("a slow answer was waited for: %v", shown)
	}
	slow <- struct{}{}
	for range 20_000 {
		q.Drain()
		if len(shown) == 2 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if len(shown) != 2 || shown[1] != 2 {
		t.Fatalf("the slow answer did not come: %v", shown)
	}
	time.Sleep(10 * time.Millisecond)
	l.ReloadWithin(time.Millisecond)
	l.Cancel()
	slow <- struct{}{}
	time.Sleep(10 * time.Millisecond)
	if q.Drain(); len(shown) != 2 {
		t.Errorf("shown after Cancel: %v", shown)
	}
}
