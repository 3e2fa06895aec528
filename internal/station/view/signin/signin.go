// Package signin is the view model of the sign-in page: who was here last, a
// name, a PIN, and what to know before starting. No patient is named on it.
package signin

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
)

// Door is what the page needs of the station.
type Door interface {
	SignIn(ctx context.Context, user, pin string) (ward.Person, error)
	People() []ward.Person
	Link() ward.Link
	// Trouble is what happened to this computer's own copy and nobody has read.
	Trouble() []ward.StoreNote
}

// Person is somebody who may choose themselves from the list.
type Person struct {
	User string
	Name string
	Note string // "signed in 19:48 on 21-Nov-2026, 1 draft kept, sealed"
}

// Fact is one line of "Before you start".
type Fact struct {
	Good  bool
	Head  string
	Words string
}

// State is the page as drawn.
type State struct {
	People []Person
	Facts  []Fact
	Busy   bool
	Error  string // what happened, in words
}

// Model is the view model. Its methods are for the display's goroutine.
type Model struct {
	door     Door
	dispatch base.Dispatcher
	now      func() time.Time
	show     func(State)
	entered  func(ward.Person)
	state    State
	gen      atomic.Uint64
	loader   *base.Loader[read]
}

// read is what the page reads of the station.
type read struct {
	people  []ward.Person
	link    ward.Link
	trouble []ward.StoreNote
}

// limit bounds one sign-in: checking a PIN takes a fifth of a second, a server
// that does not answer a few.
const limit = 40 * time.Second

// New makes the model; entered is called when somebody is in.
func New(door Door, d base.Dispatcher, now func() time.Time, show func(State), entered func(ward.Person)) *Model {
	m := &Model{door: door, dispatch: d, now: now, show: show, entered: entered}
	m.loader = base.NewLoader(d, func(context.Context) (read, error) { return read{door.People(), door.Link(), door.Trouble()}, nil },
		func(r read, _ error) { m.loaded(r) })
	return m
}

// Refresh reads who was here and how the station is, in the background.
func (m *Model) Refresh() { m.loader.Reload() }

func (m *Model) loaded(r read) {
	now := m.now()
	m.state.People = nil
	for _, p := range r.people {
		note := "signed in " + ward.Stamp(p.Last.In(now.Location()), now)
		if p.Drafts > 0 {
			note += ", a draft is kept, sealed"
		}
		m.state.People = append(m.state.People, Person{p.User, p.Name, note})
	}
	m.state.Facts = facts(r.link, now)
	for _, t := range r.trouble {
		at := ward.Stamp(t.At.In(now.Location()), now)
		m.state.Facts = append(m.state.Facts, Fact{false, t.What + " (" + at + ")", t.Safe + " " + t.Do})
	}
	m.show(m.state)
}

func facts(l ward.Link, now time.Time) []Fact {
	var out []Fact
	switch {
	case l.Refused != "":
		out = append(out, Fact{false, "The server turned this computer away", l.Refused})
	case l.Connected:
		out = append(out, Fact{true, "Connected to the server", "Everything up to " + ward.Stamp(l.AsOf, now) + " is here."})
	case l.Ever:
		out = append(out, Fact{false, "Network out since " + ward.Stamp(l.Since, now), "You can work: whoever has signed in here before can sign in now."})
	default:
		out = append(out, Fact{false, "No contact with the server yet", "The computer opens when the server answers, or with the PIN of somebody who has signed in here before."})
	}
	if l.Unsent > 0 {
		out = append(out, Fact{false, "Entries wait to be sent", "They are safe on this computer and go by themselves."})
	}
	if o := l.LastOutage; o != nil && o.Reviews > 0 {
		out = append(out, Fact{false, "Something waits to be decided", "Two entries from the last outage do not fit together. A clinician decides under Reviews."})
	}
	return out
}

// Forget takes the words of an earlier failure off, as for the next person.
func (m *Model) Forget() { m.state.Error = "" }

// Enter signs in. While it runs the page is busy, and a second Enter does
// nothing.
func (m *Model) Enter(user, pin string) {
	if m.state.Busy {
		return
	}
	if strings.TrimSpace(user) == "" || pin == "" {
		m.state.Error = "Type your name and your PIN."
		m.show(m.state)
		return
	}
	m.state.Busy, m.state.Error = true, ""
	m.show(m.state)
	gen := m.gen.Add(1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		p, err := m.door.SignIn(ctx, user, pin)
		m.dispatch.Do(func() {
			if gen != m.gen.Load() {
				return
			}
			m.state.Busy = false
			if err != nil {
				m.state.Error = base.Words(err)
				m.show(m.state)
				return
			}
			m.show(m.state)
			m.entered(p)
		})
	}()
}
