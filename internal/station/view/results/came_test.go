package results_test

import (
	"context"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/results"
)

// A colleague takes the potassium that is open while F5 is on its way. The
// corrected result that takes its place on the page is another patient's: the
// key does not answer it, and neither does its repetition.
func TestALineThatCameByItselfIsNotAnsweredAtOnce(t *testing.T) {
	items := []ward.InboxItem{
		item(ward.InboxCritical, who("p1", "Adeyemi", "07"), "k1", "Potassium", "6.8", "", "13:58"),
		item(ward.InboxCritical, who("p2", "Ferreira", "22"), "k2", "Sodium", "118", "", "14:01"),
	}
	var q base.Queue
	clock := now
	d := &desk{in: ward.Inbox{Items: items, AsOf: at("14:05")}, ch: make(chan ward.Notice)}
	m := results.New(d, &q, func() time.Time { return clock }, func(results.State) {})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m.Follow(ctx)
	until := func(ok func() bool) {
		t.Helper()
		for i := 0; !ok(); i++ {
			if q.Drain(); i > 500 {
				t.Fatal("it did not happen")
			}
			time.Sleep(2 * time.Millisecond)
		}
	}
	until(func() bool { return m.State().Open != nil })
	if m.State().Open.Who.ID != "p1" {
		t.Fatalf("open: %+v", m.State().Open)
	}
	d.set(func() { d.in.Items = items[1:] })
	until(func() bool { return m.State().Open.Who.ID == "p2" })
	for range 2 {
		clock = clock.Add(1500 * time.Millisecond)
		m.Take()
		if m.State().Busy || m.State().Error == "" {
			t.Fatal("a key on its way took another patient's result")
		}
	}
	clock = clock.Add(2 * time.Second)
	m.Take()
	until(func() bool { return !m.State().Busy })
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.done) != 1 || d.done[0].(ward.Take).Patient != "p2" {
		t.Errorf("done: %v", d.done)
	}
}
