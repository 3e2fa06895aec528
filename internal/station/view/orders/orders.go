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
type Pill struct {
	Filter Filter
	Text   string
	Count  int
	On     bool
}

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
	m.loader.Reload()
	base.Follow(ctx, m.desk, 30*time.Second, func(ward.Notice) { m.loader.Reload() })
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
	m.state.Pills = m.pills(all)
	m.state.Lines = nil
	last := ward.PatientID("")
	for _, l := range all {
		if keeps(m.filter, l) {
			l.First, last = l.Who.ID != last, l.Who.ID
			m.state.Lines = append(m.state.Lines, l)
		}
	}
	m.state.AsOf = ""
	if !m.book.AsOf.IsZero() {
		m.state.AsOf = "as of " + ward.Stamp(m.book.AsOf, now)
	}
	m.state.Empty = m.empty(now)
	m.keepOpen()
}

func linesOf(list []ward.OrderLine, now time.Time) []Line {
	out := make([]Line, 0, len(list))
	for _, x := range list {
		o := x.Order
		l := Line{
			ID: string(o.ID), Who: x.Who, Name: o.Test, Dose: o.Dose, Stat: o.Stat, Status: o.Status, Late: o.Late, Ask: o.Remarks,
			By: o.By + ", " + ward.Stamp(o.At, now), Unsent: o.Unsent, kind: o.Kind,
		}
		var why []string
		for _, v := range o.Overrides {
			why = append(why, v.Words+". Because: "+v.Reason)
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
		return "Not loaded: this computer has had no contact with the server yet. Orders made on this computer are listed here."
	case m.filter != All:
		return "None of these, as of " + ward.Stamp(m.book.AsOf, now) + "."
	}
	return "None: nothing waits on this ward, as of " + ward.Stamp(m.book.AsOf, now) + "."
}

func (m *Model) pills(all []Line) []Pill {
	words := map[Filter]string{All: "Ward", Late: "Late or not sent", Asked: "To decide first", Medicines: "Medicines"}
	var out []Pill
	for _, f := range Filters() {
		p := Pill{Filter: f, Text: words[f], On: f == m.filter}
		for _, l := range all {
			p.Count += count(keeps(f, l))
		}
		out = append(out, p)
	}
	return out
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

// keepOpen holds on to the chosen line; where it is gone the first is chosen.
func (m *Model) keepOpen() {
	for _, l := range m.state.Lines {
		if l.ID == m.state.Open {
			return
		}
	}
	m.state.Open = ""
	if len(m.state.Lines) > 0 {
		m.state.Open = m.state.Lines[0].ID
	}
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
