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
	desk   Desk
	now    func() time.Time
	show   func(State)
	loader *base.Loader[read]
	state  State
}

// read is what the page reads at once.
type read struct {
	link   ward.Link
	unsent []ward.Unsent
	more   int
	report *ward.OutageReport
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, now: now, show: show}
	m.loader = base.NewLoader(d, m.read, m.loaded)
	return m
}

// Open reads the page while it is shown, until ctx ends. A report goes through
// every patient: nobody pays for it who does not look.
func (m *Model) Open(ctx context.Context) {
	m.loader.Cancel()
	m.loader.Reload()
	base.Follow(ctx, m.desk, 15*time.Second, func(ward.Notice) { m.loader.Reload() })
}

func (m *Model) read(ctx context.Context) (read, error) {
	r := read{link: m.desk.Link()}
	var err error
	if r.unsent, r.more, err = m.desk.Unsent(ctx); err != nil {
		return r, err
	}
	if r.link.LastOutage == nil && (r.link.Connected || !r.link.Ever) {
		return r, nil // there was none lately
	}
	rep, err := m.desk.OutageReport(ctx, time.Time{})
	r.report = &rep
	return r, err
}

func (m *Model) loaded(r read, err error) {
	now := m.now()
	if err != nil {
		m.state.Error = base.Words(err)
		m.show(m.state)
		return
	}
	s := State{AsOf: "as of " + ward.Clock(now)}
	s.Head, s.Words, s.Tone = standing(r, now)
	s.Lines = append(s.Lines, unsentLines(r, now)...)
	s.Lines = append(s.Lines, feedLines(r.link, now)...)
	if r.report != nil {
		s.Lines = append(s.Lines, reportLines(*r.report, now)...)
	}
	m.state = s
	m.show(s)
}

// State is the present state.
func (m *Model) State() State { return m.state }
