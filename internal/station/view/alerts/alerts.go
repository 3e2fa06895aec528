// Package alerts is the view model of what interrupts: the alert card, the red
// band it folds into, and the alerts page.
//
// The rules it keeps:
//   - An alert that arrives while somebody types comes as the band, and opens as
//     the card when they pause (5 s without a key), leave the field, or ask.
//   - For one second after the card opens, no key counts.
//   - A press takes the alert that was drawn at the press, never one that has
//     taken its place since.
//   - Set aside folds the card into the band; the band stays while anything is
//     untaken.
package alerts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
)

// Desk is what alerts need of the station.
type Desk interface {
	base.Notices
	Alerts(ctx context.Context) ([]ward.Alert, error)
	Rows(ctx context.Context) (ward.Board, error)
	HeldBack(ctx context.Context) ([]ward.HeldBack, error)
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
}

// Pause is how long no key must have come before a card may open over a field
// that has the focus.
const Pause = 5 * time.Second

// Guard is how long after a card opens no key counts.
const Guard = time.Second

// Key names one alert: a result in one version.
type Key struct {
	Patient ward.PatientID
	Result  ward.ResultID
	Version uint64
}

func keyOf(a ward.Alert) Key { return Key{a.Who.ID, a.Result.ID, a.Result.Version} }

// Card is the open card.
type Card struct {
	Key    Key
	Alert  ward.Alert
	Detail Detail
	Place  string // "2 of 3"; "" for a single one
	Head   string // "Critical result: potassium very high"
	Clock  string // "7 min, nobody has taken it"
	// Short and ClockShort say the same where there is little room.
	Short, ClockShort string
	Opened            time.Time
	Error             string
	Busy              bool
}

// Band is the folded card.
type Band struct {
	Text  string // "Bed 07 · Potassium 6.8 mmol/L CRITICAL HIGH · 7 min, nobody has taken it"
	Bed   string // "Bed 07"
	What  string // "Potassium 6.8 mmol/L"
	Word  string // "CRITICAL HIGH"
	Clock string // "7 min, nobody has taken it"
	Short string // "7 min", where there is little room
	Count int    // how many nobody has
}

// State is everything that interrupts.
type State struct {
	Open     []ward.Alert // nobody has them, worst first
	Owned    []ward.Alert // somebody has them
	Lines    []Line       // the page's list: open, owned, held back
	Empty    string       // in place of the list
	HeldBack []ward.HeldBack
	Card     *Card
	Band     *Band
	Badge    int
	Undo     *Undo
	Trouble  string
}

// Undo offers to take back what was just taken.
type Undo struct {
	Patient ward.PatientID
	Task    string
	Words   string
	Until   time.Time
}

// undoFor is how long taking can be undone by one key.
const undoFor = 10 * time.Second

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk   Desk
	now    func() time.Time
	show   func(State)
	d      base.Dispatcher
	loader *base.Loader[read]

	read    read
	state   State
	aside   map[Key]bool // set aside by a person
	shown   map[Key]bool // told to the desk as drawn
	at      Key          // which card is in front
	typing  func() (focused bool, last time.Time)
	visible bool
}

type read struct {
	alerts []ward.Alert
	held   []ward.HeldBack
}

// New makes the model. typing says whether a text field has the focus, and
// when the last key came.
func New(desk Desk, d base.Dispatcher, now func() time.Time, typing func() (bool, time.Time), show func(State)) *Model {
	m := &Model{desk: desk, d: d, now: now, show: show, typing: typing, aside: map[Key]bool{}, shown: map[Key]bool{}}
	m.loader = base.NewLoader(d, func(ctx context.Context) (read, error) {
		a, err := desk.Alerts(ctx)
		if err != nil {
			return read{}, err
		}
		h, err := desk.HeldBack(ctx)
		if err != nil {
			return read{}, err
		}
		b, err := desk.Rows(ctx)
		return read{append(a, owned(b.Rows)...), h}, err
	}, m.loaded)
	return m
}

// Follow keeps the model up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	m.loader.Reload()
	base.Follow(ctx, m.desk, 5*time.Second, func(ward.Notice) { m.loader.Reload() })
}

// SetVisible says whether an unlocked window shows the model: only then does
// anything count as shown.
func (m *Model) SetVisible(on bool) { m.visible = on; m.Tick() }

func (m *Model) loaded(r read, err error) {
	if err != nil {
		m.state.Trouble = base.Words(err)
		m.show(m.state)
		return
	}
	m.state.Trouble = ""
	m.read = r
	m.Tick()
}

// Tick looks again at the clock: cards open when somebody stops typing, and
// minutes count. The shell calls it once a second.
func (m *Model) Tick() {
	now := m.now()
	s := State{HeldBack: m.read.held, Trouble: m.state.Trouble}
	if u := m.state.Undo; u != nil && now.Before(u.Until) {
		s.Undo = u
	}
	for _, a := range m.read.alerts {
		if a.Result.Open {
			s.Open = append(s.Open, a)
		} else {
			s.Owned = append(s.Owned, a)
		}
	}
	s.Lines = lines(s, now)
	if len(s.Lines) == 0 {
		s.Empty = "None: nothing waits for anybody, as of " + ward.Clock(now) + "."
	}
	s.Badge = len(s.Open) + len(s.HeldBack)
	m.forget(s.Open)
	m.front(&s, now)
	m.state = s
	m.show(s)
	m.tellShown()
}

// forget drops what was set aside and is no longer open: a reopened alert is a
// new one.
func (m *Model) forget(open []ward.Alert) {
	live := map[Key]bool{}
	for _, a := range open {
		live[keyOf(a)] = true
	}
	for k := range m.aside {
		if !live[k] {
			delete(m.aside, k)
		}
	}
}

// front decides between card and band.
func (m *Model) front(s *State, now time.Time) {
	var up []ward.Alert // not set aside
	for _, a := range s.Open {
		if !m.aside[keyOf(a)] {
			up = append(up, a)
		}
	}
	focused, last := m.typing()
	busy := focused && now.Sub(last) < Pause
	wasOpen := m.state.Card != nil
	switch {
	case len(up) > 0 && (wasOpen || !busy):
		m.card(s, up, now)
	case len(s.Open) > 0:
		worst := s.Open[0]
		s.Band = bandOf(worst, len(s.Open), now)
	}
}

func (m *Model) card(s *State, up []ward.Alert, now time.Time) {
	i := 0
	for j, a := range up {
		if keyOf(a) == m.at {
			i = j
		}
	}
	a := up[i]
	c := &Card{Key: keyOf(a), Alert: a, Detail: Describe(a, now), Head: head(a), Clock: untaken(a, now), Short: short(a), ClockShort: ward.Span(now.Sub(a.Since))}
	if len(up) > 1 {
		c.Place = fmt.Sprintf("%d of %d", i+1, len(up))
	}
	if old := m.state.Card; old != nil && old.Key == c.Key {
		c.Opened, c.Error, c.Busy = old.Opened, old.Error, old.Busy
	} else {
		c.Opened = now // another card: its guard begins anew
	}
	m.at = c.Key
	s.Card = c
}

func untaken(a ward.Alert, now time.Time) string {
	return ward.Span(now.Sub(a.Since)) + ", nobody has taken it"
}

func head(a ward.Alert) string {
	r := a.Result
	switch {
	case r.MayBe:
		return "May be critical: " + lower(r.Test)
	case !r.Critical:
		return "Corrected after it was seen: " + lower(r.Test)
	case r.Flag == ward.FlagCriticalHigh:
		return "Critical result: " + lower(r.Test) + " very high"
	case r.Flag == ward.FlagCriticalLow:
		return "Critical result: " + lower(r.Test) + " very low"
	}
	return "Critical result: " + lower(r.Test)
}

// short is the head for little room: the value itself, which must be in view
// whatever else has to be scrolled to.
func short(a ward.Alert) string {
	r := a.Result
	words := strings.Join(strings.Fields(r.Test+" "+r.Value+" "+r.Unit), " ")
	if r.MayBe {
		return "May be critical: " + words
	}
	return words
}

func lower(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' {
		return s // an abbreviation
	}
	r := []rune(s)
	if len(r) > 0 && r[0] >= 'A' && r[0] <= 'Z' {
		r[0] += 'a' - 'A'
	}
	return string(r)
}

func bandOf(a ward.Alert, n int, now time.Time) *Band {
	r := a.Result
	b := &Band{
		Bed: "Bed " + a.Who.Bed, What: strings.Join(strings.Fields(r.Test+" "+r.Value+" "+r.Unit), " "), Word: wordOf(r),
		Clock: untaken(a, now), Short: ward.Span(now.Sub(a.Since)), Count: n,
	}
	if a.Who.Bed == "" {
		b.Bed = "No bed"
	}
	b.Text = b.Bed + " · " + strings.TrimSpace(b.What+" "+b.Word) + " · " + b.Clock
	return b
}

// tellShown tells the desk, once each, of what has been drawn on an unlocked
// window: only the card in front counts, a band names one result and no
// patient's trend, and counts too.
func (m *Model) tellShown() {
	if !m.visible {
		return
	}
	var list []ward.ShownResult
	mark := func(a ward.Alert) {
		if k := keyOf(a); !m.shown[k] {
			m.shown[k] = true
			list = append(list, ward.ShownResult{Patient: k.Patient, Result: k.Result, Version: k.Version})
		}
	}
	switch {
	case m.state.Card != nil:
		mark(m.state.Card.Alert)
	case m.state.Band != nil && len(m.state.Open) > 0:
		mark(m.state.Open[0])
	}
	if len(list) == 0 {
		return
	}
	go func() {
		_, err := m.desk.Do(context.Background(), ward.MarkShown{Results: list})
		if err != nil {
			m.d.Do(func() { // not recorded: tell it again at the next tick
				for _, r := range list {
					delete(m.shown, Key{r.Patient, r.Result, r.Version})
				}
			})
		}
	}()
}

// Guarded says whether the card in front is too new for a key to count.
func (m *Model) Guarded() bool {
	return m.state.Card != nil && m.now().Sub(m.state.Card.Opened) < Guard
}

// Show opens the card, whoever types: F4, or a click on the band.
func (m *Model) Show() {
	clear(m.aside)
	typing := m.typing
	m.typing = func() (bool, time.Time) { return false, time.Time{} }
	m.Tick()
	m.typing = typing
}

// SetAside folds the card into the band. A key is refused while guarded.
func (m *Model) SetAside(byKey bool) {
	if m.state.Card == nil || byKey && m.Guarded() {
		return
	}
	for _, a := range m.state.Open {
		m.aside[keyOf(a)] = true
	}
	m.state.Card = nil
	m.Tick()
}

// Next and Previous turn between cards.
func (m *Model) Next() { m.turn(1) }

// Previous is the other way round.
func (m *Model) Previous() { m.turn(-1) }

func (m *Model) turn(by int) {
	if m.state.Card == nil || m.Guarded() {
		return
	}
	var up []Key
	at := 0
	for _, a := range m.state.Open {
		if !m.aside[keyOf(a)] {
			if keyOf(a) == m.at {
				at = len(up)
			}
			up = append(up, keyOf(a))
		}
	}
	if len(up) > 1 {
		m.at = up[(at+by+len(up))%len(up)]
		m.Tick()
	}
}

// Take owns the alert that was drawn at the press: kind is taken, acting or
// handed-to. A key is refused while guarded; so is a press on an alert that is
// no longer in front.
func (m *Model) Take(k Key, kind, words, to string, byKey bool) {
	c := m.state.Card
	if c == nil || c.Key != k || c.Busy || byKey && m.Guarded() {
		return
	}
	m.take(k, kind, words, to, c.Alert)
}

// TakeListed owns an alert of the page's list.
func (m *Model) TakeListed(k Key) {
	for _, a := range m.state.Open {
		if keyOf(a) == k {
			m.take(k, "taken", "", "", a)
			return
		}
	}
}

func (m *Model) take(k Key, kind, words, to string, a ward.Alert) {
	if m.state.Card != nil {
		m.state.Card.Busy, m.state.Card.Error = true, ""
		m.show(m.state)
	}
	go func() {
		done, err := m.desk.Do(context.Background(), ward.Take{Patient: k.Patient, Result: k.Result, Version: k.Version, Kind: kind, Words: words, To: to})
		m.d.Do(func() {
			if err != nil {
				if m.state.Card != nil && m.state.Card.Key == k {
					m.state.Card.Busy, m.state.Card.Error = false, base.Words(err)
				} else {
					m.state.Trouble = base.Words(err)
				}
				m.show(m.state)
				return
			}
			if len(done.Made) > 0 {
				m.state.Undo = &Undo{k.Patient, string(done.Made[0]), "You have " + lower(a.Result.Test) + ", bed " + a.Who.Bed, m.now().Add(undoFor)}
			}
			m.loader.Reload()
		})
	}()
}

// UndoTake takes back what was just taken, by an appended withdrawal.
func (m *Model) UndoTake() {
	u := m.state.Undo
	if u == nil || m.now().After(u.Until) {
		return
	}
	m.state.Undo = nil
	m.Withdraw(u.Patient, u.Task, "taken by mistake")
}

// Withdraw takes an acknowledgement back; the duty is open again.
func (m *Model) Withdraw(p ward.PatientID, task, reason string) {
	go func() {
		_, err := m.desk.Do(context.Background(), ward.Withdraw{Patient: p, Task: ward.PatientID(task), Reason: reason})
		m.d.Do(func() {
			if err != nil {
				m.state.Trouble = base.Words(err)
			}
			m.loader.Reload()
			m.show(m.state)
		})
	}()
}

// State is the present state.
func (m *Model) State() State { return m.state }
