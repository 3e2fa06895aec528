package alerts

import (
	"context"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

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
		for _, a := range m.state.Card.With {
			mark(a)
		}
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

// Take owns the alert that was drawn at the press: kind is taken, acting or
// handed-to. It is refused for an alert that is no longer in front, and for one
// that has only just come up; what needed words first was meant for it.
func (m *Model) Take(k Key, kind, words, to string) {
	c := m.state.Card
	switch {
	case c == nil || c.Key != k || c.Busy:
	case kind == "taken" && !m.Accepts():
		m.Early(k)
	default:
		m.take(k, kind, words, to, c.Alert)
	}
}

// TakeListed owns an alert of the page's list.
func (m *Model) TakeListed(k Key) {
	if m.JustChanged() {
		return
	}
	for _, a := range m.state.Open {
		if keyOf(a) == k {
			m.take(k, "taken", "", "", a)
			return
		}
	}
}

// Record records an action in one press, in just these words: of the card in front,
// if it has been there long enough to be read, or of a line of the page. It is
// taken back like any other.
func (m *Model) Record(k Key, words string) {
	if c := m.state.Card; c != nil {
		if c.Key == k && !c.Busy {
			if !m.Accepts() {
				m.Early(k)
				return
			}
			m.take(k, "acting", words, "", c.Alert)
		}
		return
	}
	if m.JustChanged() {
		return
	}
	for _, list := range [][]ward.Alert{m.state.Open, m.state.Owned} {
		for _, a := range list {
			if keyOf(a) == k {
				m.take(k, "acting", words, "", a)
				return
			}
		}
	}
}

// Likely are the actions that are offered ready, as they are recorded. Whom
// somebody told is named, or it is not offered: "told" without a name is no record.
func Likely(a ward.Alert) []string {
	out := []string{"Repeat sent", "Treated"}
	if a.Who.Consultant != "" {
		out = append(out, "Told "+a.Who.Consultant)
	}
	return out
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
				m.state.Undo = &Undo{k.Patient, string(done.Made[0]), doneWords(kind, words, a, m.now()), m.now().Add(undoFor)}
			}
			m.loader.Reload()
		})
	}()
}

func doneWords(kind, said string, a ward.Alert, now time.Time) string {
	about := lower(a.Result.Test) + ", " + lower(place(a, now))
	if kind == "acting" {
		return words.F("Recorded for %s: %s", about, said)
	}
	return words.F("You have %s", about)
}

// UndoTake takes back what was just taken, by an appended withdrawal.
func (m *Model) UndoTake() {
	u := m.state.Undo
	if u == nil || m.now().After(u.Until) {
		return
	}
	m.state.Undo = nil
	m.Withdraw(u.Patient, u.Task, "by mistake")
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

// RuleOf is which rule of the page of rules an alert warns by.
func RuleOf(a ward.Alert) string {
	switch {
	case a.Held != nil:
		return "held-back"
	case a.Result.Reopened && !a.Result.Critical:
		return "corrected"
	}
	return a.Result.Rule
}
