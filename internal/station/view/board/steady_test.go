package board_test

import (
	"context"
	"testing"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/board"
)

// counted is a desk that counts its versions.
type counted struct {
	desk
	version uint64
}

func (c *counted) Rows(ctx context.Context) (ward.Board, error) {
	b, err := c.desk.Rows(ctx)
	b.Version = c.version
	return b, err
}

// Most notices change nothing on the board: it is then neither sorted nor drawn
// again. Whatever does change it is shown at once.
func TestTheBoardIsArrangedOnlyWhenSomethingChanged(t *testing.T) {
	d := &counted{desk: desk{rows: rows(), link: connected()}, version: 1}
	clock, shown := now, 0
	var q base.Queue
	m := board.New(d, &q, func() time.Time { return clock }, func(board.State) { shown++ })
	step := func(what string, want int) {
		t.Helper()
		before := shown
		m.Reload()
		q.Settle(40, time.Millisecond)
		if shown-before != want {
			t.Errorf("%s: shown %d times, want %d", what, shown-before, want)
		}
	}
	step("the first", 1)
	step("a notice about something else", 0)
	d.link.AsOf = d.link.AsOf.Add(time.Second)
	step("a heartbeat", 0)
	d.link.Feeds = []ward.Feed{{Name: "laboratory", Last: now}}
	step("the laboratory's line is down", 1)
	d.rows, d.version = d.rows[1:], 2
	step("a patient left", 1)
	if n := m.State().Rows.Len(); n != 3 {
		t.Errorf("%d rows", n)
	}
	clock = clock.Add(15 * time.Second)
	step("time passed", 1)
	m.SetByBed(true)
	step("chosen otherwise", 1)
	if !m.State().ByBed {
		t.Error("the choice was lost")
	}
	d.err = context.DeadlineExceeded
	step("a failure", 1)
	d.err = nil
	step("well again", 1)
	if m.State().Trouble != "" {
		t.Errorf("trouble: %q", m.State().Trouble)
	}
}

// slow is a desk whose answer waits until the test lets it come.
type slow struct {
	counted
	asked, answer chan struct{}
}

func (s *slow) Rows(ctx context.Context) (ward.Board, error) {
	b, err := s.counted.Rows(ctx)
	s.asked <- struct{}{}
	<-s.answer
	return b, err
}

// An answer that was asked for before a person chose otherwise comes after it:
// what they chose stands.
func TestALateAnswerDoesNotUndoAChoice(t *testing.T) {
	d := &slow{counted{desk{rows: rows(), link: connected()}, 1}, make(chan struct{}), make(chan struct{})}
	var q base.Queue
	m := board.New(d, &q, func() time.Time { return now }, func(board.State) {})
	read := func(choose func()) {
		m.Reload()
		<-d.asked
		d.answer <- struct{}{}
		for end := time.Now().Add(time.Minute); q.Len() == 0 && time.Now().Before(end); { // arranged, and on the way to the display
			time.Sleep(time.Millisecond)
		}
		choose()
		q.Drain()
	}
	read(func() { m.SetFilter(board.Critical); m.SetByBed(true) })
	if s := m.State(); !s.ByBed || s.Rows.Len() != 1 || s.Rows.At(0).Bed != "07" || !s.Loaded {
		t.Errorf("%d rows, by bed %v", s.Rows.Len(), s.ByBed)
	}
	d.version++
	read(func() { m.SetFilter(board.All) })
	if n := m.State().Rows.Len(); n != 4 {
		t.Errorf("%d rows of 4", n)
	}
}
