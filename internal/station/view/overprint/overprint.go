// Package overprint is the view model of the form that lets a print go on which is over
// the limit of what may leave in an hour or a day: how many patients are on it, why the
// ward needs it now, and the PIN once more.
package overprint

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Door prints over the limit. It checks the PIN of whoever is signed in.
type Door interface {
	PrintOver(ctx context.Context, what ward.Printing, reason, pin string) (words string, err error)
}

// State is the form as drawn.
type State struct {
	Held  string // what was held back, and why
	Busy  bool
	Error string // what is missing or was refused, in words
	PIN   bool   // it is the PIN, which is typed anew
}

// Model is the view model. Its methods are for the display's goroutine.
type Model struct {
	door     Door
	dispatch base.Dispatcher
	show     func(State)
	printed  func(said string, err error)
	what     ward.Printing
	state    State
	gen      atomic.Uint64
}

// limit bounds one try: the PIN takes a fifth of a second, a server that does not answer
// a few, and a pack of a large ward is drawn in seconds.
const limit = 90 * time.Second

// New makes the model; printed is called with what became of a print that was not refused.
func New(door Door, d base.Dispatcher, show func(State), printed func(said string, err error)) *Model {
	return &Model{door: door, dispatch: d, show: show, printed: printed}
}

// Offer takes up a print that was refused; false where it may not go on, or was refused
// for something else: then its words are all there is.
func (m *Model) Offer(err error) bool {
	var over *ward.OverLimit
	if !errors.As(err, &over) || !over.Ask {
		return false
	}
	m.gen.Add(1)
	m.what = over.Printing
	m.say(State{Held: base.Words(err)})
	return true
}

// Print tries. While it runs, another Print does nothing.
func (m *Model) Print(reason, pin string) {
	if m.state.Busy || m.state.Held == "" {
		return
	}
	switch {
	case strings.TrimSpace(reason) == "":
		m.trouble(words.T("Say in a few words why the ward needs this print now."), false)
		return
	case pin == "":
		m.trouble(words.T("Give your PIN once more."), true)
		return
	}
	m.say(State{Held: m.state.Held, Busy: true})
	gen, what := m.gen.Add(1), m.what
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		said, err := m.door.PrintOver(ctx, what, reason, pin)
		m.dispatch.Do(func() {
			if gen != m.gen.Load() {
				return // the form was closed meanwhile
			}
			if err != nil && said == "" {
				m.trouble(base.Words(err), base.Mistyped(err))
				return
			}
			m.say(State{})
			m.printed(said, err)
		})
	}()
}

// Close forgets what was held back, and an answer that has not come yet.
func (m *Model) Close() {
	m.gen.Add(1)
	m.what = ward.Printing{}
	m.say(State{})
}

func (m *Model) trouble(text string, pin bool) {
	m.say(State{Held: m.state.Held, Error: text, PIN: pin})
}

func (m *Model) say(s State) {
	m.state = s
	m.show(s)
}
