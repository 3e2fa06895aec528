// Package reviews is the view model of the reviews page: what no rule may
// settle, the two sides in words, and a decision in two clicks. Neither side
// is suggested.
package reviews

import (
	"context"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
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
	Chosen  string   // the ref of the chosen side, ward.Neither, or "" for none
	Asking  bool     // a colleague is about to be asked
	Whom    []string // who is asked often about this one
	Asked   []string // who was asked already, in words
	Head    string   // "3 to decide"
	Confirm string   // "You chose … Both entries stay in the history under their authors' names."
	Empty   string
	Error   string
	Busy    bool
}

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk   Desk
	now    func() time.Time
	show   func(State)
	loader *base.Loader[[]ward.Review]
	hands  base.Hands
	state  State
	unread base.Unread

	// OnNeither is called when neither side was right and that is saved: the
	// person writes the new entry now.
	OnNeither func(ward.Review)
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, now: now, show: show}
	m.loader = base.NewLoader(d, desk.Reviews, m.loaded)
	m.hands = base.Hands{Dispatcher: d, Desk: desk, Busy: &m.state.Busy, Error: &m.state.Error, Show: func() { m.show(m.state) }, Reload: m.loader.Reload}
	return m
}

// Follow keeps the page up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	m.loader.Follow(ctx, m.desk, 30*time.Second)
}

func (m *Model) loaded(list []ward.Review, err error) {
	if !m.unread.Heard(err, &m.state.Error) {
		m.show(m.state)
		return
	}
	var open []ward.Review
	for _, r := range list {
		if r.Decided == "" {
			open = append(open, r)
		}
	}
	m.state.List, m.state.Empty = open, ""
	m.state.Head = words.F("%d to decide", len(open))
	if len(open) == 0 {
		m.state.Empty = words.F("None: nothing waits to be decided, as of %s.", ward.Clock(m.now()))
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
				m.state.Error = words.T("This changed while you looked. Read both sides again.")
				m.open(r)
			}
			m.state.Open = &r // somebody may have been asked
			m.state.Asked = asked(r, m.now())
			return
		}
	}
	m.state.Open, m.state.Chosen, m.state.Confirm, m.state.Asking = nil, "", "", false
	if len(m.state.List) > 0 {
		m.open(m.state.List[0])
	}
}

func (m *Model) open(r ward.Review) {
	m.state.Open, m.state.Chosen, m.state.Confirm, m.state.Busy, m.state.Asking = &r, "", "", false, false
	m.state.Whom, m.state.Asked = whom(r), asked(r, m.now())
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
		m.state.Chosen, m.state.Asking = ref, false
		m.state.Confirm = words.F("You chose: %s.", s.Title)
		if other != "" && other != s.Who {
			// Nobody is told by this version: a person does it.
			m.state.Confirm += " " + words.F("Let %s know.", other)
		}
		m.state.Confirm += " " + words.T("Both entries stay in the history under their authors’ names.")
		m.show(m.state)
	}
}

// Neither chooses no side; Sign then needs a reason.
func (m *Model) Neither() {
	if m.state.Open == nil || m.state.Busy || !m.state.Open.Neither {
		return
	}
	m.state.Chosen, m.state.Asking, m.state.Error = ward.Neither, false, ""
	m.state.Confirm = words.T("You chose neither. Both entries stay in the history under their authors’ names.")
	for _, s := range m.state.Open.Sides {
		if s.InForce {
			m.state.Confirm = words.F("You chose neither. Both entries stay in the history under their authors’ names, and the record says “%s” until you write a new entry.", s.Title)
		}
	}
	m.show(m.state)
}

// StartAsk asks whom to ask; nothing is decided by it.
func (m *Model) StartAsk() {
	if m.state.Open == nil || m.state.Busy {
		return
	}
	m.state.Chosen, m.state.Confirm, m.state.Asking, m.state.Error = "", "", true, ""
	m.show(m.state)
}

// Change takes the choice back, or leaves asking.
func (m *Model) Change() {
	m.state.Chosen, m.state.Confirm, m.state.Asking, m.state.Error = "", "", false, ""
	m.show(m.state)
}

// Ask puts the open review to somebody.
func (m *Model) Ask(to, question string) {
	if m.state.Open == nil || !m.state.Asking || m.state.Busy {
		return
	}
	if strings.TrimSpace(to) == "" {
		m.state.Error = words.T("Say whom you ask.")
		m.show(m.state)
		return
	}
	m.do(ward.Ask{Review: m.state.Open.ID, To: to, Words: question}, func() { m.state.Asking = false })
}

// whom are the people and roles that a question like this is put to: its two
// authors first, for they were there.
func whom(r ward.Review) []string {
	var out []string
	for _, s := range r.Sides {
		if s.Who != "" && !slices.Contains(out, s.Who) {
			out = append(out, s.Who)
		}
	}
	return append(out, "Pharmacist", "Consultant", "Registrar on call", "Charge nurse")
}

// asked says who was asked, newest last.
func asked(r ward.Review, now time.Time) []string {
	var out []string
	for _, a := range r.Asked {
		text := words.F("%s asked %s at %s", ward.SayName(a.By), ward.SayName(a.To), ward.Stamp(a.At, now))
		if a.Words != "" {
			text += ": “" + a.Words + "”"
		}
		if a.Unsent {
			text += " " + words.T("(unsent)")
		}
		out = append(out, text)
	}
	return out
}

// Sign decides.
func (m *Model) Sign(reason string) {
	if m.state.Open == nil || m.state.Chosen == "" || m.state.Busy {
		return
	}
	if m.state.Chosen == ward.Neither && strings.TrimSpace(reason) == "" {
		m.state.Error = words.T("Say why neither is right.")
		m.show(m.state)
		return
	}
	r, neither := *m.state.Open, m.state.Chosen == ward.Neither
	m.do(ward.Decide{Review: r.ID, Version: r.Version, Side: m.state.Chosen, Reason: reason}, func() {
		if neither && m.OnNeither != nil {
			m.OnNeither(r)
		}
	})
}

// do carries out a command; done is called on the display when it is saved.
func (m *Model) do(cmd ward.Command, done func()) {
	m.hands.Do([]ward.Command{cmd}, func([]fhir.ID) { done() })
}

// State is the present state.
func (m *Model) State() State { return m.state }
