// Package emergency is the view model of the form that begins emergency access:
// whom it is about, why, and the PIN once more.
package emergency

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Door begins emergency access. It checks the PIN of whoever is signed in. Untold says that
// nobody is set who is told of it off the screen.
type Door interface {
	Untold() bool
	BreakGlass(ctx context.Context, pin, who, reason string) (ward.Emergency, error)
}

// State is the form as drawn.
type State struct {
	Busy   bool
	Error  string // what is missing or was refused, in words
	PIN    bool   // it is the PIN, which is typed anew
	Untold string // that nobody is set who is told of it; "" where somebody is, or nobody knows
}

// Model is the view model. Its methods are for the display's goroutine.
type Model struct {
	door     Door
	dispatch base.Dispatcher
	show     func(State)
	opened   func(ward.PatientID)
	state    State
	untold   string
	gen      atomic.Uint64
}

// limit bounds one try: the PIN takes a fifth of a second, a server that does
// not answer a few.
const limit = 40 * time.Second

// New makes the model; opened is called with the patient whose record is open
// now.
func New(door Door, d base.Dispatcher, show func(State), opened func(ward.PatientID)) *Model {
	return &Model{door: door, dispatch: d, show: show, opened: opened}
}

// Open says what to know beforehand.
func (m *Model) Open() {
	m.untold = ""
	if m.door.Untold() {
		m.untold = words.T("Nobody is set to be told of it at once: no privacy officer is on the rota now, and no address is set that a message could reach. It stands in the privacy officer’s list. Tell them, or whoever answers for privacy, yourself.")
	}
	m.say(State{})
}

// Begin tries. While it runs, another Begin does nothing.
func (m *Model) Begin(who, reason, pin string) {
	if m.state.Busy {
		return
	}
	switch {
	case strings.TrimSpace(who) == "":
		m.say(State{Error: words.T("Say whose record: family name, given name and date of birth, or the whole NHS number.")})
		return
	case strings.TrimSpace(reason) == "":
		m.say(State{Error: words.T("Say in a few words why you need this record now.")})
		return
	case pin == "":
		m.say(State{Error: words.T("Give your PIN once more."), PIN: true})
		return
	}
	m.say(State{Busy: true})
	gen := m.gen.Add(1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		e, err := m.door.BreakGlass(ctx, pin, who, reason)
		m.dispatch.Do(func() {
			if gen != m.gen.Load() {
				return // the form was closed meanwhile: what was opened stays open for its hour, and nothing jumps at whoever sits here now
			}
			if err != nil {
				m.say(State{Error: base.Words(err), PIN: base.Mistyped(err)})
				return
			}
			m.say(State{})
			m.opened(e.Patient)
		})
	}()
}

// Close forgets an answer that has not come yet, and earlier words.
func (m *Model) Close() {
	m.gen.Add(1)
	m.say(State{})
}

func (m *Model) say(s State) {
	s.Untold = m.untold
	m.state = s
	m.show(s)
}
