package reviews_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/reviews"
)

var now = time.Date(2026, 11, 22, 4, 20, 0, 0, time.UTC)

type desk struct {
	mu   sync.Mutex
	list []ward.Review
	fail error
	do   error
	done []ward.Command
	ch   chan ward.Notice
}

func (d *desk) Subscribe(context.Context) <-chan ward.Notice { return d.ch }

func (d *desk) Reviews(context.Context) ([]ward.Review, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]ward.Review(nil), d.list...), d.fail
}

func (d *desk) Do(_ context.Context, c ward.Command) (ward.Done, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, c)
	return ward.Done{}, d.do
}

func (d *desk) set(fn func()) {
	d.mu.Lock()
	fn()
	d.mu.Unlock()
	d.ch <- ward.Notice{Kind: ward.NoticeReviews}
}

func review(id ward.PatientID, version uint64) ward.Review {
	return ward.Review{ID: id, Version: version, Neither: true, Sides: []ward.Side{{Ref: "a", Title: "refuted", Who: "Tom Blake"}, {Ref: "b", Title: "anaphylaxis", Who: "Dr Ines Amara", InForce: true}}}
}

func start(t *testing.T, list ...ward.Review) (*reviews.Model, *desk, func(func() bool)) {
	t.Helper()
	var q base.Queue
	d := &desk{list: list, ch: make(chan ward.Notice)}
	m := reviews.New(d, &q, func() time.Time { return now }, func(reviews.State) {})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	m.Follow(ctx)
	until := func(ok func() bool) {
		t.Helper()
		for range 20_000 {
			q.Drain()
			if ok() {
				return
			}
			time.Sleep(2 * time.Millisecond)
		}
		t.Fatal("it did not happen")
	}
	until(func() bool { return m.State().Head != "" })
	return m, d, until
}

// The safer entry is in force meanwhile; that is no suggestion.
func TestNeitherSideIsSuggested(t *testing.T) {
	m, d, _ := start(t, review("r1", 1))
	if m.State().Chosen != "" || m.State().Confirm != "" {
		t.Error("a side is chosen that nobody chose")
	}
	m.Sign("")
	if len(d.done) != 0 {
		t.Error("decided without a choice")
	}
	m.Choose("a")
	if got := m.State().Confirm; got != "You chose: refuted. Let Dr Ines Amara know. Both entries stay in the history under their authors’ names." {
		t.Errorf("said %q", got)
	}
	m.Choose("no such side")
	if m.State().Chosen != "a" {
		t.Error("a side that is not there was chosen")
	}
}

func TestSigningNamesWhatWasSeen(t *testing.T) {
	m, d, until := start(t, review("r1", 7))
	m.Choose("b")
	m.Sign("GP letter")
	m.Sign("GP letter") // pressed twice
	until(func() bool { return !m.State().Busy })
	if len(d.done) != 1 || d.done[0] != (ward.Decide{Review: "r1", Version: 7, Side: "b", Reason: "GP letter"}) {
		t.Errorf("decided %+v", d.done)
	}
}

func TestAChangeTakesTheChoiceBackAndSaysSo(t *testing.T) {
	m, d, until := start(t, review("r1", 1))
	m.Choose("a")
	d.set(func() { d.list[0].Version = 2 })
	until(func() bool { return m.State().Open.Version == 2 })
	if m.State().Chosen != "" || m.State().Error == "" {
		t.Errorf("chosen %q, said %q", m.State().Chosen, m.State().Error)
	}
}

func TestOneDecidedElsewhereMakesRoomForTheNext(t *testing.T) {
	m, d, until := start(t, review("r1", 1), review("r2", 1))
	m.Choose("a")
	d.set(func() { d.list[0].Decided = "decided by Aoife Brennan" })
	until(func() bool { return m.State().Open.ID == "r2" })
	if m.State().Chosen != "" || m.State().Head != "1 to decide" {
		t.Errorf("chosen %q, head %q", m.State().Chosen, m.State().Head)
	}
}

func TestARefusalLeavesTheChoice(t *testing.T) {
	m, d, until := start(t, review("r1", 1))
	d.do = errors.New("You may not do this here.")
	m.Choose("a")
	m.Sign("")
	until(func() bool { return m.State().Error != "" })
	if m.State().Chosen != "a" || m.State().Busy {
		t.Errorf("%+v", m.State())
	}
}

// Words about a list that could not be read go when it can be.
func TestAReadErrorGoesWhenReadingWorks(t *testing.T) {
	m, d, until := start(t, review("r1", 1))
	d.set(func() { d.fail = errors.New("The disk does not answer.") })
	until(func() bool { return m.State().Error == "The disk does not answer." })
	if len(m.State().List) != 1 {
		t.Error("what was known is gone")
	}
	d.set(func() { d.fail = nil })
	until(func() bool { return m.State().Error == "" })
}
