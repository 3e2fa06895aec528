// Package rules is the view model of the page that says what warns here and why: each
// alert rule in words, with its source, its limits as they are set, whether it can be
// muted, and what became of it lately.
//
// What it promises: a figure always says up to when it was counted, and one that is not
// known is never a zero.
package rules

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Desk is what the page needs of the station.
type Desk interface {
	base.Notices
	base.Doer
	Rules(ctx context.Context) (ward.RuleBook, error)
}

// Line is one rule of the list.
type Line struct {
	ID     string
	Name   string
	Words  string // what became of it in the chosen days
	Must   bool
	Chosen bool
}

// Fact is one line of what is said about a rule.
type Fact struct{ Label, Words string }

// Detail is the rule that is chosen.
type Detail struct {
	ID     string
	Name   string
	Must   bool
	Words  string
	Facts  []Fact  // source, limits, repeats
	Limits *Limits // those that this hospital may set itself; nil where there are none
	Use    []Fact  // what became of it, figure by figure
	Figure string  // up to when it was counted, over whom; or why there is no figure
}

// State is the page as drawn.
type State struct {
	Loaded bool
	Lines  []Line
	Open   *Detail
	Days   int    // 7 or 30
	Set    string // which version of the limits, by whom, when
	AsOf   string
	Error  string
	Saved  string // what was saved last
	Busy   bool
}

// Days are what may be chosen.
func Days() []int { return []int{7, 30} }

// Model is the view model. Its methods are for the display's goroutine, but Follow.
type Model struct {
	desk   Desk
	now    func() time.Time
	show   func(State)
	loader *base.Loader[ward.RuleBook]
	book   ward.RuleBook
	chosen string
	form   *LimitForm // of the chosen rule; nil while none is set
	d      base.Dispatcher
	state  State
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, d: d, now: now, show: show, state: State{Days: Days()[0]}}
	m.loader = base.NewLoader(d, desk.Rules, m.loaded)
	return m
}

// Follow keeps the page up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	m.loader.Follow(ctx, m.desk, 15*time.Second)
}

// State is the page as it stands.
func (m *Model) State() State { return m.state }

// Choose turns to a rule.
// While a limit of another one is being written it stays where it is.
func (m *Model) Choose(id string) {
	if r, _ := m.rule(); m.form != nil && r.ID != id {
		if m.form.Changed || m.state.Busy {
			m.state.Error = words.T("A limit is being written: save it or leave it first.")
			m.arrange()
			m.show(m.state)
			return
		}
		m.form = nil
	}
	if m.chosen != id {
		m.state.Saved, m.state.Error = "", ""
	}
	m.chosen = id
	m.arrange()
	m.show(m.state)
}

// SetDays chooses how far back is counted.
func (m *Model) SetDays(n int) {
	if slices.Contains(Days(), n) {
		m.state.Days = n
		m.arrange()
		m.show(m.state)
	}
}

func (m *Model) loaded(b ward.RuleBook, err error) {
	if err != nil {
		m.state.Error = base.Words(err)
		m.show(m.state)
		return
	}
	m.book, m.state.Loaded = b, true
	if m.form == nil { // what was refused stays said
		m.state.Error = ""
	}
	m.arrange()
	m.show(m.state)
}

func (m *Model) arrange() {
	now, s := m.now(), &m.state
	s.Set = words.F("Limits: version %s, set by %s, as they came with the program.", m.book.Version, ward.SayName(m.book.ChangedBy))
	if !m.book.ChangedAt.IsZero() {
		s.Set = words.F("Limits: version %s, set by %s, %s.", m.book.Version, ward.SayName(m.book.ChangedBy), ward.Date(m.book.ChangedAt))
	}
	s.AsOf = m.counted(now)
	s.Lines, s.Open = nil, nil
	if len(m.book.List) == 0 {
		return
	}
	i := max(slices.IndexFunc(m.book.List, func(r ward.Rule) bool { return r.ID == m.chosen }), 0)
	for k, r := range m.book.List {
		s.Lines = append(s.Lines, Line{ID: r.ID, Name: r.Name, Must: r.Must, Words: m.brief(r), Chosen: k == i})
	}
	s.Open = m.detail(m.book.List[i], now)
}

// counted says up to when the figures hold.
func (m *Model) counted(now time.Time) string {
	switch at := m.book.Counted; {
	case !m.state.Loaded:
		return ""
	case at.IsZero():
		return words.T("Not counted yet: the server’s figures are not on this computer.")
	case m.book.Apart:
		return words.F("Counted by the server over all wards, as of %s. The network is out: these figures are %s old.", ward.Stamp(at, now), ward.Span(now.Sub(at)))
	default:
		return words.F("Counted by the server over all wards, as of %s.", ward.Stamp(at, now))
	}
}

// brief is a rule's figures in a line.
func (m *Model) brief(r ward.Rule) string {
	u, known := r.Use[m.state.Days]
	switch {
	case !r.Counted:
		return words.T("not counted")
	case !known:
		return words.T("not counted yet")
	case u.Fired+u.Quiet == 0:
		if r.Marks {
			return words.F("marked nothing in %d days", m.state.Days)
		}
		return words.F("did not fire in %d days", m.state.Days)
	}
	said := words.F("fired %d", u.Fired)
	if r.Marks {
		said = words.F("marked %d", u.Fired)
	}
	if u.Quiet > 0 {
		said = words.F("fired %d, quiet repeats %d", u.Fired, u.Quiet)
	}
	return said
}

func (m *Model) detail(r ward.Rule, now time.Time) *Detail {
	d := &Detail{ID: r.ID, Name: r.Name, Must: r.Must, Words: r.Words, Limits: m.limits(r, now)}
	must := words.T("It can be quietened for repeats, within what is fixed; a first value never.")
	if r.Must {
		must = words.T("Must-show: no setting mutes it.")
	}
	d.Facts = []Fact{{words.T("Source"), r.From}, {words.T("Limits"), strings.Join(r.Limits, "\n")}}
	if !r.Marks || r.Must { // of what only marks Repeats says that there is nothing to mute
		d.Facts = append(d.Facts, Fact{words.T("Muting"), must})
	}
	d.Facts = append(d.Facts, Fact{words.T("Repeats"), r.Repeats})
	u, known := r.Use[m.state.Days]
	switch {
	case !r.Counted:
		d.Figure = words.T("This rule marks what stands on a page. How often it does is not counted yet.")
		return d
	case !known && !m.book.Counted.IsZero():
		d.Figure = words.T("Not counted by this server yet.")
		return d
	case !known:
		d.Figure = m.counted(now)
		return d
	}
	d.Figure = words.F("The last %d days.", m.state.Days) + " " + m.counted(now)
	n := strconv.Itoa
	if r.Marks {
		d.marked(u)
		return d
	}
	d.Figure += " " + words.T("One that was taken and acted on counts in both.")
	add := func(label, figure string) { d.Use = append(d.Use, Fact{label, figure}) }
	add(words.T("Fired"), n(u.Fired))
	if r.ID == "allergy" || r.ID == "repeat-order" {
		add(words.T("Patients"), n(u.Patients))
		add(words.T("Ordered against it, with a reason"), n(total(u.Overruled))+kinds(u.Overruled))
		d.Figure += " " + words.T("Orders that were given up because of the warning leave nothing on record and are not counted.")
		return d
	}
	if r.ID != "held-back" && r.ID != "after-leaving" {
		add(words.T("Patients"), n(u.Patients))
	}
	add(words.T("Taken"), n(u.Taken))
	add(words.T("Acted on, by kind"), kinds2(u.Acted))
	add(words.T("Acknowledged, nothing to do"), n(u.Nothing))
	add(words.T("Handed on"), n(u.Handed))
	add(words.T("Ran up the ladder"), n(u.Climbed))
	add(words.T("Nobody did anything"), n(u.Nobody))
	add(words.T("Quiet repeats, beside these"), n(u.Quiet))
	return d
}

// marked are the figures of a rule that interrupts nobody: what can be told of what people
// did, and what cannot.
func (d *Detail) marked(u ward.RuleUse) {
	n := strconv.Itoa
	add := func(label, figure string) { d.Use = append(d.Use, Fact{label, figure}) }
	add(words.T("Marked"), n(u.Fired))
	add(words.T("Patients"), n(u.Patients))
	switch d.ID {
	case "late-order":
		add(words.T("The result came after that"), n(u.Done))
		add(words.T("No result is known"), n(u.Nobody))
		d.Figure += " " + words.T("Whether somebody phoned the laboratory is not told.")
	case "news2":
		add(words.T("The next set was in time"), n(u.Done))
		add(words.T("It was later, or is not there yet"), n(u.Nobody))
		d.Figure += " " + words.T("Whether somebody was told, and what they did, is not told. A set that is written down late counts by when it was measured.")
	case "overdue":
		add(words.T("Done after that"), n(u.Done))
		add(words.T("Not done, or not before the patient left"), n(u.Nobody))
		d.Figure += " " + words.T("A set that is written down late counts by when it was measured.")
	case "handover":
		add(words.T("Accepted after that"), n(u.Done))
		add(words.T("Nobody accepted"), n(u.Nobody))
		d.Figure += " " + words.T("Each patient who was handed over counts by themselves.")
	default:
		add(words.T("Taken"), n(u.Taken))
		add(words.T("Acted on, by kind"), kinds2(u.Acted))
		add(words.T("Acknowledged, no action recorded"), n(u.Nothing))
		add(words.T("Handed on"), n(u.Handed))
		add(words.T("Nobody acknowledged it"), n(u.Nobody))
		d.Figure += " " + words.T("What was done without being recorded on the result is not told.")
	}
}

func total(m map[string]int) (n int) {
	for _, v := range m {
		n += v
	}
	return n
}

// kindWords are the kinds as they are kept, in words.
var kindWords = map[string]words.Key{
	"repeat sent": words.K("repeat sent"), "treated": words.K("treated"), "told somebody": words.K("told somebody"), "in their own words": words.K("in their own words"),
	"stop": words.K("stop"), "caution": words.K("caution"), "repeat": words.K("asked for twice"),
}

// kinds are figures by kind in brackets; "" where there are none.
func kinds(m map[string]int) string {
	if len(m) == 0 {
		return ""
	}
	return " (" + list(m) + ")"
}

// kinds2 are figures by kind; 0 where there are none.
func kinds2(m map[string]int) string {
	if len(m) == 0 {
		return "0"
	}
	return list(m)
}

func list(m map[string]int) string {
	var names []string
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	var parts []string
	for _, k := range names {
		said := k
		if w, ok := kindWords[k]; ok {
			said = w.Say()
		}
		parts = append(parts, said+" "+strconv.Itoa(m[k]))
	}
	return strings.Join(parts, ", ")
}
