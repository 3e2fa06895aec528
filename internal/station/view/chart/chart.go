// Package chart is the view model of one patient's chart: the banner that
// never leaves, results, vital signs, allergies and notes, and the entries
// that a person makes there, and the timeline of all of it.
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

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Desk is what the chart needs of the station.
type Desk interface {
	base.Notices
	Open(ctx context.Context, id ward.PatientID) error
	Chart(ctx context.Context, id ward.PatientID) (ward.Chart, error)
	Score(ctx context.Context, id ward.PatientID, set ward.VitalSet) (ward.Early, error)
	Drafts(ctx context.Context) ([]ward.Draft, error)
	Link() ward.Link
	OrderDesk
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
}

// Tab is one of the chart's pages.
type Tab string

// The tabs.
const (
	Results   Tab = "Results"
	Vitals    Tab = "Vital signs"
	Allergies Tab = "Allergies"
	Problems  Tab = "Problems"
	Medicines Tab = "Medicines"
	Orders    Tab = "Orders"
	Notes     Tab = "Notes"
	Routines  Tab = "Routines"
	Tasks     Tab = "Tasks"
	Documents Tab = "Documents"
	Visits    Tab = "Visits"
	Story     Tab = "Timeline"
)

// Tabs lists them in order.
func Tabs() []Tab {
	return []Tab{Results, Vitals, Allergies, Problems, Medicines, Orders, Notes, Tasks, Documents, Routines, Visits, Story}
}

// Say is the tab's name in the language in use.
func (t Tab) Say() string { return tabNames[t].Say() }

var tabNames = map[Tab]words.Key{
	Results: words.K("Results"), Vitals: words.K("Vital signs"), Allergies: words.K("Allergies"), Problems: words.K("Problems"), Medicines: words.K("Medicines"),
	Orders: words.K("Orders"), Notes: words.K("Notes"), Routines: words.K("Routines"), Tasks: words.K("Tasks"), Documents: words.K("Documents"),
	Visits: words.K("Visits"), Story: words.K("Timeline"),
}

// State is the chart as drawn.
type State struct {
	ID       ward.PatientID // "" while no chart is open
	Chart    ward.Chart
	Loaded   bool
	Tab      Tab
	Groups   []Group  // results by panel, newest first
	Moments  []Moment // the columns of the table, oldest first
	Selected ward.ResultID
	Trend    []ward.Result // of the selected test, oldest first
	AsOf     string
	Empty    string // why there are no results, in words
	Held     []Held // what is not filed and is, or may be, this patient's
	Story    Timeline
	List     Listing   // of the tab that is open, where that is one
	Note     string    // the draft
	NoteAt   time.Time // when what it says was true; zero: now
	NoteAsk  []string  // what is asked about that time
	Editing  string    // id of the note being reworded
	Vitals   ward.VitalSet
	Live     ward.Early // NEWS2 of what is typed
	// Scoring: the score of what is typed is still to come. ScoreError is why there is none.
	Scoring    bool
	ScoreError string
	Slips      []ward.Slip // typed values that are not possible, once typing rests
	Ask        []string    // improbable values to confirm
	Sheet      Sheet       // what is about to be ordered
	Problem    ProblemForm // what is being typed, and not recorded yet
	Allergy    AllergyForm // likewise
	Undo       *Undo       // a new one each time something was done that has a way back
	Ordered    *Ordered    // a new one each time tests were asked for here
	// RoutineAsk is what is asked before something is done with a routine; nil: nothing.
	RoutineAsk *RoutineAsk
	Error      string // stands where the person was
	Saved      string // "Saved on this computer, 14:05"
	Saves      int    // how often something was saved: a form empties itself when it grows
	Busy       bool
}

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk   Desk
	d      base.Dispatcher
	now    func() time.Time
	show   func(State)
	loader *base.Loader[ward.Chart]
	scorer *base.Loader[scored]
	state  State

	opened uint64    // counts charts: an answer that belongs to an earlier one is known by it
	typed  bool      // something was typed since the chart was opened
	made   []fhir.ID // by the command that was saved last
	pages  int       // of the timeline that are shown

	ticked ticked // the step that was ticked last
	// OnPage turns to a page of the window that a routine's step opens.
	OnPage func(page string)

	unfolded map[string]bool // entries of a list that a person turned, by id

	mu    sync.Mutex // guards what the loaders' goroutines read
	id    ward.PatientID
	ready bool // the look is recorded: the record may be read
	set   ward.VitalSet
	// typedSets counts the sets of observations that were typed.
	typedSets uint64
	drafts    *base.Drafts
	orders    orders
	slips     *time.Timer // runs while a value is being typed
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, d: d, now: now, show: show, drafts: base.NewDrafts(desk), unfolded: map[string]bool{}}
	m.state.Tab = Results
	m.loader = base.NewLoader(d, func(ctx context.Context) (ward.Chart, error) { return desk.Chart(ctx, m.patient()) }, m.loaded)
	m.scorer = base.NewLoader(d, func(ctx context.Context) (scored, error) {
		m.mu.Lock()
		id, set, of := m.id, m.set, m.typedSets
		m.mu.Unlock()
		e, err := desk.Score(ctx, id, set)
		return scored{e, of}, err
	}, m.scored)
	m.orders.init(m)
	return m
}

func (m *Model) patient() ward.PatientID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.id
}

// readable is the patient whose record may be read: "" until the look is
// recorded.
func (m *Model) readable() ward.PatientID {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.ready {
		return ""
	}
	return m.id
}

// turn makes another patient the present one, or none.
func (m *Model) turn(id ward.PatientID) {
	go m.Flush() // not here: it waits for the disk, and this draws
	m.loader.Cancel()
	m.scorer.Cancel()
	m.orders.cancel()
	m.opened++
	m.typed, m.pages, m.unfolded = false, 1, map[string]bool{}
	m.mu.Lock()
	m.id, m.ready, m.set = id, false, ward.VitalSet{}
	m.mu.Unlock()
}

// Follow keeps the chart up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	base.Follow(ctx, m.desk, 30*time.Second, func(n ward.Notice) {
		if id := m.readable(); id != "" && base.Concerns(n, id) {
			m.loader.Reload()
		}
	})
}

// drawsWithin is how long the display waits for what is in a chart that was just
// opened, so that drafts and record are drawn in one frame and not in two.
const drawsWithin = 12 * time.Millisecond

// Open shows a patient's chart. What was open for another patient is closed,
// its drafts kept.
func (m *Model) Open(id ward.PatientID, tab Tab) {
	m.turn(id)
	if tab == "" {
		tab = Results
	}
	m.state = State{ID: id, Tab: tab, Sheet: Sheet{Kind: ward.OrderTest}}
	m.tell()
	m.offer(ward.OrderTest, "")
	m.show(m.state)
	opened := m.opened
	go func() {
		m.Flush() // what was typed a moment ago is among the drafts that are read below
		err := m.desk.Open(context.Background(), id)
		var kept []ward.Draft
		if err == nil {
			kept, err = m.desk.Drafts(context.Background())
		}
		m.d.Do(func() {
			if m.opened != opened {
				return
			}
			if err != nil {
				m.state.Error = base.Words(err)
				m.show(m.state)
				return
			}
			m.mu.Lock()
			m.ready = true
			m.mu.Unlock()
			m.restore(kept)
			if !m.loader.ReloadWithin(drawsWithin) {
				m.show(m.state)
			}
		})
	}()
}

// restore puts unfinished text back where its author left it. What was typed
// meanwhile is newer. It is shown by the caller, with what there is besides.
func (m *Model) restore(kept []ward.Draft) {
	for _, k := range kept {
		if k.Patient != m.state.ID || m.typed {
			continue
		}
		switch {
		case k.Kind == kindNote && m.state.Note == "":
			m.state.Note, m.state.Editing = k.Body, ""
			m.state.Saved = m.keptWords(k)
		case k.Kind == kindNoteAt:
			if at, err := time.Parse(time.RFC3339, k.Body); err == nil && m.state.NoteAt.IsZero() {
				m.state.NoteAt = at.In(m.now().Location())
			}
		case k.Kind == kindEdit:
			var w wording
			if json.Unmarshal([]byte(k.Body), &w) == nil && m.state.Note == "" {
				m.state.Note, m.state.Editing = w.Text, w.Note
				m.state.Saved = m.keptWords(k)
			}
		case k.Kind == kindVitals:
			if json.Unmarshal([]byte(k.Body), &m.state.Vitals) == nil {
				m.score()
			}
		case k.Kind == kindOrder:
			m.restoreOrder(k.Body)
		case k.Kind == kindProblem:
			restoreForm(m, &m.state.Problem, k)
		case k.Kind == kindAllergy:
			restoreForm(m, &m.state.Allergy, k)
		}
	}
}

func (m *Model) keptWords(k ward.Draft) string {
	return base.KeptWords(k.Saved, m.now())
}

// Close leaves the chart.
func (m *Model) Close() {
	m.turn("")
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
	m.state.Groups, m.state.Moments = groups(c.Results, m.now()), moments(c.Results, m.now())
	m.arrange()
	m.recheck() // what speaks against an order may have come or gone
	if m.state.Live.Known {
		m.scorer.Reload() // another set may have come, which the score of what is typed goes by
	}
	m.show(m.state)
}

// asOf is up to when the chart is right, and what of it is not here yet.
func asOf(c ward.Chart, now time.Time) string {
	var parts []string
	if !c.AsOf.IsZero() {
		parts = append(parts, words.F("as of %s", ward.Stamp(c.AsOf, now)))
	}
	switch c.Loading {
	case ward.LoadingAll:
		parts = append(parts, words.T("the record is still being loaded"))
	case ward.LoadingOlder:
		parts = append(parts, words.T("older entries are still being loaded"))
	case ward.LoadingNone:
	}
	return strings.Join(parts, ", ")
}

func (m *Model) arrange() {
	c, now := m.state.Chart, m.now()
	m.state.AsOf = asOf(c, now)
	m.state.Held = heldOf(c.HeldBack, now)
	m.state.Empty = ""
	if len(c.Results) == 0 {
		switch {
		case c.Loading != ward.LoadingNone:
			m.state.Empty = words.T("Results are still being loaded from the server.")
		case len(m.state.Held) > 0:
			m.state.Empty = words.F("No result is filed, as of %s. One is held back: see above.", ward.Stamp(c.AsOf, now))
		case c.AsOf.IsZero():
			m.state.Empty = words.T("Not loaded: this computer has had no contact with the server yet.")
		case c.FeedDown:
			m.state.Empty = words.F("No results by %s. What came later is not here: phone the laboratory.", ward.Stamp(c.AsOf, now))
		default:
			m.state.Empty = words.F("None: no results, as of %s.", ward.Stamp(c.AsOf, now))
		}
	}
	m.state.Sheet.Empty = m.noOrders()
	m.pick()
	m.tell()
}

// pick keeps the selected result, or takes the most urgent: one that waits for
// somebody, then a critical one, then the first of the table.
func (m *Model) pick() {
	var best *ward.Result
	for i := range m.state.Chart.Results {
		r := &m.state.Chart.Results[i]
		if r.ID == m.state.Selected {
			m.trend(*r)
			return
		}
		if best == nil || urgency(r) > urgency(best) {
			best = r
		}
	}
	if best == nil {
		m.state.Selected, m.state.Trend = "", nil
		return
	}
	if urgency(best) == 0 && len(m.state.Groups) > 0 {
		best = &m.state.Groups[0].Rows[0].Newest
	}
	m.trend(*best)
}

func urgency(r *ward.Result) int {
	switch {
	case r.Open && r.Critical:
		return 3
	case r.Open:
		return 2
	case r.Critical:
		return 1
	}
	return 0
}

func (m *Model) trend(r ward.Result) {
	m.state.Selected, m.state.Trend = r.ID, nil
	for i := len(m.state.Chart.Results) - 1; i >= 0; i-- {
		if o := m.state.Chart.Results[i]; SameTest(o, r) {
			m.state.Trend = append(m.state.Trend, o)
		}
	}
}

// SetTab turns to another page of the chart.
func (m *Model) SetTab(t Tab) {
	m.state.Tab, m.state.Error, m.state.Saved, m.state.RoutineAsk = t, "", "", nil
	m.tell()
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

// do gives a command; ok runs when it is saved on this computer, and is told
// whether the chart that it was given in is still the one shown.
func (m *Model) do(cmd ward.Command, ok func(here bool)) {
	if m.state.Busy || m.state.ID == "" {
		return
	}
	opened, name := m.opened, m.state.Chart.Who.ShowName()
	m.state.Busy, m.state.Error, m.state.Saved = true, "", ""
	m.show(m.state)
	go func() {
		done, err := m.desk.Do(context.Background(), cmd)
		m.d.Do(func() {
			here := m.opened == opened
			saved := err == nil && len(done.Ask) == 0
			if saved && ok != nil {
				m.made = done.Made
				ok(here)
			}
			if !here {
				m.tellElsewhere(name, err, done.Ask)
				return
			}
			m.state.Busy = false
			switch {
			case err != nil:
				m.state.Error = base.Words(err)
			case !saved && isOrder(cmd):
				m.state.Error = words.T("Nothing was ordered yet.") + " " + strings.Join(done.Ask, " ")
			case !saved && isNote(cmd):
				m.state.NoteAsk = done.Ask
			case !saved:
				m.state.Ask = done.Ask
			default:
				m.state.Ask = nil
				m.state.Saves++
				m.state.Saved = words.F("Saved on this computer, %s", ward.Clock(m.now()))
				if isOrder(cmd) && done.Later != "" {
					m.state.Saved = done.Later
				}
			}
			m.show(m.state)
			m.loader.Reload()
		})
	}()
}

func isNote(cmd ward.Command) bool {
	_, is := cmd.(ward.WriteNote)
	return is
}

func isOrder(cmd ward.Command) bool {
	switch cmd.(type) {
	case ward.SignOrders, ward.WithdrawOrder, ward.ReinstateOrder:
		return true
	}
	return false
}

// tellElsewhere says, with the name, that something was not saved for a patient
// whose chart is no longer open: nobody is there to see it otherwise.
func (m *Model) tellElsewhere(name string, err error, ask []string) {
	if m.state.ID == "" {
		return
	}
	switch {
	case err != nil:
		m.state.Error = words.F("Not about this patient, but %s: %s", name, base.Words(err))
	case len(ask) > 0:
		m.state.Error = words.F("Not about this patient, but %s: not saved yet. %s", name, strings.Join(ask, " "))
	default:
		return
	}
	m.show(m.state)
}
