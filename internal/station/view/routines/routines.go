// Package routines is the view model of the page on which a ward writes its own
// checklists: which there are, by whom and when each was written, what became of each
// step, and the form in which the next version is written.
//
// What it promises: what is typed stays until it is saved or left, whatever comes in
// meanwhile; a version that somebody else wrote is never written over; and nothing can
// be changed by somebody who may not.
package routines

import (
	"context"
	"fmt"
	"slices"
	"strconv"
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
	Routines(ctx context.Context) (ward.Routines, error)
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
}

// Line is one routine of the list, or a starter that may be taken over.
type Line struct {
	ID      string
	Name    string
	Words   []string
	Off     bool
	Starter bool // it is nobody's yet
	Chosen  bool
}

// Step is one step of the form.
type Step struct {
	Words string
	Page  int // index of Pages
	Off   bool
	Use   string // what became of it, in words; "" where it was in no run
	id    string
	use   ward.RoutineUse
}

// Form is the routine that is chosen, as it stands in the fields.
type Form struct {
	Title   string // "Version 3" …
	Words   []string
	Name    string
	Kind    int  // index of Kinds
	Site    bool // the whole site's
	Fresh   bool // it has no version yet
	Within  string
	Off     bool
	Steps   []Step
	MayEdit bool
	Changed bool
	Preview bool
	Earlier []Earlier
	// What the page refuses: the index of the step, or one of these.
	Bad string

	id      fhir.ID
	version uint64
	ward    string
	starter string
}

// Earlier is a version before, in words.
type Earlier struct {
	Head  string
	Steps []string
}

// State is the page as drawn.
type State struct {
	Loaded  bool
	Lines   []Line
	Form    *Form
	MayEdit bool
	MaySite bool
	AsOf    string
	Empty   string
	Busy    bool
	Error   string
	Saved   string
}

// Choice is one of a few, as stored and as shown.
type Choice struct{ Code, Label string }

// Kinds are what a routine may be for.
func Kinds() []Choice {
	return []Choice{{"admission", words.T("Admission")}, {"discharge", words.T("Discharge")}, {"round", words.T("Observation round")}, {"other", words.C("routine", "Other")}}
}

// Pages are what a step may open.
func Pages() []Choice {
	return []Choice{
		{"", words.T("opens no page")},
		{"allergies", words.T("opens allergies")},
		{"observations", words.T("opens observations")},
		{"results", words.T("opens results")},
		{"orders", words.T("opens orders")},
		{"notes", words.T("opens notes")},
		{"tasks", words.T("opens tasks")},
		{"handover", words.T("opens handover")},
	}
}

func indexOf(list []Choice, code string) int {
	return max(slices.IndexFunc(list, func(c Choice) bool { return c.Code == code }), 0)
}

// Model is the view model. Its methods are for the display's goroutine, but Follow.
type Model struct {
	desk   Desk
	d      base.Dispatcher
	now    func() time.Time
	show   func(State)
	loader *base.Loader[ward.Routines]
	page   ward.Routines
	after  fhir.ID // was just saved: it is chosen when it comes back
	state  State
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, d: d, now: now, show: show}
	m.loader = base.NewLoader(d, desk.Routines, m.loaded)
	return m
}

// Follow keeps the page up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	m.loader.Follow(ctx, m.desk, 15*time.Second)
}

// State is the page as it stands.
func (m *Model) State() State { return m.state }

func (m *Model) loaded(p ward.Routines, err error) {
	if err != nil {
		m.state.Error = base.Words(err)
		m.show(m.state)
		return
	}
	m.page, m.state.Loaded = p, true
	m.state.MayEdit, m.state.MaySite = p.MayEdit, p.MaySite
	now := m.now()
	m.state.AsOf = words.T("not loaded: no contact with the server yet")
	if !p.AsOf.IsZero() {
		m.state.AsOf = words.F("as of %s", ward.Stamp(p.AsOf, now))
	}
	m.state.Empty = ""
	if len(p.List) == 0 {
		m.state.Empty = words.F("Ward %s has no routine yet, %s. Take a starter over and make it yours, or write one.", p.Ward, m.state.AsOf)
		if !p.MayEdit {
			m.state.Empty = words.F("Ward %s has no routine yet, %s. The charge nurse writes them.", p.Ward, m.state.AsOf)
		}
	}
	m.keep()
	m.lines()
	m.show(m.state)
}

// keep renews the form from what came, unless somebody is writing in it.
func (m *Model) keep() {
	f := m.state.Form
	if f != nil && f.Changed && m.after == "" {
		return
	}
	want := m.after
	if want == "" && f != nil {
		want = f.id
	}
	if r, ok := m.routine(want); ok {
		if m.after != "" && f != nil && r.Version <= f.version && !f.Fresh {
			return // the version that was saved is not here yet
		}
		m.after = ""
		preview := f != nil && f.Preview
		m.state.Form = m.formOf(r)
		m.state.Form.Preview = preview
		return
	}
	if f == nil && len(m.page.List) > 0 && m.after == "" {
		m.state.Form = m.formOf(m.page.List[0])
	}
}

func (m *Model) routine(id fhir.ID) (ward.Routine, bool) {
	i := slices.IndexFunc(m.page.List, func(r ward.Routine) bool { return id != "" && r.ID == id })
	if i < 0 {
		return ward.Routine{}, false
	}
	return m.page.List[i], true
}

const starterID = "starter "

func (m *Model) lines() {
	m.state.Lines = nil
	now := m.now()
	for _, r := range m.page.List {
		l := Line{ID: string(r.ID), Name: r.Name, Off: r.Off, Words: []string{kindLabel(r.Kind) + ", " + m.whose(r.Ward)}}
		l.Words = append(l.Words, words.F("Version %d, %s, %s", r.Number, ward.SayName(r.By), ward.Stamp(r.At, now)))
		l.Chosen = m.state.Form != nil && m.state.Form.id == r.ID
		m.state.Lines = append(m.state.Lines, l)
	}
	if !m.page.MayEdit {
		return
	}
	for _, s := range m.page.Starters {
		l := Line{ID: starterID + s.Starter, Name: s.Name, Starter: true, Words: []string{kindLabel(s.Kind), words.N(len(s.Steps), "Starter of %d step, nobody’s yet", "Starter of %d steps, nobody’s yet")}}
		l.Chosen = m.state.Form != nil && m.state.Form.Fresh && m.state.Form.starter == s.Starter
		m.state.Lines = append(m.state.Lines, l)
	}
}

func kindLabel(code string) string { return Kinds()[indexOf(Kinds(), code)].Label }

func (m *Model) whose(w string) string {
	if w == "" {
		return words.T("the whole site")
	}
	return words.F("ward %s", w)
}

// formOf is a routine in the fields.
func (m *Model) formOf(r ward.Routine) *Form {
	now := m.now()
	f := &Form{
		Title: words.F("Version %d", r.Number), Name: r.Name, Kind: indexOf(Kinds(), r.Kind), Site: r.Ward == "", Fresh: r.Version == 0, Off: r.Off,
		MayEdit: r.MayEdit, id: r.ID, version: r.Version, ward: r.Ward, starter: r.Starter,
	}
	if r.Within > 0 {
		f.Within = strconv.Itoa(r.Within)
	}
	if !f.Fresh {
		f.Words = append(f.Words, words.F("Written by %s, %s, for %s", ward.SayName(r.By), ward.Stamp(r.At, now), m.whose(r.Ward)))
		f.Words = append(f.Words, words.F("Begun %s, every version counted.", times(r.Runs))+" "+counted(r.Counted, now))
	}
	if r.Starter != "" {
		said := words.F("Made of the starter “%s”. The words are a beginning, and nobody’s policy: this site owns them.", r.Starter)
		if f.Fresh {
			said = words.T("A starter: words to begin with, and nobody’s policy. Change what you will; once saved it is this site’s own, with your name.")
		}
		f.Words = append(f.Words, said)
	}
	for _, s := range r.Steps {
		f.Steps = append(f.Steps, Step{Words: s.Words, Page: indexOf(Pages(), s.Page), Off: s.Off, Use: useWords(s.Use), id: s.ID, use: s.Use})
	}
	for _, v := range r.Earlier {
		e := Earlier{Head: words.F("Version %d, %s, %s; begun %s", v.Number, ward.SayName(v.By), ward.Stamp(v.At, now), times(v.Runs))}
		for i, s := range v.Steps {
			said := fmt.Sprintf("%d. %s", i+1, s.Words)
			if s.Off {
				said += " " + words.T("(switched off)")
			}
			if use := useWords(s.Use); use != "" {
				said += ": " + use
			}
			e.Steps = append(e.Steps, said)
		}
		f.Earlier = append(f.Earlier, e)
	}
	return f
}

// counted says over whom, and up to when.
func counted(at, now time.Time) string {
	if at.IsZero() {
		return words.T("Counted over the patients who are on this computer now")
	}
	return words.F("Counted by the server over all patients, up to %s", ward.Stamp(at, now))
}

func times(n int) string {
	switch n {
	case 0:
		return words.T("never so far")
	case 1:
		return words.T("once")
	}
	return words.N(n, "%d time", "%d times")
}

// useWords say what became of a step; every run is in one of the four.
func useWords(u ward.RoutineUse) string {
	if u == (ward.RoutineUse{}) {
		return ""
	}
	parts := []string{words.F("done %d", u.Done), words.F("not needed %d", u.NotNeeded), words.F("left %d", u.Left)}
	if u.Open > 0 {
		parts = append(parts, words.F("still open %d", u.Open))
	}
	return strings.Join(parts, ", ")
}

// Choose turns to a routine or a starter. What is being written is not thrown away by
// it.
func (m *Model) Choose(id string) {
	if m.state.Busy || m.blocked() {
		return
	}
	m.state.Error, m.state.Saved, m.after = "", "", ""
	if starter, ok := strings.CutPrefix(id, starterID); ok {
		for _, s := range m.page.Starters {
			if s.Starter == starter && m.page.MayEdit {
				s.Ward, s.MayEdit = m.page.Ward, true
				m.state.Form = m.formOf(s)
				m.state.Form.Title, m.state.Form.Changed = words.T("New, of a starter"), false
			}
		}
	} else if r, ok := m.routine(fhir.ID(id)); ok {
		m.state.Form = m.formOf(r)
	}
	m.lines()
	m.show(m.state)
}

// blocked says, where something is being written, that it has to be saved or left.
func (m *Model) blocked() bool {
	if f := m.state.Form; f == nil || !f.Changed {
		return false
	}
	m.state.Error = words.T("What you changed is not saved yet. Save it (F2), or leave it (Esc), first.")
	m.show(m.state)
	return true
}

// NewRoutine begins an empty routine of this ward.
func (m *Model) NewRoutine() {
	if m.state.Busy || !m.page.MayEdit || m.blocked() {
		return
	}
	m.state.Error, m.state.Saved, m.after = "", "", ""
	m.state.Form = m.formOf(ward.Routine{Ward: m.page.Ward, Kind: "other", MayEdit: true, Steps: []ward.RoutineStep{{}}})
	m.state.Form.Title = words.T("New")
	m.lines()
	m.show(m.state)
}
