// Package phoned is the view model of the form for a result that a laboratory
// tells on the phone: whose it is, what was measured, the value as it was said, who
// called, and whether it was read back.
package phoned

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Desk is what the form needs of the station.
type Desk interface {
	// Analytes are what a laboratory measures, by the beginnings of words.
	Analytes(ctx context.Context, text string) ([]ward.Analyte, error)
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
	base.Recaller
}

// Entry is the form as it was filled.
type Entry struct {
	Test      string
	Value     string // "6.8", "<2.6", or words
	Unit      string
	Lab       string
	Caller    string
	Called    string // "10:20"; "" is now
	Collected string // "09:50"; "" where it was not said
	ReadBack  bool
	Why       string
}

// State is the form as drawn.
type State struct {
	Open    bool
	Who     ward.Identity  // the patient, restated
	Found   []ward.Analyte // what fits the test that is typed
	Test    ward.Analyte   // chosen; no name: none yet
	Default time.Time      // when the call was, unless another time is typed
	Busy    bool
	Error   string // what is missing or was refused, in words
	Kept    *Kept  // what was begun before, once: the form fills itself with it
	Note    string // "Draft kept 14:05. …"
}

// Kept is a form that its author had begun. That it was read back is asked again.
type Kept struct{ Entry }

// draft is the form as it is kept while somebody fills it.
type draft struct {
	Entry Entry     `json:"entry"`
	Began time.Time `json:"began"` // when the call was, unless another time is typed
}

const kindPhoned = "phoned"

// maxFound is how many tests are offered: of more somebody types on.
const maxFound = 6

// Model is the view model. Its methods are for the display's goroutine.
type Model struct {
	desk  Desk
	d     base.Dispatcher
	now   func() time.Time
	show  func(State)
	saved func(words string)
	state State
	gen   atomic.Uint64 // counts forms: an answer to an earlier one is known by it
	texts atomic.Uint64 // counts what was typed, likewise

	typed  bool // something was typed in the form that is open
	drafts *base.Drafts
}

// New makes the model; saved is called with what to say once it is saved.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State), saved func(words string)) *Model {
	return &Model{desk: desk, d: d, now: now, show: show, saved: saved, drafts: base.NewDrafts(desk)}
}

// State is the form as it stands.
func (m *Model) State() State { return m.state }

// Begin opens the form, empty, for a patient.
func (m *Model) Begin(who ward.Identity) {
	m.gen.Add(1)
	m.state, m.typed = State{Open: true, Who: who, Default: m.now()}, false
	m.show(m.state)
	m.Find("")
	gen := m.gen.Load()
	base.Recall(m.d, m.desk, m.drafts, who.ID, kindPhoned, func(d draft, at time.Time, err error) {
		if gen != m.gen.Load() || m.typed {
			return
		}
		if err != nil {
			m.state.Error = base.Words(err)
			m.show(m.state)
			return
		}
		d.Entry.ReadBack = false
		m.state.Kept, m.state.Default = &Kept{d.Entry}, d.Began
		m.state.Note = base.KeptWords(at, m.now()) + ". " + words.F("Without another time the call counts as of %s.", ward.Stamp(d.Began, m.now()))
		m.show(m.state)
		m.Find(d.Entry.Test)
	})
}

// Type takes every change of the form: it is kept as it is typed.
func (m *Model) Type(e Entry) {
	if !m.state.Open {
		return
	}
	m.typed = true
	e.ReadBack = false
	if e == (Entry{}) {
		m.drafts.Put(m.state.Who.ID, kindPhoned, "")
		return
	}
	base.PutForm(m.drafts, m.state.Who.ID, kindPhoned, draft{e, m.state.Default})
}

// Leave closes the form because the person said so: what was typed is forgotten.
func (m *Model) Leave() {
	if m.state.Open {
		m.drafts.Drop(m.state.Who.ID, kindPhoned)
	}
	m.Close()
}

// Flush writes what is being typed now: the window locks, the program ends.
func (m *Model) Flush() { m.drafts.Flush() }

// About completes who the form is about, once their chart is read. It never turns
// the form to somebody else.
func (m *Model) About(who ward.Identity) {
	if m.state.Open && who.ID == m.state.Who.ID && who != m.state.Who {
		m.state.Who = who
		m.show(m.state)
	}
}

// Close closes the form; what was typed stays as a draft, and an answer that comes later
// changes nothing.
func (m *Model) Close() {
	m.gen.Add(1)
	m.state = State{}
	m.show(m.state)
}

// Find looks for tests by what was typed. A test whose name was typed in full is
// chosen by that.
func (m *Model) Find(text string) {
	if !m.state.Open {
		return
	}
	gen, typed := m.gen.Load(), m.texts.Add(1)
	if !strings.EqualFold(strings.TrimSpace(text), m.state.Test.Name) {
		m.state.Test = ward.Analyte{}
	}
	go func() {
		list, err := m.desk.Analytes(context.Background(), text)
		m.d.Do(func() {
			if gen != m.gen.Load() || typed != m.texts.Load() {
				return
			}
			m.state.Found = list[:min(len(list), maxFound)]
			if err != nil {
				m.state.Error = base.Words(err)
			}
			for _, a := range list {
				if strings.EqualFold(a.Name, strings.TrimSpace(text)) {
					m.state.Test = a
				}
			}
			m.show(m.state)
		})
	}()
}

// Choose takes one of the tests that were found.
func (m *Model) Choose(name string) {
	for _, a := range m.state.Found {
		if a.Name == name {
			m.state.Test, m.state.Error = a, ""
			m.show(m.state)
			return
		}
	}
}

// Save writes the result down. While it runs, another Save does nothing.
func (m *Model) Save(e Entry) {
	if !m.state.Open || m.state.Busy {
		return
	}
	cmd, missing := m.command(e)
	if missing != "" {
		m.state.Error = missing
		m.show(m.state)
		return
	}
	m.state.Busy, m.state.Error = true, ""
	m.show(m.state)
	gen, name := m.gen.Load(), m.state.Who.ShowName()
	go func() {
		_, err := m.desk.Do(context.Background(), cmd)
		m.d.Do(func() {
			switch {
			case err == nil:
				m.drafts.Drop(cmd.Patient, kindPhoned)
				m.saved(words.F("Phoned result saved for %s: %s", name, strings.TrimSpace(cmd.Test+" "+cmd.Comparator+cmd.Value+" "+cmd.Unit)))
				if gen == m.gen.Load() {
					m.Close()
				}
			case gen == m.gen.Load():
				m.state.Busy, m.state.Error = false, base.Words(err)
				m.show(m.state)
			default: // the form was closed or is another one's: it must not vanish without a word
				m.saved(words.F("Not saved, the phoned result for %s: %s", name, base.Words(err)))
			}
		})
	}()
}

// command is what the form asks for; missing says what is missing or not understood.
func (m *Model) command(e Entry) (c ward.RecordPhoned, missing string) {
	c = ward.RecordPhoned{Patient: m.state.Who.ID, Test: m.state.Test.Name, Unit: strings.TrimSpace(e.Unit), Lab: e.Lab, Caller: e.Caller, ReadBack: e.ReadBack, Why: e.Why, Called: m.state.Default}
	if c.Test == "" {
		return c, words.T("Choose the test from the list. Nothing was saved.")
	}
	c.Comparator, c.Value = split(e.Value, m.state.Test.Words)
	now := m.now()
	for _, f := range []struct {
		text string
		to   *time.Time
	}{{e.Called, &c.Called}, {e.Collected, &c.Collected}} {
		if strings.TrimSpace(f.text) == "" {
			continue
		}
		at, ok := Clock(f.text, now)
		if !ok {
			return c, words.F("“%s” is no time of day: type it as 10:20. Nothing was saved.", strings.TrimSpace(f.text))
		}
		*f.to = at
	}
	return c, ""
}

// split takes what stands before the digits apart; of plain words nothing is taken.
func split(text string, plain bool) (comparator, value string) {
	text = strings.TrimSpace(text)
	if plain {
		return "", text
	}
	for _, c := range []struct{ typed, code string }{{"<=", "<="}, {">=", ">="}, {"≤", "<="}, {"≥", ">="}, {"<", "<"}, {">", ">"}} {
		if rest, ok := strings.CutPrefix(text, c.typed); ok {
			return c.code, strings.TrimSpace(rest)
		}
	}
	return "", text
}

// ahead is what a hand and a clock are wrong by.
const ahead = 5 * time.Minute

// Clock reads a time of day that has passed ("10:20", "1020"): yesterday's where
// today's lies ahead.
func Clock(text string, now time.Time) (at time.Time, ok bool) {
	text = strings.TrimSpace(text)
	hours, minutes, colon := strings.Cut(text, ":")
	if !colon && len(text) == 4 {
		hours, minutes = text[:2], text[2:]
	}
	if len(minutes) != 2 || len(hours) < 1 || len(hours) > 2 || strings.Trim(hours+minutes, "0123456789") != "" {
		return at, false
	}
	h, _ := strconv.Atoi(hours) // digits only
	min, _ := strconv.Atoi(minutes)
	if h > 23 || min > 59 {
		return at, false
	}
	at = time.Date(now.Year(), now.Month(), now.Day(), h, min, 0, 0, now.Location())
	if at.After(now.Add(ahead)) {
		at = time.Date(now.Year(), now.Month(), now.Day()-1, h, min, 0, 0, now.Location())
	}
	return at, true
}
