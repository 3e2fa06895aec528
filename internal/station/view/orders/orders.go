// Package orders is the view model of the ward's orders: what waits for whom, by
// bed, what is late, and what somebody has to decide first.
//
// What it promises: an order is shown as sent only where another system said so;
// "none" is said only of what is known; and what is new never moves the line that
// somebody reads.
package orders

import (
	"context"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Desk is what the page needs of the station.
type Desk interface {
	base.Notices
	OrderBook(ctx context.Context) (ward.OrderBook, error)
}

// Filter is which orders are listed.
type Filter string

// The filters.
const (
	All       Filter = "all"
	Late      Filter = "late"
	Asked     Filter = "asked"
	Medicines Filter = "medicines"
)

// Filters lists them in order.
func Filters() []Filter { return []Filter{All, Late, Asked, Medicines} }

// Pill is one filter as drawn.
type Pill = base.Pill[Filter]

// kept says which lines a filter keeps.
var kept base.Keeps[Filter, Line] = keeps

// Line is one order of the list.
type Line struct {
	ID     string
	Who    ward.Identity
	First  bool // of this patient: the name stands above it
	Name   string
	Dose   string
	Stat   bool
	Status string
	Late   string
	Ask    []string // what somebody has to look at
	By     string   // "Grace Mensah, nurse, 11:40"
	Why    string   // what its author went against, and why
	Unsent bool
	kind   string
}

func (l Line) id() string { return l.ID }

// State is the page as drawn.
type State struct {
	Pills  []Pill
	Lines  []Line
	Open   string // the id of the line that is chosen
	AsOf   string
	Empty  string
	Error  string // why nothing could be read
	Loaded bool
	Late   int // how many are late on the ward
}

// Model is the view model. Its methods are for the display's goroutine, but
// Follow.
type Model struct {
	desk   Desk
	now    func() time.Time
	show   func(State)
	loader *base.Loader[ward.OrderBook]
	book   ward.OrderBook
	filter Filter
	state  State
}

// New makes the model.
func New(desk Desk, d base.Dispatcher, now func() time.Time, show func(State)) *Model {
	m := &Model{desk: desk, now: now, show: show, filter: All}
	m.loader = base.NewLoader(d, desk.OrderBook, m.loaded)
	return m
}

// Follow keeps the page up to date until ctx ends.
func (m *Model) Follow(ctx context.Context) {
	m.loader.Follow(ctx, m.desk, 30*time.Second)
}

func (m *Model) loaded(book ward.OrderBook, err error) {
	m.state.Error = ""
	if err != nil {
		m.state.Error = base.Words(err)
		m.show(m.state)
		return
	}
	m.book, m.state.Loaded = book, true
	m.arrange()
	m.show(m.state)
}

// arrange makes the lines of what was read.
func (m *Model) arrange() {
	now := m.now()
	all := linesOf(m.book.Lines, now)
	m.state.Late = 0
	for _, l := range all {
		m.state.Late += count(l.Late != "")
	}
	m.state.Pills = kept.Pills(Filters(), names(), m.filter, all)
	m.state.Lines = kept.Of(m.filter, all)
	for i := range m.state.Lines {
		l := &m.state.Lines[i]
		l.First = i == 0 || m.state.Lines[i-1].Who.ID != l.Who.ID
	}
	m.state.AsOf = base.AsOf(m.book.AsOf, now)
	m.state.Empty = m.empty(now)
	m.state.Open = base.Chosen(m.state.Open, m.state.Lines, Line.id)
}

func linesOf(list []ward.OrderLine, now time.Time) []Line {
	out := make([]Line, 0, len(list))
	for _, x := range list {
		o := x.Order
		l := Line{
			ID: string(o.ID), Who: x.Who, Name: o.Test, Dose: o.Dose, Stat: o.Stat, Status: o.Status, Late: o.Late, Ask: o.Remarks,
			By: ward.SayName(o.By) + ", " + ward.Stamp(o.At, now), Unsent: o.Unsent, kind: o.Kind,
		}
		var why []string
		for _, v := range o.Overrides {
			why = append(why, words.F("%s. Because: %s", v.Words, v.Reason))
		}
		l.Why = strings.Join(why, " ")
		out = append(out, l)
	}
	return out
}

// empty says why there is nothing: only what is known may be said to be absent.
func (m *Model) empty(now time.Time) string {
	switch {
	case len(m.state.Lines) > 0:
		return ""
	case m.book.AsOf.IsZero():
		return words.T("Not loaded: this computer has had no contact with the server yet. Orders made on this computer are listed here.")
	case m.filter != All:
		return words.F("None of these, as of %s.", ward.Stamp(m.book.AsOf, now))
	}
	return words.F("None: nothing waits on this ward, as of %s.", ward.Stamp(m.book.AsOf, now))
}

func names() map[Filter]string {
	return map[Filter]string{All: words.T("Ward"), Late: words.T("Late or not sent"), Asked: words.T("To decide first"), Medicines: words.T("Medicines")}
}

func keeps(f Filter, l Line) bool {
	switch f {
	case Late:
		return l.Late != ""
	case Asked:
		return len(l.Ask) > 0
	case Medicines:
		return l.kind == ward.OrderMedicine
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

// SetFilter lists other orders.
func (m *Model) SetFilter(f Filter) {
	m.filter = f
	m.arrange()
	m.show(m.state)
}

// Select chooses a line.
func (m *Model) Select(id string) {
	for _, l := range m.state.Lines {
		if l.ID == id && m.state.Open != id {
			m.state.Open = id
			m.show(m.state)
		}
	}
}

// State is the present state.
func (m *Model) State() State { return m.state }
