// Package board is the view model of the ward board: one row a patient, the
// worst first or by bed, filtered and searched.
//
// It says how old what it shows is, and never says "none" about results while
// the laboratory cannot be heard. The order it gives is the order that should
// be; holding still under a pointer is the list's business.
package board

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/station/view/strip"
)

// Desk is what the board needs of the station.
type Desk interface {
	base.Notices
	Board(ctx context.Context) ([]ward.Row, error)
	Link() ward.Link
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
	Rows    []Row
	Pills   []Pill
	ByBed   bool
	Search  string
	AsOf    string // "as of 14:05", "as of 02:14, own entries to 03:41"
	Empty   string // in place of rows, in words
	Beds    string // "24 of 24 beds"
	Trouble string // why the list could not be read
	Loaded  bool
}

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk   Desk
	now    func() time.Time
	show   func(State)
	loader *base.Loader[read]

	rows   []ward.Row
	link   ward.Link
	state  State
	filter Filter
	byBed  bool
	search string
}

type read struct {
	rows []ward.Row
	link ward.Link
}

// New makes the model; show is called with every new state.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, now: now, show: show, filter: All}
	m.loader = base.NewLoader(d, func(ctx context.Context) (read, error) {
		rows, err := desk.Board(ctx)
		return read{rows, desk.Link()}, err
	}, m.loaded)
	return m
}

// Follow keeps the board up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	m.loader.Reload()
	base.Follow(ctx, m.desk, 15*time.Second, func(ward.Notice) { m.loader.Reload() })
}

// Reload reads the board anew.
func (m *Model) Reload() { m.loader.Reload() }

func (m *Model) loaded(r read, err error) {
	if err != nil {
		m.state.Trouble = "The list could not be read: " + base.Words(err) + ". What was entered is safe on this computer. Restart the program; if it stays so, call IT."
		m.show(m.state)
		return
	}
	m.rows, m.link, m.state.Trouble, m.state.Loaded = r.rows, r.link, "", true
	m.arrange()
}

// SetFilter chooses a pill; SetByBed the order; SetSearch narrows as one types.
func (m *Model) SetFilter(f Filter) { m.filter = f; m.arrange() }

// SetByBed orders by bed, or worst first.
func (m *Model) SetByBed(on bool) { m.byBed = on; m.arrange() }

// SetSearch narrows the list to names, beds and numbers that hold every word
// of text; accents and capitals do not matter.
func (m *Model) SetSearch(text string) { m.search = text; m.arrange() }

// State is the present state.
func (m *Model) State() State { return m.state }

func (m *Model) arrange() {
	now := m.now()
	down := strip.Down(m.link, now)
	var rows []Row
	counts := map[Filter]int{}
	for _, r := range m.rows {
		for _, f := range Filters() {
			if passes(f, r, now) {
				counts[f]++
			}
		}
		if passes(m.filter, r, now) && found(m.search, r) {
			rows = append(rows, rowOf(r, down, m.link.AsOf, now))
		}
	}
	Sort(rows, m.byBed)
	s := State{Rows: rows, ByBed: m.byBed, Search: m.search, Loaded: m.state.Loaded, AsOf: asOf(m.link, m.rows, now), Beds: fmt.Sprintf("%d patients", len(m.rows))}
	for _, f := range Filters() {
		s.Pills = append(s.Pills, Pill{f, counts[f], f == m.filter})
	}
	s.Empty = m.empty(len(rows), now)
	m.state = s
	m.show(s)
}

// empty says why there is nothing to show: none, not loaded, or not found.
func (m *Model) empty(n int, now time.Time) string {
	switch {
	case n > 0:
		return ""
	case len(m.rows) > 0 && m.search != "":
		return "Nobody on this list is called “" + m.search + "”."
	case len(m.rows) > 0:
		return "None: " + strings.ToLower(string(m.filter)) + ", as of " + ward.Clock(now) + "."
	case !m.state.Loaded:
		return "Loading the list from this computer’s copy"
	case m.link.Loading != nil:
		return "The list is being loaded from the server."
	case !m.link.Ever:
		return "Not loaded: this computer has had no contact with the server yet."
	case !m.link.Connected:
		return "Not loaded: this computer has had no contact since " + ward.Stamp(m.link.Since, now) + "."
	}
	return "None: no patients on this ward, as of " + ward.Clock(m.link.AsOf) + "."
}

func asOf(l ward.Link, rows []ward.Row, now time.Time) string {
	if l.AsOf.IsZero() {
		return "not yet loaded"
	}
	if l.Connected {
		return "as of " + ward.Stamp(l.AsOf, now)
	}
	words := "as of " + ward.Stamp(l.AsOf, now)
	var own time.Time
	for _, r := range rows {
		if r.UnsentAt.After(own) {
			own = r.UnsentAt
		}
	}
	if !own.IsZero() {
		words += ", own entries to " + ward.Stamp(own, now)
	}
	return words
}

func passes(f Filter, r ward.Row, now time.Time) bool {
	switch f {
	case Mine:
		return r.Mine
	case Worse:
		return r.Early.HasFrom && r.Early.Total > r.Early.From
	case Overdue:
		return r.Early.Known && !r.Early.Due.IsZero() && now.After(r.Early.Due)
	case Critical:
		return r.Criticals > 0
	case Unacked:
		return r.New > 0 || r.Critical != nil && r.Critical.Open || r.Corrected != nil
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

func found(search string, r ward.Row) bool {
	hay := fold(r.Who.Family + " " + r.Who.Given + " " + r.Who.Bed + " " + r.Who.Number + " " + strings.ReplaceAll(r.Who.Number, " ", ""))
	for _, w := range strings.Fields(fold(search)) {
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

// Sort orders rows: the worst first (by urgency, then score, then bed), or by
// bed. It is stable for equal rows.
func Sort(rows []Row, byBed bool) {
	sort.SliceStable(rows, func(i, j int) bool {
		a, b := rows[i], rows[j]
		if !byBed {
			if a.Urgency != b.Urgency {
				return a.Urgency > b.Urgency
			}
			if ao, bo := a.Results.Open, b.Results.Open; ao != bo {
				return ao
			}
			if as, bs := a.from.Early.Total, b.from.Early.Total; a.Urgency > 0 && as != bs {
				return as > bs
			}
		}
		if len(a.Bed) != len(b.Bed) && numeric(a.Bed) && numeric(b.Bed) {
			return len(a.Bed) < len(b.Bed)
		}
		return a.Bed < b.Bed
	})
}

func numeric(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
