// Package chart is the view model of one patient's chart: the banner that
// never leaves, results, vital signs, allergies and notes, and the entries
// that a person makes there.
//
// Opening a chart is a look, and recorded before anything is shown. What is
// typed is kept as it is typed (a draft, sealed to its author), so that a kill
// loses at most the last third of a second. Changing the patient closes
// everything that was open for the other one.
package chart

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
)

// Desk is what the chart needs of the station.
type Desk interface {
	base.Notices
	Open(ctx context.Context, id ward.PatientID) error
	Chart(ctx context.Context, id ward.PatientID) (ward.Chart, error)
	Score(ctx context.Context, id ward.PatientID, set ward.VitalSet) (ward.Early, error)
	Drafts(ctx context.Context) ([]ward.Draft, error)
	Link() ward.Link
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
}

// Tab is one of the chart's pages.
type Tab string

// The tabs.
const (
	Results   Tab = "Results"
	Vitals    Tab = "Vital signs"
	Allergies Tab = "Allergies"
	Notes     Tab = "Notes"
)

// Tabs lists them in order.
func Tabs() []Tab { return []Tab{Results, Vitals, Allergies, Notes} }

// State is the chart as drawn.
type State struct {
	ID       ward.PatientID // "" while no chart is open
	Chart    ward.Chart
	Loaded   bool
	Tab      Tab
	Groups   []Group // results by panel, newest first
	Selected ward.ResultID
	Trend    []ward.Result // of the selected test, oldest first
	AsOf     string
	Empty    string // why there are no results, in words
	Note     string // the draft
	Editing  string // id of the note being reworded
	Vitals   ward.VitalSet
	Live     ward.Early // NEWS2 of what is typed
	Ask      []string   // improbable values to confirm
	Error    string     // stands where the person was
	Saved    string     // "Saved on this computer, 14:05"
	Busy     bool
}

// Group is one panel's results.
type Group struct {
	Panel string
	Note  string // "13:31: preliminary, may change"
	Rows  []Line
}

// Line is one test with its newest result and the earlier ones.
type Line struct {
	Newest  ward.Result
	Earlier []ward.Result // newest first
}

// draftDelay is how long typing must rest before a draft is written.
const draftDelay = 300 * time.Millisecond

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk   Desk
	d      base.Dispatcher
	now    func() time.Time
	show   func(State)
	loader *base.Loader[ward.Chart]
	scorer *base.Loader[ward.Early]
	state  State

	mu     sync.Mutex // guards what the loaders' goroutines read
	id     ward.PatientID
	set    ward.VitalSet
	drafts *drafts
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, d: d, now: now, show: show, drafts: newDrafts(desk)}
	m.state.Tab = Results
	m.loader = base.NewLoader(d, func(ctx context.Context) (ward.Chart, error) { return desk.Chart(ctx, m.patient()) }, m.loaded)
	m.scorer = base.NewLoader(d, func(ctx context.Context) (ward.Early, error) {
		m.mu.Lock()
		id, set := m.id, m.set
		m.mu.Unlock()
		return desk.Score(ctx, id, set)
	}, func(e ward.Early, err error) {
		if err == nil {
			m.state.Live = e
			m.show(m.state)
		}
	})
	return m
}

func (m *Model) patient() ward.PatientID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.id
}

// Follow keeps the chart up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	base.Follow(ctx, m.desk, 30*time.Second, func(n ward.Notice) {
		if id := m.patient(); id != "" && base.Concerns(n, id) {
			m.loader.Reload()
		}
	})
}

// Open shows a patient's chart. What was open for another patient is closed,
// its drafts kept.
func (m *Model) Open(id ward.PatientID, tab Tab) {
	m.Flush()
	m.loader.Cancel()
	m.scorer.Cancel()
	m.mu.Lock()
	m.id, m.set = id, ward.VitalSet{}
	m.mu.Unlock()
	if tab == "" {
		tab = Results
	}
	m.state = State{ID: id, Tab: tab}
	m.show(m.state)
	go func() {
		err := m.desk.Open(context.Background(), id)
		var kept []ward.Draft
		if err == nil {
			kept, err = m.desk.Drafts(context.Background())
		}
		m.d.Do(func() {
			if m.state.ID != id {
				return
			}
			if err != nil {
				m.state.Error = base.Words(err)
				m.show(m.state)
				return
			}
			m.restore(kept)
			m.loader.Reload()
		})
	}()
}

// restore puts unfinished text back where its author left it.
func (m *Model) restore(kept []ward.Draft) {
	for _, k := range kept {
		if k.Patient != m.state.ID {
			continue
		}
		switch k.Kind {
		case "note":
			m.state.Note = k.Body
			m.state.Saved = "Draft kept " + ward.Stamp(k.Saved.In(m.now().Location()), m.now())
		case "vitals":
			if json.Unmarshal([]byte(k.Body), &m.state.Vitals) == nil {
				m.score()
			}
		}
	}
	m.show(m.state)
}

// Close leaves the chart.
func (m *Model) Close() {
	m.Flush()
	m.loader.Cancel()
	m.scorer.Cancel()
	m.mu.Lock()
	m.id = ""
	m.mu.Unlock()
	m.state = State{Tab: Results}
	m.show(m.state)
}

func (m *Model) loaded(c ward.Chart, err error) {
	if err != nil {
		m.state.Error = base.Words(err)
		m.show(m.state)
		return
	}
	if c.Who.ID != m.state.ID {
		return // of the patient that was open before
	}
	m.state.Chart, m.state.Loaded = c, true
	m.state.Groups = groups(c.Results, m.now())
	m.arrange()
	m.show(m.state)
}

func (m *Model) arrange() {
	c, now := m.state.Chart, m.now()
	if !c.AsOf.IsZero() {
		m.state.AsOf = "as of " + ward.Stamp(c.AsOf, now)
	}
	m.state.Empty = ""
	if len(c.Results) == 0 {
		switch {
		case c.AsOf.IsZero():
			m.state.Empty = "Not loaded: this computer has had no contact with the server yet."
		case c.FeedDown:
			m.state.Empty = "No results by " + ward.Stamp(c.AsOf, now) + ". What came later is not here: phone the laboratory."
		default:
			m.state.Empty = "None: no results, as of " + ward.Stamp(c.AsOf, now) + "."
		}
	}
	m.pick()
}

// pick keeps the selected test, or takes the most urgent.
func (m *Model) pick() {
	var first *ward.Result
	for gi := range m.state.Groups {
		for li := range m.state.Groups[gi].Rows {
			r := &m.state.Groups[gi].Rows[li].Newest
			if r.ID == m.state.Selected {
				m.trend(*r)
				return
			}
			if first == nil || r.Critical && !first.Critical {
				first = r
			}
		}
	}
	if first != nil {
		m.trend(*first)
	}
}

func (m *Model) trend(r ward.Result) {
	m.state.Selected, m.state.Trend = r.ID, nil
	for i := len(m.state.Chart.Results) - 1; i >= 0; i-- {
		if o := m.state.Chart.Results[i]; SameTest(o, r) {
			m.state.Trend = append(m.state.Trend, o)
		}
	}
}

// SameTest says whether two results may stand on one line or one trend: the
// same code (or, without one, the same name) in the same unit.
func SameTest(a, b ward.Result) bool {
	if a.Unit != b.Unit {
		return false
	}
	if a.LOINC != "" || b.LOINC != "" {
		return a.LOINC == b.LOINC
	}
	return strings.EqualFold(a.Test, b.Test)
}

// groups arranges results, newest first, by panel and test.
func groups(results []ward.Result, now time.Time) []Group {
	var out []Group
	place := map[string]int{}
	for _, r := range results {
		panel := r.Panel
		if panel == "" {
			panel = "Other results"
		}
		gi, known := place[panel]
		if !known {
			gi = len(out)
			place[panel] = gi
			out = append(out, Group{Panel: panel, Note: ward.Stamp(r.Collected, now) + ": " + r.Status})
		}
		added := false
		for li := range out[gi].Rows {
			if SameTest(out[gi].Rows[li].Newest, r) {
				out[gi].Rows[li].Earlier = append(out[gi].Rows[li].Earlier, r)
				added = true
				break
			}
		}
		if !added {
			out[gi].Rows = append(out[gi].Rows, Line{Newest: r})
		}
	}
	return out
}

// SetTab turns to another page of the chart.
func (m *Model) SetTab(t Tab) {
	m.state.Tab, m.state.Error, m.state.Saved = t, "", ""
	m.show(m.state)
}

// Select chooses a result for the panel beside the table.
func (m *Model) Select(id ward.ResultID) {
	m.state.Selected = id
	m.pick()
	m.show(m.state)
}

// State is the present state.
func (m *Model) State() State { return m.state }

// do gives a command; ok runs when it is saved on this computer.
func (m *Model) do(cmd ward.Command, ok func(ward.Done)) {
	if m.state.Busy {
		return
	}
	id := m.state.ID
	m.state.Busy, m.state.Error, m.state.Saved = true, "", ""
	m.show(m.state)
	go func() {
		done, err := m.desk.Do(context.Background(), cmd)
		m.d.Do(func() {
			if m.state.ID != id {
				return
			}
			m.state.Busy = false
			switch {
			case err != nil:
				m.state.Error = base.Words(err)
			case len(done.Ask) > 0:
				m.state.Ask = done.Ask
			default:
				m.state.Ask = nil
				m.state.Saved = "Saved on this computer, " + ward.Clock(m.now())
				if ok != nil {
					ok(done)
				}
			}
			m.show(m.state)
			m.loader.Reload()
		})
	}()
}
