// Package rota is the view model of the page On call: who is on call now, where
// the rota has a gap or two people, and its text, to be changed by whoever may.
package rota

import (
	"context"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Desk is what the page needs of the station.
type Desk interface {
	Rota(ctx context.Context) (ward.Rota, error)
	CheckRota(ctx context.Context, text string) (ward.Rota, error)
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
}

// State is the page as drawn.
type State struct {
	Open    bool
	Loaded  bool
	Head    string    // whose it is, and who changed it last
	Rota    ward.Rota // as it is kept
	Text    string    // as it stands in the field
	Check   ward.Rota // what Text means
	Changed bool
	Busy    bool
	Error   string
}

// first is what the field begins with where a ward has no rota.
const first = "rota 1\nzone Europe/London\n\n# person Dr Ana Ruiz; phone 5512; pager 4412; mail a.ruiz@hospital.example\n# shift registrar; Dr Ana Ruiz; Mon-Fri 20:00-08:00\n# on 2026-12-25; registrar; Dr Ana Ruiz; 08:00-20:00\n"

// Model is the view model. Its methods are for the display's goroutine.
type Model struct {
	desk  Desk
	d     base.Dispatcher
	now   func() time.Time
	show  func(State)
	state State
	gen   atomic.Uint64 // counts openings
	texts atomic.Uint64 // counts what was typed
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	return &Model{desk: desk, d: d, now: now, show: show}
}

// State is the page as it stands.
func (m *Model) State() State { return m.state }

// Open reads the rota and shows it.
func (m *Model) Open(ctx context.Context) {
	gen := m.gen.Add(1)
	m.state = State{Open: true, Head: words.T("Reading from this computer’s copy")}
	m.show(m.state)
	go func() {
		r, err := m.desk.Rota(ctx)
		m.d.Do(func() {
			if gen != m.gen.Load() {
				return
			}
			if err != nil {
				m.state.Error = base.Words(err)
				m.show(m.state)
				return
			}
			m.loaded(r)
		})
	}()
}

func (m *Model) loaded(r ward.Rota) {
	m.state = State{Open: true, Loaded: true, Rota: r, Text: r.Text, Check: r, Head: words.F("Ward %s. It has no rota: nobody is told by message.", r.Ward)}
	if r.Version > 0 {
		m.state.Head = words.F("Ward %s. Changed by %s, %s", r.Ward, ward.SayName(r.By), ward.Stamp(r.At, m.now()))
	} else if r.MayEdit {
		m.state.Text = first
	}
	m.show(m.state)
}

// Type takes every change of the text, and says what it means.
func (m *Model) Type(text string) {
	if !m.state.Open || !m.state.Rota.MayEdit || text == m.state.Text {
		return
	}
	m.state.Text, m.state.Changed, m.state.Error = text, true, ""
	gen, typed := m.gen.Load(), m.texts.Add(1)
	m.show(m.state)
	go func() {
		c, err := m.desk.CheckRota(context.Background(), text)
		m.d.Do(func() {
			if gen != m.gen.Load() || typed != m.texts.Load() || err != nil {
				return
			}
			m.state.Check = c
			m.show(m.state)
		})
	}()
}

// Save writes the rota. What was refused stays in the field.
func (m *Model) Save() {
	if !m.state.Open || m.state.Busy || !m.state.Rota.MayEdit || !m.state.Changed {
		return
	}
	m.state.Busy, m.state.Error = true, ""
	m.show(m.state)
	gen := m.gen.Load()
	cmd := ward.EditRota{Ward: m.state.Rota.Ward, Version: m.state.Rota.Version, Text: m.state.Text}
	go func() {
		_, err := m.desk.Do(context.Background(), cmd)
		m.d.Do(func() {
			if gen != m.gen.Load() {
				return
			}
			m.state.Busy = false
			if err != nil {
				m.state.Error = base.Words(err)
				m.show(m.state)
				return
			}
			m.state.Changed = m.state.Text != cmd.Text // somebody may have typed on
			m.state.Head = words.F("Ward %s. Saved, and on its way to the server: it is in force when the server has it.", cmd.Ward)
			m.show(m.state)
		})
	}()
}

// Close forgets what was typed.
func (m *Model) Close() {
	m.gen.Add(1)
	m.state = State{}
	m.show(m.state)
}
