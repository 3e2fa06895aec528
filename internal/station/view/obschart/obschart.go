// Package obschart arranges sets of observations as the NEWS2 observation chart
// does: a column for each set, a row for each range of values, and each value in
// the row that it falls into.
//
// It promises: a value stands as it was entered, with all its digits; what was not
// recorded leaves a gap, and no line is drawn over a gap; a value that fits no row
// stands below them, and is never placed by guess; a set that was entered in error
// is struck out and joined to nothing; for people whom NEWS2 is not made for, no
// row carries points.
//
// The ranges and points are those of RCP, National Early Warning Score 2, 2017,
// chart 1; the tests hold them to the rules that score.
package obschart

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
)

// Unscored are the points of a row that carries none.
const Unscored = -1

// Column is one set.
type Column struct {
	At         time.Time
	Day, Clock string
	By         string
	Total      string // "7", "≥5"; "" without a score
	Risk       ward.Risk
	Scale      int
	Unsent     bool
	Error      bool // entered in error
}

// Band is one row: a range of values.
type Band struct {
	Label  string
	Points int // 0 to 3, or Unscored
}

// Mark is a value in its column.
type Mark struct {
	Text   string // as entered; "" is a gap
	Band   int    // the row; None where it fits none
	Points int
	Struck bool
	Joined bool // a line leads here from the column before
}

// None is the row of a value that fits no row.
const None = -1

// Group is one parameter.
type Group struct {
	ID         string // its name in English, to ask for it by
	Name, Unit string
	Bands      []Band
	Marks      []Mark // one a column
	Odd        bool   // some value fits no row
}

// Chart is everything that is drawn.
type Chart struct {
	Columns []Column // oldest first
	Groups  []Group
	Refused string // why nothing is scored; "" where it is
}

// maxColumns bounds the chart: four days of hourly sets.
const maxColumns = 96

// Of arranges the sets of a patient, which come newest first. early is the
// patient's present score, which knows whether NEWS2 is made for them.
func Of(sets []ward.VitalSet, early ward.Early, now time.Time) Chart {
	sets = slices.Clone(sets[:min(len(sets), maxColumns)])
	slices.SortStableFunc(sets, func(a, b ward.VitalSet) int { return a.At.Compare(b.At) })
	c := Chart{Refused: ward.Said(early.Refused)}
	for _, s := range sets {
		c.Columns = append(c.Columns, columnOf(s, now))
	}
	for _, p := range parameters {
		if g := p.group(sets, c.Refused != ""); p.always || slices.ContainsFunc(g.Marks, func(m Mark) bool { return m.Text != "" }) {
			c.Groups = append(c.Groups, g)
		}
	}
	return c
}

// Rows are the rows of every parameter with their points, both scales of saturation among
// them, without a set: for a chart that is continued by hand.
func Rows() []Group {
	var out []Group
	for _, p := range parameters {
		out = append(out, p.group(nil, false))
	}
	return out
}

func columnOf(s ward.VitalSet, now time.Time) Column {
	at := s.At.In(now.Location())
	c := Column{At: s.At, Day: ward.ShortDate(at), Clock: ward.Clock(at), By: ward.SayName(s.By), Risk: s.Early.Risk, Scale: s.Early.Scale, Unsent: s.Unsent, Error: s.Error}
	if at.Year() != now.Year() {
		c.Day = ward.Date(at)
	}
	if s.Early.Known && s.Early.Refused == "" && !s.Error {
		c.Total = total(s.Early)
	}
	return c
}

// group places one parameter of every set.
func (p parameter) group(sets []ward.VitalSet, refused bool) Group {
	g := Group{ID: p.name.English(), Name: p.name.Say(), Unit: p.unit.Say()}
	for _, r := range p.ranges {
		b := Band{cmp.Or(r.label, r.named.Say()), r.points}
		if refused {
			b.Points = Unscored
		}
		g.Bands = append(g.Bands, b)
	}
	for i, s := range sets {
		m := p.mark(s, refused || s.Early.Refused != "")
		if i > 0 {
			before := g.Marks[i-1]
			m.Joined = p.line && m.Band != None && before.Band != None && m.Text != "" && before.Text != "" && !m.Struck && !before.Struck
		}
		g.Odd = g.Odd || m.Text != "" && m.Band == None
		g.Marks = append(g.Marks, m)
	}
	return g
}

func (p parameter) mark(s ward.VitalSet, refused bool) Mark {
	text := strings.TrimSpace(p.value(s))
	m := Mark{Text: text, Band: None, Points: Unscored, Struck: s.Error}
	if text == "" {
		return m
	}
	if p.said {
		m.Text = ward.Said(text)
	}
	if i := slices.IndexFunc(p.ranges, func(r span) bool { return r.holds(p.key(s)) }); i >= 0 {
		m.Band = i
		if !refused && !s.Error {
			m.Points = p.ranges[i].points
		}
	}
	return m
}
