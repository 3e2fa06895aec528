// Package results is the view model of the results inbox: what waits for
// somebody, worst first, what was corrected with old and new side by side, and
// the answers: read, acting, handed to.
//
// What it promises: a result is acknowledged in the version that was drawn, or
// not at all; marks never include a critical or corrected result, and a line
// that changes loses its mark; and what is new never moves the line that
// somebody reads.
package results

import (
	"context"
	"fmt"
	"slices"
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
	Inbox(ctx context.Context) (ward.Inbox, error)
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
}

// Filter is which results are listed.
type Filter string

// The filters.
const (
	All    Filter = "all"
	Mine   Filter = "mine"
	Taken  Filter = "taken"
	Handed Filter = "handed"
)

// Pill is one filter as drawn.
type Pill = base.Pill[Filter]

// filters are in the order of the pills.
var filters = []Filter{All, Mine, Taken, Handed}

// kept says which lines a filter keeps.
var kept base.Keeps[Filter, Line] = keeps

// Line is one line of the list: a result that is answered by itself, or what
// came of one panel at one time.
type Line struct {
	ID      string
	Kind    ward.InboxKind
	Who     ward.Identity
	Left    string // "Discharged 14:05, last bed 07": they are on no ward any more
	Items   []ward.InboxItem
	At      string
	Panel   string // of new results: "Full blood count"
	Second  string // who has it, or that nobody has
	Urgent  bool   // Second is drawn in red
	Marked  bool
	CanMark bool
	Unsent  bool
}

// State is the page as drawn.
type State struct {
	Pills  []Pill
	Lines  []Line
	Open   *Line
	Marked int    // how many lines are marked
	Asking string // "acting" or "handed-to": words are asked for
	AsOf   string
	Empty  string
	Error  string
	Busy   bool
	Loaded bool
	Badge  int // how much waits on the ward
}

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk   Desk
	now    func() time.Time
	show   func(State)
	loader *base.Loader[ward.Inbox]
	hands  base.Hands
	inbox  ward.Inbox
	filter Filter
	marks  map[string]string // line to what it held when it was marked
	state  State
	unread base.Unread
	came   time.Time // when the open line took the place of one that went
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, now: now, show: show, filter: All, marks: map[string]string{}}
	m.loader = base.NewLoader(d, desk.Inbox, m.loaded)
	m.hands = base.Hands{Dispatcher: d, Desk: desk, Busy: &m.state.Busy, Error: &m.state.Error, Show: func() { m.show(m.state) }, Reload: m.loader.Reload}
	return m
}

// Follow keeps the page up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	m.loader.Follow(ctx, m.desk, 30*time.Second)
}

func (m *Model) loaded(in ward.Inbox, err error) {
	if !m.unread.Heard(err, &m.state.Error) {
		m.show(m.state)
		return
	}
	m.inbox, m.state.Loaded = in, true
	m.arrange()
	m.show(m.state)
}

// arrange makes the lines of what was read.
func (m *Model) arrange() {
	now := m.now()
	all := linesOf(m.inbox.Items, now)
	m.state.Badge = len(all)
	before := m.state.Lines
	m.state.Pills = kept.Pills(filters, names(), m.filter, all)
	m.state.Lines = kept.Of(m.filter, all)
	m.state.AsOf = base.AsOf(m.inbox.AsOf, now)
	m.state.Empty = m.empty(now)
	m.keepMarks()
	m.keepOpen(before)
}

func names() map[Filter]string {
	return map[Filter]string{All: words.T("Ward"), Mine: words.T("My patients"), Taken: words.T("Taken, action not recorded"), Handed: words.T("Handed to me")}
}

func keeps(f Filter, l Line) bool {
	switch f {
	case Mine:
		return slices.ContainsFunc(l.Items, func(it ward.InboxItem) bool { return it.Mine })
	case Taken:
		return l.Kind == ward.InboxTaken
	case Handed:
		return slices.ContainsFunc(l.Items, func(it ward.InboxItem) bool { return it.ToMe })
	case All:
	}
	return true
}

// empty says why there is nothing: only what is known may be said to be absent.
func (m *Model) empty(now time.Time) string {
	switch {
	case len(m.state.Lines) > 0:
		return ""
	case m.inbox.FeedDown && m.inbox.AsOf.IsZero():
		return words.T("Not loaded: no laboratory is connected, so nobody knows what waits.")
	case m.inbox.FeedDown:
		return words.F("None by %s. What came since is not here: phone the laboratory.", ward.Stamp(m.inbox.AsOf, now))
	case m.filter != All:
		return words.F("None of these, as of %s.", ward.Clock(now))
	}
	return words.F("None: every result has been acknowledged, as of %s.", ward.Clock(now))
}

// keepMarks drops the marks of lines that went or hold something else now.
func (m *Model) keepMarks() {
	m.state.Marked = 0
	live := map[string]bool{}
	for i := range m.state.Lines {
		l := &m.state.Lines[i]
		if held, ok := m.marks[l.ID]; ok && held == l.holds() && l.CanMark {
			l.Marked, live[l.ID] = true, true
			m.state.Marked++
		}
	}
	for id := range m.marks {
		if !live[id] {
			delete(m.marks, id)
		}
	}
}

// keepOpen holds on to the open line. If it says something else now, the answer
// is the person's to give again. If it went, the one that stood behind it is open: whoever
// works through the list goes on where they were.
func (m *Model) keepOpen(before []Line) {
	old := m.state.Open
	if old != nil {
		for i := range m.state.Lines {
			l := m.state.Lines[i]
			if l.ID != old.ID {
				continue
			}
			if l.holds() != old.holds() {
				m.state.Asking = ""
				m.state.Error = words.T("This changed while you looked. Read it again.")
			}
			m.state.Open = &l
			return
		}
	}
	m.state.Open, m.state.Asking = nil, ""
	if old != nil {
		m.came = m.now()
	}
	if len(m.state.Lines) > 0 {
		l := m.state.Lines[0]
		if old != nil {
			l = m.next(before, old.ID)
		}
		m.state.Open = &l
	}
}

// next is the line that stood behind one that went and is still here, else the last one
// before it, else the first of all.
func (m *Model) next(before []Line, gone string) Line {
	i := slices.IndexFunc(before, func(l Line) bool { return l.ID == gone })
	if i < 0 {
		return m.state.Lines[0]
	}
	behind := slices.Clone(before[:i])
	slices.Reverse(behind)
	for _, was := range append(slices.Clone(before[i+1:]), behind...) {
		if k := slices.IndexFunc(m.state.Lines, func(l Line) bool { return l.ID == was.ID }); k >= 0 {
			return m.state.Lines[k]
		}
	}
	return m.state.Lines[0]
}

// SetFilter lists other results.
func (m *Model) SetFilter(f Filter) {
	m.filter = f
	m.state.Error = ""
	m.arrange()
	m.show(m.state)
}

// Select opens a line.
func (m *Model) Select(id string) {
	for _, l := range m.state.Lines {
		if l.ID == id && (m.state.Open == nil || m.state.Open.ID != id) {
			m.state.Open, m.state.Asking, m.state.Error = &l, "", ""
			m.came = time.Time{} // by a person
			m.show(m.state)
		}
	}
}

// meant says whether a key or a press can have been meant for the open line. One
// that was on its way to the line before, which went, must not answer this one.
func (m *Model) meant() bool {
	if m.now().Sub(m.came) >= base.Look {
		return true
	}
	m.came = m.now() // the next one may be the same hand, trying again
	m.state.Error = words.T("The line before has gone, and this one took its place. Look who it is, then press again.")
	m.show(m.state)
	return false
}

// Mark marks a line, or takes its mark away. What is answered one by one cannot
// be marked.
func (m *Model) Mark(id string) {
	for i := range m.state.Lines {
		l := &m.state.Lines[i]
		if l.ID != id || !l.CanMark {
			continue
		}
		if _, on := m.marks[id]; on {
			delete(m.marks, id)
		} else {
			m.marks[id] = l.holds()
		}
	}
	m.arrange()
	m.show(m.state)
}

// AcknowledgeMarked says that the marked lines were read.
func (m *Model) AcknowledgeMarked() {
	var lines []Line
	for _, l := range m.state.Lines {
		if l.Marked {
			lines = append(lines, l)
		}
	}
	m.acknowledge(lines)
}

// Acknowledge says that the open line was read: only what is no duty.
func (m *Model) Acknowledge() {
	if m.state.Open != nil && m.state.Open.CanMark {
		m.acknowledge([]Line{*m.state.Open})
	}
}

// acknowledge makes one command of each patient's results.
func (m *Model) acknowledge(lines []Line) {
	var order []ward.PatientID
	byPatient := map[ward.PatientID]ward.Acknowledge{}
	for _, l := range lines {
		c, known := byPatient[l.Who.ID]
		if !known {
			order, c.Patient = append(order, l.Who.ID), l.Who.ID
		}
		for _, it := range l.Items {
			c.Results = append(c.Results, ward.ShownResult{Patient: l.Who.ID, Result: it.Result.ID, Version: it.Result.Version})
		}
		byPatient[l.Who.ID] = c
	}
	cmds := make([]ward.Command, 0, len(order))
	for _, id := range order {
		cmds = append(cmds, byPatient[id])
	}
	m.do(cmds)
}

// Ask asks for the words of an answer: "acting" or "handed-to".
func (m *Model) Ask(kind string) {
	if m.state.Open == nil || m.state.Open.CanMark || m.state.Busy {
		return
	}
	m.state.Asking, m.state.Error = kind, ""
	m.show(m.state)
}

// Leave closes the question for words, and reports whether it was open.
func (m *Model) Leave() bool {
	if m.state.Asking == "" {
		return false
	}
	m.state.Asking, m.state.Error = "", ""
	m.show(m.state)
	return true
}

// Answer gives the words that were asked for.
func (m *Model) Answer(said string) {
	if strings.TrimSpace(said) == "" {
		m.state.Error = words.T("Say what was done.")
		if m.state.Asking == "handed-to" {
			m.state.Error = words.T("Say to whom it is handed.")
		}
		m.show(m.state)
		return
	}
	if m.state.Asking == "handed-to" {
		m.answer("handed-to", "", said)
		return
	}
	m.answer("acting", said, "")
}

// Take owns the open result.
func (m *Model) Take() {
	if m.state.Open != nil && m.meant() {
		m.answer("taken", "", "")
	}
}

// NothingToDo says of a corrected result, or of a quiet repeat, that it was seen and changes nothing.
func (m *Model) NothingToDo() {
	if m.state.Open != nil && (m.state.Open.Kind == ward.InboxCorrected || m.state.Open.Kind == ward.InboxQuiet) && m.meant() {
		m.answer("acting", "Seen, nothing to do", "")
	}
}

// answer acts on the version that is drawn.
func (m *Model) answer(kind, said, to string) {
	l := m.state.Open
	if l == nil || l.CanMark || m.state.Busy {
		return
	}
	r := l.Items[0].Result
	m.do([]ward.Command{ward.Take{Patient: l.Who.ID, Result: r.ID, Version: r.Version, Kind: kind, Words: said, To: to}})
}

// do carries out commands one after another; the first refusal ends it and is
// told.
func (m *Model) do(cmds []ward.Command) {
	if len(cmds) == 0 || m.state.Busy {
		return
	}
	m.hands.Do(cmds, func([]fhir.ID) { m.state.Asking = "" })
}

// State is the present state.
func (m *Model) State() State { return m.state }

// holds names what a line is about, by versions.
func (l Line) holds() string {
	var b strings.Builder
	for _, it := range l.Items {
		fmt.Fprintf(&b, "%s %d %s;", it.Result.ID, it.Result.Version, it.Kind)
	}
	return b.String()
}
