// Package handover is the view model of the handover page: the I-PASS sheets of a
// shift, what people write on them, giving and accepting them, and a call about
// one patient.
//
// What it promises: facts are shown as the record has them, each with its time;
// text is shown as people wrote it and by whom; a signature acts on what was
// drawn; and a form that was begun for one patient is never saved for another.
package handover

import (
	"context"
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
	Handover(ctx context.Context) (ward.Handover, error)
	Open(ctx context.Context, id ward.PatientID) error
	Call(ctx context.Context, id ward.PatientID) (ward.Call, error)
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
	base.Recaller
}

// Filter is whose sheets are listed.
type Filter string

// The filters.
const (
	All     Filter = "all"
	Mine    Filter = "mine"
	Waiting Filter = "waiting" // given, and accepted by nobody
)

// Filters lists them in order.
func Filters() []Filter { return []Filter{All, Mine, Waiting} }

// Pill is one filter as drawn.
type Pill = base.Pill[Filter]

// kept says which lines a filter keeps.
var kept base.Keeps[Filter, Line] = keeps

// Undo is the way back of a giving.
type Undo struct {
	Words string
	given []ward.TakeBackHandover
}

func (l Line) id() string { return l.ID }

// State is the page as drawn.
type State struct {
	Pills  []Pill
	Lines  []Line
	Open   string // the id of the line that is chosen
	Form   *Form
	From   string // who would give: the reader
	AsOf   string
	Foot   string // what waits, and where it goes
	Late   bool   // Foot tells of something that went up
	Empty  string
	Error  string
	Busy   bool
	Loaded bool
	Undo   *Undo // a new one each time something was given
}

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk   Desk
	d      base.Dispatcher
	now    func() time.Time
	me     ward.Person
	show   func(State)
	loader *base.Loader[ward.Handover]
	hands  base.Hands
	read   ward.Handover
	filter Filter
	state  State
	unread base.Unread
	calls  uint64 // counts the calls that were begun
	forms  uint64 // counts the forms that were opened
	typed  bool   // somebody has typed in the form that is open
	drafts *base.Drafts
	resume *resume // what is to be opened once the sheets are read
}

// New makes the model for the person who is signed in.
func New(desk Desk, d base.Dispatcher, now func() time.Time, me ward.Person, show func(State)) *Model {
	m := &Model{desk: desk, d: d, now: now, me: me, show: show, filter: All, drafts: base.NewDrafts(desk)}
	m.state.From = me.Name
	m.loader = base.NewLoader(d, desk.Handover, m.loaded)
	m.hands = base.Hands{Dispatcher: d, Desk: desk, Busy: &m.state.Busy, Error: &m.state.Error, Show: func() { m.show(m.state) }, Reload: m.loader.Reload}
	return m
}

// Follow keeps the page up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	m.loader.Follow(ctx, m.desk, 30*time.Second)
}

func (m *Model) loaded(h ward.Handover, err error) {
	if !m.unread.Heard(err, &m.state.Error) {
		m.show(m.state)
		return
	}
	m.read, m.state.Loaded = h, true
	m.arrange()
	m.show(m.state)
	if r := m.resume; r != nil {
		m.begin(*r)
	}
}

// arrange makes the lines of what was read.
func (m *Model) arrange() {
	now := m.now()
	var all []Line
	for _, s := range m.read.Sheets {
		all = append(all, LineOf(s, m.me, now))
	}
	m.state.Pills = kept.Pills(Filters(), names(), m.filter, all)
	m.state.Lines = kept.Of(m.filter, all)
	m.state.AsOf = base.AsOf(m.read.AsOf, now)
	m.state.Empty = m.empty(now)
	m.state.Foot, m.state.Late = foot(all, m.read.More, now)
	m.state.Open = base.Chosen(m.state.Open, m.state.Lines, Line.id)
}

func (m *Model) empty(now time.Time) string {
	switch {
	case len(m.state.Lines) > 0:
		return ""
	case m.read.AsOf.IsZero():
		return words.T("Not loaded: this computer has had no contact with the server yet.")
	case m.filter == Mine:
		return words.F("None: nobody is on your own list, as of %s.", ward.Stamp(m.read.AsOf, now))
	case m.filter == Waiting:
		return words.F("None: no handover waits to be accepted, as of %s.", ward.Stamp(m.read.AsOf, now))
	}
	return words.F("None: nobody is on this ward, as of %s.", ward.Stamp(m.read.AsOf, now))
}

func names() map[Filter]string {
	return map[Filter]string{All: words.T("Ward"), Mine: words.T("Mine"), Waiting: words.T("Not accepted")}
}

func keeps(f Filter, l Line) bool {
	switch f {
	case Mine:
		return l.Sheet.Mine
	case Waiting:
		return l.Sheet.Given != nil && len(l.Sheet.Given.Accepted) == 0
	case All:
	}
	return true
}

// foot says what waits to be accepted, and what of it went up.
func foot(all []Line, more int, now time.Time) (said string, late bool) {
	waits, over := 0, 0
	var due time.Time
	for _, l := range all {
		g := l.Sheet.Given
		if g == nil || len(g.Accepted) > 0 {
			continue
		}
		waits++
		if g.Late(now) {
			over++
		}
		if due.IsZero() || g.Due.Before(due) {
			due = g.Due
		}
	}
	if more > 0 {
		said = words.N(more, "%d more patient is not on these sheets.", "%d more patients are not on these sheets.") + " "
	}
	switch {
	case over > 0:
		return said + words.F("%d of %d not accepted for more than 30 min: charge nurse", over, waits), true
	case waits > 0:
		return said + words.F("%d not accepted yet: goes to the charge nurse at %s", waits, ward.Stamp(due, now)), false
	}
	return strings.TrimSpace(said), false
}

func (m *Model) line(id string) (Line, bool) {
	for _, l := range m.state.Lines {
		if l.ID == id {
			return l, true
		}
	}
	return Line{}, false
}

// SetFilter lists other sheets.
func (m *Model) SetFilter(f Filter) {
	m.filter, m.state.Error = f, ""
	m.arrange()
	m.show(m.state)
}

// Select chooses a line. A form that is open stays with the patient it was begun
// for.
func (m *Model) Select(id string) {
	if _, ok := m.line(id); ok && m.state.Open != id {
		m.state.Open = id
		if m.state.Form == nil {
			m.state.Error = ""
		}
		m.show(m.state)
	}
}

// TakeBack takes the last giving back, while that is offered.
func (m *Model) TakeBack() {
	u := m.state.Undo
	if u == nil || m.state.Busy {
		return
	}
	cmds := make([]ward.Command, len(u.given))
	for i := range u.given {
		cmds[i] = u.given[i]
	}
	m.do(cmds, func([]fhir.ID) { m.state.Undo = nil })
}

// do carries out commands one after another; the first refusal ends it and is
// told. What was done is seen by the next reading, by no other road.
func (m *Model) do(cmds []ward.Command, after func(made []fhir.ID)) {
	if m.state.Busy || len(cmds) == 0 {
		return
	}
	m.hands.Do(cmds, after)
}

// State is the present state.
func (m *Model) State() State { return m.state }
