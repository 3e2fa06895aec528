package chart

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Group is one panel's results.
type Group struct {
	Panel string
	Note  string // "13:31: preliminary, may change"
	Early bool   // its newest is not final
	Rows  []Line
}

// Line is one test with its newest result and the earlier ones.
type Line struct {
	Newest  ward.Result
	Earlier []ward.Result // newest first
}

// At is the line's result of a column, or nil: no such test at that time.
func (l Line) At(m Moment) *ward.Result {
	n := 0
	for i := -1; i < len(l.Earlier); i++ {
		r := &l.Newest
		if i >= 0 {
			r = &l.Earlier[i]
		}
		if !r.When().Equal(m.At) {
			continue
		}
		if n == m.Nth {
			return r
		}
		n++
	}
	return nil
}

// Has says whether a result is one of the line's.
func (l Line) Has(id ward.ResultID) bool {
	return l.Newest.ID == id || slices.ContainsFunc(l.Earlier, func(r ward.Result) bool { return r.ID == id })
}

// Moment is a column of the table: a time of collection. Where one test has
// several results of the same time there are several columns of it.
type Moment struct {
	At    time.Time // zero: collected nobody says when
	Nth   int
	Day   string // "22-Nov"
	Clock string // "13:31"
}

// moments are the columns for all results, oldest first. A result without a
// time of collection stands before all others: it is never taken for the newest.
func moments(results []ward.Result, now time.Time) []Moment {
	var out []Moment
	for _, g := range groups(results, now) {
		for _, l := range g.Rows {
			n := map[int64]int{}
			for _, r := range append([]ward.Result{l.Newest}, l.Earlier...) {
				key := r.When().UnixNano()
				m := momentOf(r, n[key], now)
				n[key]++
				if !slices.ContainsFunc(out, func(o Moment) bool { return o.At.Equal(m.At) && o.Nth == m.Nth }) {
					out = append(out, m)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Moment) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(b.Nth, a.Nth)) })
	return out
}

func momentOf(r ward.Result, nth int, now time.Time) Moment {
	m := Moment{At: r.When(), Nth: nth, Day: words.T("time"), Clock: words.T("not sent")}
	switch {
	case m.At.IsZero():
		return m
	case r.Collected.IsZero():
		m.Day, m.Clock = words.T("phoned"), ward.Stamp(m.At, now)
		return m
	}
	m.Day = ward.ShortDate(r.Collected)
	if r.Collected.Year() != now.Year() {
		m.Day = ward.Date(r.Collected)
	}
	m.Clock = ward.Clock(r.Collected)
	if hourless(r) {
		m.Clock = words.T("no hour sent")
	}
	return m
}

// hourless says that the sender gave a day without an hour.
func hourless(r ward.Result) bool {
	return r.CollectedText != "" && !strings.Contains(r.CollectedText, ":")
}

// When is the time of collection as precisely as it was sent.
func When(r ward.Result, now time.Time) string {
	switch {
	case r.Collected.IsZero() && len(r.Phoned) > 0:
		return words.F("phoned %s", ward.Stamp(r.When(), now))
	case r.Collected.IsZero():
		return words.T("time not sent")
	case hourless(r):
		return r.CollectedText
	}
	return ward.Stamp(r.Collected, now)
}

// Void says that a value no longer stands for anything.
func Void(r ward.Result) bool {
	switch r.Status {
	case "withdrawn", "cancelled":
		return true
	}
	return false
}

// Early says that a result is not final yet.
func Early(r ward.Result) bool {
	return r.Status == "preliminary" || r.Status == "in laboratory" || !r.Confirmed()
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
		panel := cmp.Or(r.Panel, words.T("Other results"))
		gi, known := place[panel]
		if !known {
			gi = len(out)
			place[panel] = gi
			g := Group{Panel: panel, Note: When(r, now) + ": " + ward.Said(r.Status), Early: Early(r)}
			if g.Early {
				g.Note += ", " + words.T("may change")
			}
			out = append(out, g)
		}
		li := slices.IndexFunc(out[gi].Rows, func(l Line) bool { return SameTest(l.Newest, r) })
		if li < 0 {
			out[gi].Rows = append(out[gi].Rows, Line{Newest: r})
			continue
		}
		out[gi].Rows[li].Earlier = append(out[gi].Rows[li].Earlier, r)
	}
	return out
}
