package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// Handover are the sheets of this ward's patients, by bed, filled from the record.
// Whoever shows them calls OpenList with "handover" first.
func (d *Desk) Handover(ctx context.Context) (ward.Handover, error) {
	const op = "desk.handover"
	out := ward.Handover{Sheets: []ward.Sheet{}, AsOf: d.asOf(), FeedDown: d.feedDown()}
	p, may, err := d.listsFor(op)
	if err != nil {
		return out, err
	}
	ids, err := d.board.where(ctx, d, func(v *derived) bool { return may(v.row.Who.Ward) })
	if err != nil {
		return out, fault.Wrap(op, "", err)
	}
	if over := len(ids) - maxGiven; over > 0 {
		out.More, ids = over, ids[:maxGiven]
	}
	err = d.store.View(ctx, func(r Reader) error {
		l, err := myList(r, p)
		if err != nil {
			return err
		}
		mine := l.Patients()
		return eachOf(r, ids, nil, func(c *compartment, _ *ward.Leaving) error {
			if d.mayView(op, p, c) != nil {
				return nil
			}
			s, err := d.sheet(c)
			if err != nil {
				return err
			}
			s.Mine = slices.Contains(mine, c.id)
			out.Sheets = append(out.Sheets, s)
			return nil
		})
	})
	for i := range out.Sheets {
		d.board.similarTo(&out.Sheets[i].Who)
	}
	slices.SortStableFunc(out.Sheets, func(a, b ward.Sheet) int {
		return cmp.Or(ward.CompareBeds(a.Who.Bed, b.Who.Bed), cmp.Compare(a.Who.ID, b.Who.ID))
	})
	return out, fault.Wrap(op, "", err)
}

// sheet is one patient's sheet. What people wrote stands in it as they wrote it.
func (d *Desk) sheet(c *compartment) (ward.Sheet, error) {
	results, err := d.results(c, false)
	if err != nil {
		return ward.Sheet{}, err
	}
	s := ward.Sheet{
		Who: d.identity(c), Since: d.admittedAt(c), Early: c.early(d.vitalSets(c)), Allergies: d.allergies(c), Flags: flagWords(c),
		Said: d.standing(c, ward.PartSeverity), Summary: d.standing(c, ward.PartSummary), Contingency: d.standing(c, ward.PartContingency),
		Facts: d.sheetFacts(c, results), Situation: d.situation(c, results), Unsent: c.unsent > 0,
	}
	open := slices.IndexFunc(results, func(r judged) bool { return r.Critical && r.Open })
	s.Severity = alert.Illness(s.Early, open >= 0)
	s.Why = d.severityWords(s.Early)
	if open >= 0 {
		s.Why = words.F("%s, %s critical and not acted on", s.Why, results[open].Test)
	}
	for _, duty := range d.duties(c) {
		if duty.Status == DutyOpen {
			s.Actions = append(s.Actions, duty)
		}
	}
	list := runsOf(c)
	runs, twice := joinedRuns(list)
	for _, r := range runs {
		if r.IsOpen() {
			s.Routines = append(s.Routines, d.shownRun(r, list, twice[r.ID], ward.Person{}, d.now()))
		}
	}
	if g, ok := d.given(c); ok {
		s.Given = &g
	}
	return s, nil
}

// severityWords is the score that a severity is made of, with its time.
func (d *Desk) severityWords(e ward.Early) string {
	now := d.now()
	switch {
	case e.Refused != "":
		return e.Refused
	case !e.Known:
		return words.T("no NEWS2 recorded")
	case e.AtLeast && e.HasLast:
		return words.F("NEWS2 %d at %s; since then incomplete, at least %d at %s", e.Last, ward.Stamp(e.LastAt, now), e.Total, ward.Stamp(e.At, now))
	case e.AtLeast:
		return words.F("NEWS2 at least %d at %s, incomplete", e.Total, ward.Stamp(e.At, now))
	case e.HasFrom:
		return words.F("NEWS2 %d at %s, was %d", e.Total, ward.Stamp(e.At, now), e.From)
	}
	return words.F("NEWS2 %d at %s", e.Total, ward.Stamp(e.At, now))
}

// admittedAt is when the present stay began.
func (d *Desk) admittedAt(c *compartment) time.Time {
	var first time.Time
	for i := range c.encounters {
		e := c.encounters[i].View
		if !present(e.Status) || e.Period == nil {
			continue
		}
		if at, _ := when(e.Period.Start, d.loc); !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// factsFor is how far back a sheet's values reach; factsMost how many it holds, where not
// more than that are critical or urgent.
const (
	factsFor  = 24 * time.Hour
	factsMost = 6
)

// sheetFacts are the values of the last day that are flagged, newest of each test, what
// is critical or urgent first, and the tests that are still to come.
func (d *Desk) sheetFacts(c *compartment, results []judged) []ward.Dated {
	var grave, out []ward.Dated
	seen, now := map[string]bool{}, d.now()
	for i := range results { // newest first
		r := &results[i]
		name := cmp.Or(r.LOINC, r.Test)
		if seen[name] || now.Sub(cmp.Or(r.Collected, r.Received)) > factsFor {
			continue
		}
		seen[name] = true
		fact := ward.Dated{Words: resultWords(&r.Result), At: cmp.Or(r.Collected, r.Received), Flag: r.Flag, Urgent: r.Urgent}
		switch {
		case r.Critical || r.MayBe || r.Urgent:
			grave = append(grave, fact)
		case r.Flag != ward.FlagNone || r.Before != nil:
			out = append(out, fact)
		}
	}
	// What is critical or urgent is never left out for something newer that is neither.
	out = append(grave, out[:min(len(out), max(factsMost-len(grave), 0))]...)
	for _, o := range d.orders(c) {
		if o.Open {
			out = append(out, ward.Dated{Words: strings.TrimSpace(o.Test+" "+o.Dose) + ": " + ward.Said(o.Status), At: o.At})
		}
	}
	return out
}

// resultWords is a value with everything that it must never stand without.
func resultWords(r *ward.Result) string {
	value := strings.Join(strings.Fields(r.Value+" "+r.Unit), " ")
	if r.Value == "" {
		value = cmp.Or(strings.Join(strings.Fields(r.Absent), " "), words.T("no result"))
	}
	said := []string{r.Test + " " + value}
	if flag := r.FlagWords(); flag != "" {
		said[0] += " " + flag
	}
	if r.Range != "" {
		said = append(said, words.F("range %s", r.Range))
	}
	said = append(said, ward.Said(r.Status))
	if r.Before != nil && r.Before.Value != "" {
		said = append(said, words.F("was %s", r.Before.Value))
	}
	return strings.Join(said, ", ")
}

// situation is what somebody has to know: what is critical or changed and nobody
// has, observations that are overdue, disagreements that wait.
func (d *Desk) situation(c *compartment, results []judged) []ward.Dated {
	var out []ward.Dated
	now := d.now()
	for i := range results {
		r := &results[i]
		switch {
		case r.Open && r.Reopened:
			out = append(out, ward.Dated{Words: words.F("Changed, and nobody has taken it: %s", resultWords(&r.Result)), At: r.since, Flag: r.Flag})
		case r.Open:
			out = append(out, ward.Dated{Words: words.F("Nobody has taken it: %s", resultWords(&r.Result)), At: r.since, Flag: r.Flag})
		case r.Quiet != "" && inPlay(r, now):
			out = append(out, ward.Dated{Words: words.F("Critical, a repeat of what somebody had taken: %s", resultWords(&r.Result)), At: r.since, Flag: r.Flag})
		case r.Critical && inPlay(r, now) && r.duty.State != alert.Acted:
			out = append(out, ward.Dated{Words: words.F("Taken by %s, action not recorded: %s", r.duty.By, resultWords(&r.Result)), At: r.duty.Since, Flag: r.Flag})
		}
	}
	if e := c.early(d.vitalSets(c)); !e.Due.IsZero() && e.Due.Before(now) {
		out = append(out, ward.Dated{Words: words.F("Observations overdue %s", ward.Span(now.Sub(e.Due))), At: e.Due})
	}
	for i := range c.tasks {
		if t := &c.tasks[i]; openReview(t.View) {
			out = append(out, ward.Dated{Words: words.F("A disagreement waits for a decision: %s", told.Questions.Say(t.View.Description)), At: d.at(t.Made)})
		}
	}
	return out
}
