package desk

import (
	"cmp"
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
)

// Somebody who left with something still to be done stays with the ward that they
// left, for as long as central says so (record.KeptOf). They are on no board; their
// tasks are among the ward's, apart, their critical results that nobody has acted on
// among its alerts, and the search finds them.

// keptIn reads such a List; ok is false for any other, and for one that is over.
func keptIn(l fhir.List, loc *time.Location) (p fhir.ID, left ward.Leaving, ok bool) {
	left.Ward = fhir.ExtString(l.Extension, fhir.ExtKept)
	people := l.Patients()
	if left.Ward == "" || len(people) != 1 {
		return "", left, false
	}
	left.Bed = fhir.ExtString(l.Extension, fhir.ExtBed)
	left.At, _ = when(l.Date, loc)
	if until, ok := fhir.ExtensionOf(l.Extension, fhir.ExtUntil); ok && until.ValueDateTime != nil {
		left.Until, _ = when(*until.ValueDateTime, loc)
	}
	return people[0], left, true
}

// kept are those whom this computer's ward keeps though they left, and of whom
// want asks, by the record that shows their entries.
func (d *Desk) kept(may func(ward string) bool, want func(*derived) bool) map[fhir.ID]ward.Leaving {
	d.board.mu.Lock()
	defer d.board.mu.Unlock()
	return d.keptNow(may, want)
}

// keptNow is kept where b.mu is held.
func (d *Desk) keptNow(may func(ward string) bool, want func(*derived) bool) map[fhir.ID]ward.Leaving {
	b := &d.board
	out := map[fhir.ID]ward.Leaving{}
	for p, left := range b.loose.kept {
		id := cmp.Or(b.survivor[p], p)
		v := b.rows[id]
		if v != nil && v.row.Who.Ward == "" && want(v) && (d.cfg.Ward == "" || d.cfg.Ward == left.Ward) && may(left.Ward) {
			out[id] = left
		}
	}
	return out
}

// keptWards are the wards that keep the patient of c though they left.
func (d *Desk) keptWards(c *compartment) (wards []record.Ward, err error) {
	if c.r == nil || c.id == "" {
		return nil, nil
	}
	for _, id := range append(slices.Clone(c.joined), c.id) {
		ch, ok, err := c.r.LooseCurrent(record.KeptOf(id))
		if err != nil {
			return nil, err
		}
		l, bad := fhir.View[fhir.List](ch.Body)
		if !ok || bad != nil {
			continue
		}
		if _, left, ok := keptIn(l, d.loc); ok {
			wards = append(wards, record.Ward(left.Ward))
		}
	}
	return wards, nil
}

// runsLeft adds the open routines of somebody who left, each with its open steps.
func (d *Desk) runsLeft(to []ward.DutyItem, c *compartment, p ward.Person) []ward.DutyItem {
	list := runsOf(c)
	runs, twice := joinedRuns(list)
	for _, r := range runs {
		if !r.IsOpen() {
			continue
		}
		run := d.shownRun(r, list, twice[r.ID], p, d.now())
		to = append(to, ward.DutyItem{Who: d.identity(c), Run: &run, Duty: ward.Duty{
			ID: run.ID, Words: run.OpenWords(), Status: DutyOpen, By: run.By, Made: run.Started, Due: run.Due, Unsent: run.Unsent,
		}})
	}
	return to
}

// keptDuties adds the tasks of somebody who left, and their routines.
func (d *Desk) keptDuties(to []ward.DutyItem, c *compartment, p ward.Person, left *ward.Leaving) []ward.DutyItem {
	from := len(to)
	to = d.runsLeft(d.dutiesOf(to, c, p, false), c, p)
	for i := from; i < len(to); i++ {
		to[i].Left = left
	}
	return to
}
