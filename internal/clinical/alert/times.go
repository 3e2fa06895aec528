package alert

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Minutes is the unit of every limit that is a time.
const Minutes = "min"

// Hours is the unit of retest intervals.
const Hours = "h"

// Which times of RuleOverdue and RuleLateOrder a setting is of.
const (
	EdgeScore0   = "score-0"
	EdgeScore1   = "score-1-4"
	EdgeScore3   = "score-3" // a 3 in one parameter
	EdgeScore5   = "score-5-6"
	EdgeScore7   = "score-7"
	EdgeNoResult = "within"
	EdgeNotSent  = "unsent"
	// EdgeQuiet is of a row of the critical table: within which time a repeat may be quiet,
	// 0 for never.
	EdgeQuiet = "quiet"
	rowStat   = "stat"
)

// timeRanges are the times that a site may set, in minutes. Those of the score are never
// longer than the chart has them; those of a laboratory are its own, within what still
// means that somebody looks. Ages is the row: a test of the catalogue, "stat" behind it
// for what is wanted at once.
var timeRanges = map[RuleID][]Range{
	RuleOverdue: {
		{Edge: EdgeScore0, Unit: Minutes, Strict: "240", Loose: "720", From: words.S("RCP NEWS2 chart 4; only sooner")},
		{Edge: EdgeScore1, Unit: Minutes, Strict: "60", Loose: "360", From: words.S("RCP NEWS2 chart 4; only sooner")},
		{Edge: EdgeScore3, Unit: Minutes, Strict: "15", Loose: "60", From: words.S("RCP NEWS2 chart 4; only sooner")},
		{Edge: EdgeScore5, Unit: Minutes, Strict: "15", Loose: "60", From: words.S("RCP NEWS2 chart 4; only sooner")},
		{Edge: EdgeScore7, Unit: Minutes, Strict: "5", Loose: "30", From: words.S("RCP NEWS2 chart 4 has continuously; the minutes between two written sets are chosen")},
	},
	RuleLateOrder: slices.Concat(
		lateRanges("", "60", "1440", "15", "240"), lateRanges(rowStat, "30", "120", "5", "30"),
		lateRanges("culture", "1440", "4320", "15", "120"), lateRanges("culture "+rowStat, "1440", "4320", "5", "30"),
		lateRanges("urine-culture", "1440", "7200", "15", "240"),
	),
	RuleRepeat: retestRanges,
	RuleChange: changeRanges,
}

func lateRanges(row string, within, atMost, unsent, unsentAtMost fhir.Decimal) []Range {
	chosen := words.S("the laboratory’s own; the range is chosen")
	return []Range{
		{Edge: EdgeNoResult, Unit: Minutes, Ages: row, Strict: within, Loose: atMost, From: chosen},
		{Edge: EdgeNotSent, Unit: Minutes, Ages: row, Strict: unsent, Loose: unsentAtMost, From: chosen},
	}
}

// quietRange is within which the time of quiet repeats may be set: never longer than the
// program's own, and down to none, which is safe.
func quietRange(analyte string) []Range {
	if !slices.Contains(mayBeQuiet, analyte) {
		return nil
	}
	return []Range{{Edge: EdgeQuiet, Unit: Minutes, Strict: "0", Loose: "1440", From: words.S("a day at most; 0: each one interrupts")}}
}

// quietTime is the program's own time of quiet repeats as a limit.
func (r Rules) quietTime(rule RuleID) Edge {
	q, _ := r.quietFor(strings.TrimPrefix(string(rule), criticalRule))
	return Edge{At: fhir.Decimal(strconv.Itoa(int(q.Within / time.Minute)))}
}

// underQuiet are the rules with a site's time of quiet repeats.
func (r Rules) underQuiet(s Settings, ward string, number int) Rules {
	analyte := strings.TrimPrefix(string(s.Rule), criticalRule)
	e := s.over(r.quietTime(s.Rule), EdgeQuiet, Minutes, "", ward, number)
	n, err := strconv.Atoi(string(e.At))
	if err != nil || e.Set == nil {
		return r
	}
	r.Quiets = slices.Clone(r.Quiets)
	if n == 0 {
		r.Quiets = slices.DeleteFunc(r.Quiets, func(q Quiet) bool { return q.Analyte == analyte })
		return r
	}
	if i := slices.IndexFunc(r.Quiets, func(q Quiet) bool { return q.Analyte == analyte }); i >= 0 {
		r.Quiets[i].Within = time.Duration(n) * time.Minute
	}
	return r
}

// scoreTime is where a time of the score stands.
func (s *ScoreRules) scoreTime(edge string) *time.Duration {
	switch edge {
	case EdgeScore0:
		return &s.Zero
	case EdgeScore1:
		return &s.Low
	case EdgeScore3:
		return &s.SingleThree
	case EdgeScore5:
		return &s.Medium
	case EdgeScore7:
		return &s.High
	}
	return nil
}

// lateTime is where a time of a turnaround stands.
func (t *Turnaround) lateTime(edge string) *time.Duration {
	switch edge {
	case EdgeNoResult:
		return &t.Within
	case EdgeNotSent:
		return &t.Unsent
	}
	return nil
}

func (t Turnaround) row() string {
	if !t.Stat {
		return t.Test
	}
	return strings.TrimSpace(t.Test + " " + rowStat)
}

// ownTime is one of the program's own times as a limit, or one of its change checks.
func (r Rules) ownTime(rule RuleID, edge, row string) (Edge, bool) {
	var at *time.Duration
	if rule == RuleRepeat {
		return r.ownRetest(edge, row)
	}
	if rule == RuleChange {
		return r.ownChange(edge, row)
	}
	if rule == RuleOverdue {
		at = r.Score.scoreTime(edge)
	} else if i := slices.IndexFunc(r.Turnarounds, func(t Turnaround) bool { return t.row() == row }); i >= 0 {
		t := r.Turnarounds[i]
		at = t.lateTime(edge)
	}
	if at == nil {
		return Edge{}, false
	}
	return Edge{At: fhir.Decimal(strconv.Itoa(int(*at / time.Minute)))}, true
}

// underTimes are the rules with a site's times.
func (r Rules) underTimes(s Settings, ward string, number int) Rules {
	if number <= 0 || len(s.List) == 0 {
		return r
	}
	if s.Rule == RuleRepeat {
		return r.underRetests(s, ward, number)
	}
	if s.Rule == RuleChange {
		return r.underChanges(s, ward, number)
	}
	r.Turnarounds = slices.Clone(r.Turnarounds)
	for _, g := range timeRanges[s.Rule] {
		own, ok := r.ownTime(s.Rule, g.Edge, g.Ages)
		e := s.over(own, g.Edge, g.Unit, g.Ages, ward, number)
		n, err := strconv.Atoi(string(e.At))
		if !ok || err != nil || e.Set == nil {
			continue
		}
		if s.Rule == RuleOverdue {
			*r.Score.scoreTime(g.Edge) = time.Duration(n) * time.Minute
			r.Score.by = maps.Clone(r.Score.by)
			if r.Score.by == nil {
				r.Score.by = map[string]words.Sentence{}
			}
			r.Score.by[g.Edge] = e.setWords()
			continue
		}
		t := &r.Turnarounds[slices.IndexFunc(r.Turnarounds, func(t Turnaround) bool { return t.row() == g.Ages })]
		*t.lateTime(g.Edge) = time.Duration(n) * time.Minute
		t.by = maps.Clone(t.by)
		if t.by == nil {
			t.by = map[bool]words.Sentence{}
		}
		t.by[g.Edge == EdgeNoResult] = e.setWords()
	}
	return r
}

// IntervalWords say whose the interval after a score is: the site's, by which version, or
// the chart's, as this table has it. Of no score, and of one that is not whole, whose next
// set may be due by an earlier one, they say nothing.
func (r Rules) IntervalWords(e ward.Early) words.Sentence {
	if !e.Known || e.AtLeast {
		return words.Sentence{}
	}
	edge := EdgeScore0
	switch {
	case e.Risk == ward.RiskHigh:
		edge = EdgeScore7
	case e.Risk == ward.RiskMedium:
		edge = EdgeScore5
	case e.Risk == ward.RiskLowMedium:
		edge = EdgeScore3
	case e.Total > 0:
		edge = EdgeScore1
	}
	if by, ok := r.Score.by[edge]; ok {
		return by
	}
	return words.S("RCP NEWS2 chart 4, table %s of %s", r.Version, dated(r.ChangedAt))
}

// setWords are by whom a time was set.
func (e Edge) setWords() words.Sentence {
	if e.Set.Ward != "" {
		return words.S("set for ward %s, version %d of %s", e.Set.Ward, e.Set.Number, dated(e.Set.At))
	}
	return words.S("set for this hospital, version %d of %s", e.Set.Number, dated(e.Set.At))
}

// NumberAt is the number that was in force at an instant, by the clocks of those who set
// it: a score or an order goes by the times of its own moment.
func (s Settings) NumberAt(at time.Time) int {
	n := 0
	for _, x := range s.List {
		if !x.At.After(at) {
			n = x.Number
		}
	}
	return n
}
