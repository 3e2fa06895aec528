package alerts

import (
	"maps"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// What is in front of the page: the card, the band, or nothing. All of it is one
// question: has this person seen what their key or press would be about?

// forget drops what was looked at or set aside and is no longer open: a reopened
// alert is a new one.
func (m *Model) forget(open []ward.Alert) {
	live := map[Key]bool{}
	for _, a := range open {
		live[keyOf(a)] = true
	}
	gone := func(k Key, _ bool) bool { return !live[k] }
	maps.DeleteFunc(m.aside, gone)
	maps.DeleteFunc(m.looked, gone)
	m.forgetQuiet(open)
}

// front decides between card and band.
func (m *Model) front(s *State, now time.Time) {
	up, waiting := m.up(s.Open, now)
	focused, last := m.typing()
	busy := focused && now.Sub(last) < Pause
	wasOpen := m.state.Card != nil
	switch {
	case len(up) > 0 && (wasOpen || !busy):
		m.card(s, up, now)
	case len(up) > 0:
		s.Band = bandOf(up[0], len(s.Open), m.setAside(s.Open), now)
	case len(s.Open) > 0:
		s.Band = bandOf(s.Open[0], len(s.Open), len(s.Open), now)
		if waiting > 0 {
			s.Band.More = strings.TrimPrefix(s.Band.More+"; "+words.F("%d new of a sender whose messages cannot be filed", waiting), "; ")
		}
	}
}

// setAside counts what this person has set aside.
func (m *Model) setAside(open []ward.Alert) (n int) {
	for _, a := range open {
		if m.aside[keyOf(a)] {
			n++
		}
	}
	return n
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
	c.With, c.More = m.with(a, s.Open)
	c.Detail.Facts = append(groupFacts(c.With, c.More, now), c.Detail.Facts...)
	if n := len(c.With) + c.More; n > 0 {
		c.Head, c.Short = words.F("%s (1 of %d)", c.Head, n+1), words.F("%s (1 of %d)", c.Short, n+1)
	}
	if len(up) > 1 {
		c.Place = words.F("%d of %d", i+1, len(up))
	}
	if old := m.state.Card; old != nil && old.Key == c.Key { // another card is not painted yet
		c.Drawn, c.Error, c.Busy = old.Drawn, old.Error, old.Busy
		if !c.painted(base.Look, now) {
			c.Hint = old.Hint
		}
		if c.painted(Guard, now) {
			m.looked[c.Key] = true
		}
	}
	m.at = c.Key
	s.Card = c
}

// painted says whether the card has been on the screen for so long.
func (c *Card) painted(long time.Duration, now time.Time) bool {
	return !c.Drawn.IsZero() && now.Sub(c.Drawn) >= long
}

// noteChange notes when the card in front goes: it was answered, here or by a
// colleague. What sets it aside or turns to another takes it away beforehand.
func (m *Model) noteChange(next *Card, now time.Time) {
	if old := m.state.Card; old != nil && (next == nil || next.Key != old.Key) {
		m.changed = now
	}
}

// JustChanged says whether a card went so lately that a key or a press may have
// been meant for it. What lies below must not take it for its own.
func (m *Model) JustChanged() bool {
	return !m.changed.IsZero() && m.now().Sub(m.changed) < base.Look
}

// Drawn tells that the display has painted the card of this alert.
func (m *Model) Drawn(k Key) {
	if c := m.state.Card; c != nil && c.Key == k && c.Drawn.IsZero() {
		c.Drawn = m.now()
	}
}

// Guarded says whether the card in front is too new for a key to count.
func (m *Model) Guarded() bool {
	return m.state.Card != nil && !m.state.Card.painted(Guard, m.now())
}

// Accepts says whether the card in front has been there for long enough to be
// taken.
func (m *Model) Accepts() bool {
	return m.state.Card != nil && m.state.Card.painted(base.Look, m.now())
}

// Early tells that a key or a press came before its time: it was meant for
// something else. The time begins anew, because the next one may be the same
// person trying again.
func (m *Model) Early(k Key) {
	c := m.state.Card
	if c == nil || c.Key != k {
		return
	}
	c.Hint = words.T("This has only just come up. Look who it is, then press again.")
	if !c.Drawn.IsZero() {
		c.Drawn = m.now()
	}
	m.show(m.state)
}

// Show opens the card of the band, whoever types: F4, or a click on it.
func (m *Model) Show(k Key) {
	clear(m.aside)
	clear(m.quiet)
	m.bring(k)
}

// bring brings a card to the front because a person asked for it, whoever types.
func (m *Model) bring(k Key) {
	m.at, m.state.Card = k, nil
	typing := m.typing
	m.typing = func() (bool, time.Time) { return false, time.Time{} }
	m.Tick()
	m.typing = typing
}

// SetAside folds the card of this alert into the band, and with it the others
// that this person has looked at. A key is refused while guarded.
func (m *Model) SetAside(k Key, byKey bool) {
	c := m.state.Card
	if c == nil || c.Key != k || byKey && m.Guarded() {
		return
	}
	m.aside[k] = true
	m.asideWith(c, m.now())
	for _, a := range m.state.Open {
		if m.looked[keyOf(a)] {
			m.aside[keyOf(a)] = true
		}
	}
	m.state.Card = nil
	m.Tick()
}

// Fold sets everything aside, seen or not: for a script that goes elsewhere. A
// person has SetAside.
func (m *Model) Fold() {
	if m.state.Card == nil {
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
	up, _ := m.up(m.state.Open, m.now())
	at := slices.IndexFunc(up, func(a ward.Alert) bool { return keyOf(a) == m.at })
	if len(up) < 2 {
		return
	}
	m.looked[m.at] = true
	m.bring(keyOf(up[(at+by+len(up))%len(up)]))
}
