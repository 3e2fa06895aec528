package desk

import (
	"context"
	"reflect"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// Derived is all that the board knows of a patient, for tests.
type Derived struct {
	Row            ward.Row
	Reviews        int
	Alerts         string
	Next           time.Time
	Words, Numbers string
	Family, Given  string
}

func open(v *derived) Derived {
	return Derived{*v.row, v.reviews, v.alerts, v.next, v.words, v.numbers, v.family, v.given}
}

// Refresh derives what changed, and keeps it.
func (d *Desk) Refresh(ctx context.Context) error {
	err := d.refresh(ctx)
	d.keepBriefs(ctx)
	return err
}

// RowsLast is how many rows the last refresh derived.
func (d *Desk) RowsLast() int {
	d.board.work.Lock()
	defer d.board.work.Unlock()
	return d.board.rowsLast
}

// Kept are the rows that a start would take from briefs.
func (d *Desk) Kept(ctx context.Context) (map[fhir.ID]Derived, error) {
	if err := d.readLimits(ctx); err != nil {
		return nil, err
	}
	rows, _, err := d.fromBriefs(ctx)
	return opened(rows), err
}

func opened(rows map[fhir.ID]*derived) map[fhir.ID]Derived {
	out := map[fhir.ID]Derived{}
	for id, v := range rows {
		out[id] = open(v)
	}
	return out
}

// NamesFormat is namesFormat.
const NamesFormat = namesFormat

// Named are the rows by name that a start would take from briefs that hold no longer,
// and Quick those that it would read.
func (d *Desk) Named(ctx context.Context) (map[fhir.ID]Derived, error) {
	_, named, err := d.fromBriefs(ctx)
	return opened(named), err
}

// Quick is everybody's row by name and bed, as it is read.
func (d *Desk) Quick(ctx context.Context) (map[fhir.ID]Derived, error) {
	rows, err := d.quick(ctx)
	return opened(rows), err
}

// Anew is one patient's row as it is derived now; ok is false where they are not
// here.
func (d *Desk) Anew(ctx context.Context, id fhir.ID) (row Derived, ok bool, err error) {
	err = d.store.View(ctx, func(r Reader) error {
		v, err := d.readRow(r, id)
		if v != nil {
			row, ok = open(v), true
		}
		return err
	})
	return row, ok, err
}

// Misremembered are the patients of whom the memory of views says something else
// than their records do. Of a record that cannot be read it says nothing.
func (d *Desk) Misremembered(ctx context.Context) (wrong []fhir.ID) {
	all, err := d.everybody(ctx)
	if err != nil {
		return nil
	}
	of := func(s Store, id fhir.ID) (c *compartment) {
		if err := s.View(ctx, func(r Reader) (err error) {
			c, err = load(r, id)
			return err
		}); err != nil {
			return nil
		}
		c.r, c.views = nil, nil
		return c
	}
	for _, id := range all {
		if !reflect.DeepEqual(of(d.near, id), of(d.store, id)) {
			wrong = append(wrong, id)
		}
	}
	return wrong
}

// GatherFor changes how long rows wait for one another, before any desk runs, and
// returns what changes it back.
func GatherFor(d time.Duration) (back func()) {
	was := gatherFor
	gatherFor = d
	return func() { gatherFor = was }
}

// SaidAnswer is a side of a review in the language in use.
var SaidAnswer = saidAnswer
