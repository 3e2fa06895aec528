// Package outage is the view model of the page behind the status strip: what
// waits to be sent and since when, how old each feed is, and what an outage left
// behind, patient by patient.
//
// What it promises: that everything is sent is said only when central has
// answered for every entry of this computer; that a list is complete only when
// it is; and that two sides hold the same only when they were compared.
package outage

import (
	"context"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Desk is what the page needs of the station.
type Desk interface {
	base.Notices
	Link() ward.Link
	Unsent(ctx context.Context) (list []ward.Unsent, more int, err error)
	OutageReport(ctx context.Context, from time.Time) (ward.OutageReport, error)
}

// Tone is how a line is drawn.
type Tone string

// The tones.
const (
	Plain   Tone = "plain"
	Muted   Tone = "muted"
	Unsent  Tone = "unsent"  // waits to be sent
	Waiting Tone = "waiting" // waits for a person
	Late    Tone = "late"    // a feed that is down, an entry that was refused
	Good    Tone = "good"
)

// Line is one line of the page.
type Line struct {
	ID      string
	Head    bool           // of a group
	Patient ward.PatientID // whose chart it opens; "" for none
	Review  bool           // it opens the reviews instead
	Bed     string
	Name    string // of a patient, or a feed
	Words   string
	Second  string
	Tone    Tone
}

// State is the page as drawn.
type State struct {
	Head  string // "Network out since 02:14", "Connected"
	Words string // what that means for what was written here
	Tone  Tone   // of Words
	Lines []Line
	AsOf  string
	Error string
}

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk    Desk
	now     func() time.Time
	show    func(State)
	loader  *base.Loader[read]
	reports *base.Loader[ward.OutageReport]
	read    read
	seen    bool // read is of this time
	report  *ward.OutageReport
	state   State
}

// read is what the page reads at once. The report comes by itself: it goes through
// every patient and asks the server, which takes seconds, and what waits to be sent
// must not wait for it.
type read struct {
	link   ward.Link
	unsent []ward.Unsent
	more   int
}

// tells says whether there is an outage to report on: one that is not over, or one
// of this shift.
func (r read) tells() bool { return r.link.LastOutage != nil || !r.link.Connected && r.link.Ever }

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, now: now, show: show}
	m.loader = base.NewLoader(d, m.load, m.loaded)
	m.reports = base.NewLoader(d, func(ctx context.Context) (ward.OutageReport, error) { return desk.OutageReport(ctx, time.Time{}) }, m.reported)
	return m
}

// Open reads the page while it is shown, until ctx ends, and says so until something
// is there. A report goes through every patient: nobody pays for it who does not look.
func (m *Model) Open(ctx context.Context) {
	m.loader.Cancel()
	m.reports.Cancel()
	m.report, m.seen = nil, false // of another time
	m.state = State{Head: words.T("Reading this computer’s copy"), Words: words.T("What waits to be sent, how old each feed is, and what an outage left behind come in a moment."), Tone: Plain}
	m.show(m.state)
	m.loader.Follow(ctx, m.desk, 15*time.Second)
}

// Whole says whether everything is there that the page reads: what waits to be sent, and
// the report, where there is an outage to report on; or that it could not be read.
func (m *Model) Whole() bool {
	return m.state.Error != "" || m.seen && (m.report != nil || !m.read.tells())
}

func (m *Model) load(ctx context.Context) (read, error) {
	r := read{link: m.desk.Link()}
	var err error
	r.unsent, r.more, err = m.desk.Unsent(ctx)
	return r, err
}

func (m *Model) loaded(r read, err error) {
	if err != nil {
		m.failed(err)
		return
	}
	m.read, m.seen = r, true
	if r.tells() {
		m.reports.Reload()
	} else {
		m.report = nil
	}
	m.arrange()
}

func (m *Model) reported(rep ward.OutageReport, err error) {
	if err != nil {
		m.failed(err)
		return
	}
	if m.read.tells() {
		m.report = &rep
		m.arrange()
	}
}

func (m *Model) failed(err error) {
	m.state.Error = base.Words(err)
	m.show(m.state)
}

// arrange makes the page of what was read.
func (m *Model) arrange() {
	now, r := m.now(), m.read
	s := State{AsOf: words.F("as of %s", ward.Clock(now))}
	s.Head, s.Words, s.Tone = standing(r, now)
	s.Lines = append(s.Lines, unsentLines(r, now)...)
	s.Lines = append(s.Lines, feedLines(r.link, now)...)
	switch {
	case m.report != nil:
		s.Lines = append(s.Lines, reportLines(*m.report, now)...)
	case r.tells():
		s.Lines = append(s.Lines, Line{ID: "report", Head: true, Name: words.T("What the outage left behind")},
			Line{ID: "reading", Words: words.T("Being read, patient by patient, and compared with the server: a few seconds."), Tone: Muted})
	}
	m.state = s
	m.show(s)
}

// State is the present state.
func (m *Model) State() State { return m.state }
