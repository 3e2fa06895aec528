// Package reviews is the view model of the reviews page: what no rule may
// settle, the two sides in words, and a decision in two clicks. Neither side
// is suggested.
package reviews

import (
	"context"
	"fmt"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
)

// Desk is what the page needs of the station.
type Desk interface {
	base.Notices
	Reviews(ctx context.Context) ([]ward.Review, error)
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
}

// State is the page as drawn.
type State struct {
	List    []ward.Review // undecided
	Open    *ward.Review
	Chosen  string // the ref of the chosen side; "" for none
	Head    string // "3 to decide"
	Confirm string // "You chose … Both entries stay in the history under their authors' names."
	Empty   string
	Error   string
	Busy    bool
}

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk   Desk
	d      base.Dispatcher
	now    func() time.Time
	show   func(State)
	loader *base.Loader[[]ward.Review]
	state  State
	unread bool // Error says that the list could not be read
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, d: d, now: now, show: show}
	m.loader = base.NewLoader(d, desk.Reviews, m.loaded)
	return m
}

// Follow keeps the page up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	m.loader.Reload()
	base.Follow(ctx, m.desk, 30*time.Second, func(ward.Notice) { m.loader.Reload() })
}

func (m *Model) loaded(list []ward.Review, err error) {
	if err != nil {
		m.state.Error, m.unread = base.Words(err), true
		m.show(m.state)
		return
	}
	if m.unread {
		m.state.Error, m.unread = "", false
	}
	var open []ward.Review
	for _, r := range list {
		if r.Decided == "" {
			open = append(open, r)
		}
	}
	m.state.List, m.state.Empty = open, ""
	m.state.Head = fmt.Sprintf("%d to decide", len(open))
	if len(open) == 0 {
		m.state.Empty = "None: nothing waits to be decided, as of " + ward.Clock(m.now()) + "."
	}
	m.keep()
	m.show(m.state)
}

// keep holds on to the open review. If its content has changed while somebody
// looked, the choice is theirs to make again.
func (m *Model) keep() {
	if m.state.Open == nil {
		if len(m.state.List) > 0 {
			m.open(m.state.List[0])
		}
		return
	}
	for _, r := range m.state.List {
		if r.ID == m.state.Open.ID {
			if r.Version != m.state.Open.Version {
				m.state.Error = "This changed while you looked. Read both sides again."
				m.open(r)
			}
			return
		}
	}
	m.state.Open, m.state.Chosen, m.state.Confirm = nil, "", ""
	if len(m.state.List) > 0 {
		m.open(m.state.List[0])
	}
}

func (m *Model) open(r ward.Review) {
	m.state.Open, m.state.Chosen, m.state.Confirm, m.state.Busy = &r, "", "", false
}

// Open shows one review of the list.
func (m *Model) Open(id ward.PatientID) {
	for _, r := range m.state.List {
		if r.ID == id {
			m.state.Error = ""
			m.open(r)
			m.show(m.state)
			return
		}
	}
}

// Choose marks a side; nothing is decided yet.
func (m *Model) Choose(ref string) {
	if m.state.Open == nil || m.state.Busy {
		return
	}
	for i, s := range m.state.Open.Sides {
		if s.Ref != ref {
			continue
		}
		other := ""
		if len(m.state.Open.Sides) == 2 {
			other = m.state.Open.Sides[1-i].Who
		}
		m.state.Chosen = ref
		m.state.Confirm = "You chose: " + s.Title + "."
		if other != "" && other != s.Who {
			m.state.Confirm += " " + other + " is told."
		}
		m.state.Confirm += " Both entries stay in the history under their authors’ names."
		m.show(m.state)
	}
}

// Change takes the choice back.
func (m *Model) Change() {
	m.state.Chosen, m.state.Confirm = "", ""
	m.show(m.state)
}

// Sign decides.
func (m *Model) Sign(reason string) {
	if m.state.Open == nil || m.state.Chosen == "" || m.state.Busy {
		return
	}
	cmd := ward.Decide{Review: m.state.Open.ID, Version: m.state.Open.Version, Side: m.state.Chosen, Reason: reason}
	m.state.Busy, m.state.Error = true, ""
	m.show(m.state)
	go func() {
		_, err := m.desk.Do(context.Background(), cmd)
		m.d.Do(func() {
			m.state.Busy = false
			if err != nil {
				m.state.Error = base.Words(err)
			}
			m.show(m.state)
			m.loader.Reload()
		})
	}()
}

// State is the present state.
func (m *Model) State() State { return m.state }
