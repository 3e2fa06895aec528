// Package tasks is the view model of the tasks page: what is to be done on the
// ward, by patient; a form to make one; and finishing one, with its way back.
//
// What it promises: a task is finished in the state that was drawn; what was
// finished can be taken back while the note says so, and the taking back is an
// entry of its own; a form that was begun for one patient is never saved for
// another; and what is new never moves the line that somebody reads.
package tasks

import (
	"context"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Desk is what the page needs of the station.
type Desk interface {
	base.Notices
	Tasks(ctx context.Context) (ward.Duties, error)
	Search(ctx context.Context, text string) ([]ward.Found, error)
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
	base.Recaller
}

// Filter is which tasks are listed.
type Filter string

// The filters.
const (
	All     Filter = "all"
	ToMe    Filter = "to-me"
	Mine    Filter = "mine"
	Overdue Filter = "overdue"
)

// Filters lists them in order.
func Filters() []Filter { return []Filter{All, ToMe, Mine, Overdue} }

// Pill is one filter as drawn.
type Pill = base.Pill[Filter]

// kept says which lines a filter keeps.
var kept base.Keeps[Filter, Line] = keeps

// Undo is the way back of what was just done.
type Undo struct {
	Words   string // "Done: Repeat potassium"
	patient ward.PatientID
	task    fhir.ID
}

func (l Line) id() string { return l.ID }

// State is the page as drawn.
type State struct {
	Pills  []Pill
	Lines  []Line
	Open   string // the id of the line that is chosen
	Form   *Form  // a task is being made
	Close  *Close // or taken off the list without having been done here
	AsOf   string
	Empty  string
	Error  string // what failed, also why nothing could be read
	Busy   bool
	Loaded bool
	Late   int   // how many are overdue on the ward
	ToMe   int   // how many are given to the reader
	Undo   *Undo // a new one each time something was finished
}

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk   Desk
	d      base.Dispatcher
	now    func() time.Time
	show   func(State)
	loader *base.Loader[ward.Duties]
	hands  base.Hands
	finder *finder
	list   ward.Duties
	filter Filter
	state  State
	unread base.Unread
	forms  uint64 // counts the forms that were opened
	drafts *base.Drafts

	// OnRun opens a patient's routines in their chart; it may be nil.
	OnRun func(ward.PatientID)
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, d: d, now: now, show: show, filter: All, drafts: base.NewDrafts(desk)}
	m.loader = base.NewLoader(d, desk.Tasks, m.loaded)
	m.hands = base.Hands{Dispatcher: d, Desk: desk, Busy: &m.state.Busy, Error: &m.state.Error, Show: func() { m.show(m.state) }, Reload: m.loader.Reload}
	m.finder = newFinder(m)
	return m
}

// Follow keeps the page up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	m.loader.Follow(ctx, m.desk, 30*time.Second)
}

func (m *Model) loaded(list ward.Duties, err error) {
	if !m.unread.Heard(err, &m.state.Error) {
		m.show(m.state)
		return
	}
	m.list, m.state.Loaded = list, true
	m.arrange()
	m.show(m.state)
}

// arrange makes the lines of what was read.
func (m *Model) arrange() {
	now := m.now()
	all := linesOf(m.list.Items, now)
	m.state.Late, m.state.ToMe = 0, 0
	for _, l := range all {
		m.state.Late += count(l.Late != "")
		m.state.ToMe += count(l.ToMe)
	}
	m.state.Pills = kept.Pills(Filters(), names(), m.filter, all)
	m.state.Lines = kept.Of(m.filter, all)
	m.state.AsOf = base.AsOf(m.list.AsOf, now)
	m.state.Empty = m.empty(now)
	m.state.Open = base.Chosen(m.state.Open, m.state.Lines, Line.id)
}

// empty says why there is nothing: only what is known may be said to be absent.
func (m *Model) empty(now time.Time) string {
	switch {
	case len(m.state.Lines) > 0:
		return ""
	case m.list.AsOf.IsZero():
		return words.T("Not loaded: this computer has had no contact with the server yet. Tasks made on this computer are listed here.")
	case m.filter != All:
		return words.F("None of these, as of %s.", ward.Stamp(m.list.AsOf, now))
	}
	return words.F("None: no open tasks on this ward, as of %s.", ward.Stamp(m.list.AsOf, now))
}

func names() map[Filter]string {
	return map[Filter]string{All: words.T("Ward"), ToMe: words.T("Given to me"), Mine: words.T("My patients"), Overdue: words.T("Overdue")}
}

func keeps(f Filter, l Line) bool {
	switch f {
	case ToMe:
		return l.ToMe
	case Mine:
		return l.Mine
	case Overdue:
		return l.Late != ""
	case All:
	}
	return true
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func (m *Model) line(id string) (Line, bool) {
	for _, l := range m.state.Lines {
		if l.ID == id {
			return l, true
		}
	}
	return Line{}, false
}

// SetFilter lists other tasks.
func (m *Model) SetFilter(f Filter) {
	m.filter, m.state.Error = f, ""
	m.arrange()
	m.show(m.state)
}

// Select chooses a line.
func (m *Model) Select(id string) {
	if _, ok := m.line(id); ok && m.state.Open != id {
		m.state.Open, m.state.Error = id, ""
		m.show(m.state)
	}
}

// Finish marks a task as done, and offers the way back.
func (m *Model) Finish(id string) {
	l, ok := m.line(id)
	if !ok || m.state.Busy {
		return
	}
	if l.Run { // no press finishes a whole routine
		if m.OnRun != nil {
			m.OnRun(l.Who.ID)
		}
		return
	}
	done := &Undo{Words: words.F("Done: %s", l.Words), patient: l.Who.ID, task: l.Task}
	m.do(ward.FinishTask{Patient: l.Who.ID, Task: l.Task}, func() { m.state.Undo = done })
}

// Undo takes back what was finished last, while that is offered.
func (m *Model) Undo() {
	u := m.state.Undo
	if u == nil || m.state.Busy {
		return
	}
	m.do(ward.ReopenTask{Patient: u.patient, Task: u.task, Reason: "finished by mistake"}, func() { m.state.Undo = nil })
}

// do carries out a command; what was done is seen by the next reading, by no
// other road.
func (m *Model) do(cmd ward.Command, after func()) {
	m.hands.Do([]ward.Command{cmd}, func([]fhir.ID) { after() })
}

// State is the present state.
func (m *Model) State() State { return m.state }
