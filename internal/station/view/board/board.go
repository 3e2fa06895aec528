// Package board is the view model of the ward board: one row a patient, the
// worst first or by bed, filtered and searched; and of the reader's own list, who
// may lie on other wards as well: that list holds whoever they lie with, and one
// press puts somebody on it or takes them off, with its way back.
//
// It says how old what it shows is, and never says "none" about results while
// the laboratory cannot be heard. The order it gives is the order that should
// be; holding still under a pointer is the list's business.
package board

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/strip"
	"wardlight/internal/words"
)

// Desk is what the board needs of the station.
type Desk interface {
	base.Notices
	Rows(ctx context.Context) (ward.Board, error)
	Link() ward.Link
	Do(ctx context.Context, cmd ward.Command) (ward.Done, error)
}

// Filter is one of the pills above the list.
type Filter string

// The filters.
const (
	All       Filter = "All"
	Mine      Filter = "Mine"
	Worse     Filter = "Getting worse"
	Overdue   Filter = "Observations overdue"
	Critical  Filter = "Critical"
	Unacked   Filter = "Not acknowledged"
	Isolation Filter = "Isolation"
)

// filterNames are what the pills say; the filters themselves are names for scripts.
var filterNames = map[Filter]words.Key{
	All: words.K("All"), Mine: words.K("Mine"), Worse: words.K("Getting worse"), Overdue: words.K("Observations overdue"),
	Critical: words.K("Critical"), Unacked: words.K("Not acknowledged"), Isolation: words.K("Isolation"),
}

// Say is what the filter's pill says.
func (f Filter) Say() string { return filterNames[f].Say() }

// Filters lists the pills in order.
func Filters() []Filter { return []Filter{All, Mine, Worse, Overdue, Critical, Unacked, Isolation} }

// Pill is one filter with how many it would show.
type Pill struct {
	Filter Filter
	Count  int
	On     bool
}

// State is the board as drawn.
type State struct {
	Rows    Rows
	Pills   []Pill
	ByBed   bool
	Search  string
	AsOf    string // "as of 14:05", "as of 02:14, own entries to 03:41"
	Empty   string // in place of rows, in words
	Beds    string // "24 of 24 beds"
	Inbox   int    // lines of the results inbox
	Trouble string // why the list could not be read
	Loaded  bool
	Undo    *Undo  // a new one each time somebody was put on the own list, or taken off
	Ask     *Ask   // a new one each time it is asked whether somebody is to be taken off
	Refused string // why that was not done
}

// Model is the view model. Its methods are for the display's goroutine, but
// Follow. Ten thousand rows are filtered and sorted where they are read, off
// that goroutine; only what a person chooses is arranged on it, at once.
type Model struct {
	desk   Desk
	d      base.Dispatcher
	user   string // whose own list may be shown; "" for anybody's
	now    func() time.Time
	show   func(State)
	loader *base.Loader[read]

	last  read
	state State
	keep  keeping

	mu     sync.Mutex // of what the reading goroutine shares
	choice choice
	latest read // what was arranged last
}

// choice is what a person has chosen to see.
type choice struct {
	filter Filter
	byBed  bool
	search string
}

// read is what was read of the desk, and the state that it makes with the
// choice of that moment.
type read struct {
	rows    []*ward.Row
	own     ward.OwnList
	version uint64
	inbox   int
	at      time.Time
	serial  uint64 // of what was arranged, from 1
	link    ward.Link
	choice  choice
	state   State
}

// New makes the model; show is called with every new state.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, d: d, now: now, show: show, choice: choice{filter: All}}
	m.loader = base.NewLoader(d, m.read, m.loaded)
	return m
}

// For says for whom the board is, before Follow. What was read while somebody else was
// signed in already is not shown to them: the marks are the other one's.
func (m *Model) For(user string) { m.user = user }

// Follow keeps the board up to date until ctx ends. Until it has been read it says so:
// a list without rows would be a ward without patients.
func (m *Model) Follow(ctx context.Context) {
	if !m.state.Loaded && m.state.Trouble == "" {
		m.state.Empty = words.T(loadingWords)
		m.show(m.state)
	}
	m.loader.Follow(ctx, m.desk, 15*time.Second)
}

// Reload reads the board anew.
func (m *Model) Reload() { m.loader.Reload() }

// read runs on the loader's goroutine.
func (m *Model) read(ctx context.Context) (read, error) {
	b, err := m.desk.Rows(ctx)
	if err != nil {
		return read{}, err
	}
	if m.user != "" && b.Own.User != m.user {
		return m.before(), nil
	}
	r := read{rows: b.Rows, own: b.Own, version: b.Version, inbox: b.Inbox, link: m.desk.Link(), choice: m.chosen()}
	if before := m.before(); before.holds(r, m.now()) {
		return before, nil // most notices are not about the board
	}
	r.arrange(m.now())
	m.mu.Lock()
	defer m.mu.Unlock()
	r.serial = m.latest.serial + 1
	m.latest = r
	return r, nil
}

func (m *Model) before() read {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.latest
}

// steady is for how long nothing that a row says changes by time alone, as far
// as a person sees.
const steady = 10 * time.Second

// holds says whether what was arranged before is what next would make.
func (r *read) holds(next read, now time.Time) bool {
	return r.version != 0 && r.version == next.version && r.inbox == next.inbox && r.choice == next.choice && !now.Before(r.at) && now.Sub(r.at) < steady &&
		sameLink(r.link, next.link) && sameOwn(r.own, next.own)
}

// sameOwn says whether two readings are of the same list; the rows of those who lie
// elsewhere have the version of the board.
func sameOwn(a, b ward.OwnList) bool {
	return a.User == b.User && a.Absent == b.Absent && a.Lost == b.Lost && slices.Equal(a.Patients, b.Patients)
}

// sameLink says whether two states of the connection make the same words. Up to
// when everything is here is said to the minute, and moves with every heartbeat.
func sameLink(a, b ward.Link) bool {
	a.AsOf, b.AsOf = a.AsOf.Truncate(time.Minute), b.AsOf.Truncate(time.Minute)
	return reflect.DeepEqual(a, b)
}

func (m *Model) loaded(r read, err error) {
	m.keep.busy = false
	if err != nil {
		m.state.Trouble = words.F("The list could not be read: %s. What was entered is safe on this computer. Restart the program; if it stays so, call IT.", base.Words(err))
		m.show(m.state)
		return
	}
	if r.serial == 0 {
		return // only somebody else's was read yet
	}
	if r.serial == m.last.serial && m.state.Trouble == "" {
		return // it is shown
	}
	if now := m.chosen(); r.choice != now { // chosen while it was read
		r.choice = now
		r.arrange(m.now())
	}
	m.last = r
	m.put(r.state)
}

// put shows a state, with what was done last about the own list.
func (m *Model) put(s State) {
	s.Undo, s.Ask, s.Refused = m.keep.undo, m.keep.ask, m.keep.refused
	m.state = s
	m.show(s)
}

func (m *Model) chosen() choice {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.choice
}

// choose changes what is to be seen, and shows it.
func (m *Model) choose(change func(*choice)) {
	m.mu.Lock()
	change(&m.choice)
	c := m.choice
	m.mu.Unlock()
	m.last.choice, m.last.serial = c, 0 // what is read next is shown in any case
	m.last.arrange(m.now())
	s := m.last.state
	s.Loaded, s.Trouble = m.state.Loaded, m.state.Trouble
	if !s.Loaded {
		s.Empty = words.T(loadingWords)
	}
	m.put(s)
}

// SetFilter chooses a pill; SetByBed the order; SetSearch narrows as one types.
func (m *Model) SetFilter(f Filter) { m.choose(func(c *choice) { c.filter = f }) }

// SetByBed orders by bed, or worst first.
func (m *Model) SetByBed(on bool) { m.choose(func(c *choice) { c.byBed = on }) }

// SetSearch narrows the list to names, beds and numbers that hold every word
// of text; accents and capitals do not matter.
func (m *Model) SetSearch(text string) { m.choose(func(c *choice) { c.search = text }) }

// State is the present state.
func (m *Model) State() State { return m.state }

// arrange makes the state of what was read and chosen.
func (r *read) arrange(now time.Time) {
	r.at = now
	list := make([]*ward.Row, 0, len(r.rows))
	counts := map[Filter]int{}
	words := strings.Fields(fold(r.choice.search))
	for _, row := range r.rows {
		for _, f := range Filters() {
			if passes(f, row, now) {
				counts[f]++
			}
		}
		if passes(r.choice.filter, row, now) && found(words, row) {
			list = append(list, row)
		}
	}
	away := map[ward.PatientID]bool{}
	for _, row := range r.own.Away {
		counts[Mine]++
		away[row.Who.ID] = true
		if r.choice.filter == Mine && found(words, row) {
			list = append(list, row)
		}
	}
	order(list, r.choice.byBed, away)
	down := strip.Down(r.link, now)
	s := State{
		Rows: Rows{list: list, down: down, asOf: r.link.AsOf, now: now, away: away, own: r.choice.filter == Mine}, ByBed: r.choice.byBed, Search: r.choice.search, Loaded: true,
		AsOf: asOf(r.link, r.rows, now), Beds: bedsWords(r.rows), Inbox: r.inbox,
	}
	for _, f := range Filters() {
		s.Pills = append(s.Pills, Pill{f, counts[f], f == r.choice.filter})
	}
	if r.choice.filter == Mine && r.own.Absent > 0 {
		s.AsOf += ", " + absentWords(r.own.Absent)
	}
	s.Empty = r.empty(len(list), now)
	r.state = s
}

// loadingWords stand for a list that was not read yet.
const loadingWords = "Opening the list: it is read from this computer’s copy."

// empty says why there is nothing to show: none, not loaded, or not found.
func (r *read) empty(n int, now time.Time) string {
	switch {
	case n > 0:
		return ""
	case len(r.rows)+len(r.own.Away) > 0 && r.choice.search != "":
		return words.F("Nobody on this list is called “%s”.", r.choice.search)
	case r.choice.filter == Mine && r.link.Ever && r.link.Loading == nil:
		return r.nobody()
	case len(r.rows) > 0 && r.choice.filter == Mine:
		return words.T("Your list is being loaded from the server.")
	case len(r.rows) > 0:
		return words.F("None: %s, as of %s.", lower(r.choice.filter.Say()), ward.Clock(now))
	case r.link.Loading != nil:
		return words.T("The list is being loaded from the server.")
	case !r.link.Ever:
		return words.T("Not loaded: this computer has had no contact with the server yet.")
	case !r.link.Connected:
		return words.F("Not loaded: this computer has had no contact since %s.", ward.Stamp(r.link.Since, now))
	}
	return words.F("None: no patients on this ward, as of %s.", ward.Clock(r.link.AsOf))
}

func asOf(l ward.Link, rows []*ward.Row, now time.Time) string {
	if l.AsOf.IsZero() {
		return words.T("not yet loaded")
	}
	text := words.F("as of %s", ward.Stamp(l.AsOf, now))
	if l.Connected {
		return text
	}
	var own time.Time
	for _, r := range rows {
		if r.UnsentAt.After(own) {
			own = r.UnsentAt
		}
	}
	if !own.IsZero() {
		text += ", " + words.F("own entries to %s", ward.Stamp(own, now))
	}
	return text
}

func passes(f Filter, r *ward.Row, now time.Time) bool {
	switch f {
	case Mine:
		return r.Mine
	case Worse:
		return r.Early.HasFrom && r.Early.Total > r.Early.From
	case Overdue:
		return r.Early.Known && !r.Early.Due.IsZero() && now.After(r.Early.Due)
	case Critical:
		return r.Criticals > 0 || r.HeldInPlay()
	case Unacked:
		return r.New > 0 || r.Critical != nil && r.Critical.Open || r.Corrected != nil || r.Held != nil && r.Held.Open
	case Isolation:
		for _, fl := range r.Flags {
			if strings.EqualFold(fl, "Isolation") {
				return true
			}
		}
		return false
	case All:
	}
	return true
}

// found says whether a row holds every word; they are folded already.
func found(all []string, r *ward.Row) bool {
	if len(all) == 0 {
		return true
	}
	hay := fold(r.Who.Family + " " + r.Who.Given + " " + r.Who.Bed + " " + r.Who.Number + " " + strings.ReplaceAll(r.Who.Number, " ", ""))
	for _, w := range all {
		if !strings.Contains(hay, w) {
			return false
		}
	}
	return true
}

// fold lowers and takes common accents off, so that "wojtyla" finds WOJTYŁA.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if f, ok := plain[unicode.ToLower(r)]; ok {
			return f
		}
		return unicode.ToLower(r)
	}, s)
}

var plain = func() map[rune]rune {
	m := map[rune]rune{}
	for to, from := range map[rune]string{
		'a': "àáâãäåāăą", 'c': "çćĉċč", 'd': "ďđð", 'e': "èéêëēĕėęě", 'g': "ĝğġģ", 'h': "ĥħ", 'i': "ìíîïĩīĭįı", 'j': "ĵ", 'k': "ķ",
		'l': "ĺļľŀł", 'n': "ñńņňŋ", 'o': "òóôõöøōŏő", 'r': "ŕŗř", 's': "śŝşšș", 't': "ţťŧț", 'u': "ùúûüũūŭůűų", 'w': "ŵ", 'y': "ýÿŷ", 'z': "źżž", '\'': "’ʼ`",
	} {
		for _, r := range from {
			m[r] = to
		}
	}
	return m
}()

// lower is a filter within a sentence: English writes it small, German keeps its nouns.
func lower(name string) string {
	if words.Tag() == "en" {
		return strings.ToLower(name)
	}
	return name
}
