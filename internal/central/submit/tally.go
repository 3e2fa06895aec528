package submit

import (
	"context"
	"strconv"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/routine"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// A ward's computer holds the patients who are there now, and whether a step is of use
// shows over months. So central counts, over all patients, and the count goes where the
// definition goes. It is made anew of the runs each time and never added to: so a
// central that is restored, or given back what it lost, counts right. It names nobody.

// routineTags mark a run with its definition, so that a definition's runs are found.
func routineTags(body fhir.Resource) []string {
	t, err := fhir.View[fhir.Task](body)
	if err != nil {
		return nil
	}
	run, ok := routine.RunOf(t)
	if !ok {
		return nil
	}
	return []string{record.TagRoutine + string(run.Routine)}
}

// CountRoutines counts the runs of every routine, and writes the counts that changed.
// It says how many did.
func (s *Submitter) CountRoutines(ctx context.Context) (int, error) {
	const op = "submit.countroutines"
	changed := map[fhir.ID]counted{}
	err := s.journal.View(ctx, func(r journal.Reader) error {
		for def, err := range r.All(fhir.TypePlanDefinition, "") {
			if err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return fault.As(fault.Unavailable, op, "", err)
			}
			t, err := tallyOf(r, def.Ref.ID)
			if err != nil {
				return err
			}
			had, err := tallyIn(r, def.Ref.ID)
			if err != nil {
				return err
			}
			if !sameTally(had, t) {
				t.At = s.now()
				changed[def.Ref.ID] = counted{t, def.Wards}
			}
		}
		return nil
	})
	if err != nil || len(changed) == 0 {
		return 0, fault.Wrap(op, "", err)
	}
	_, err = s.update(ctx, op, "", func(w *work) error {
		for id, c := range changed {
			if err := w.putTally(id, c); err != nil {
				return err
			}
		}
		return nil
	})
	return len(changed), err
}

type counted struct {
	tally routine.Tally
	wards []record.Ward
}

// tallyOf counts the runs of one definition.
func tallyOf(r journal.Reader, id fhir.ID) (routine.Tally, error) {
	var t routine.Tally
	runs, n := map[fhir.ID][]routine.Run{}, 0
	for ref, err := range r.Find(journal.ByTag, record.TagRoutine+string(id)) {
		if err != nil {
			return t, err
		}
		if n++; n > routine.MostCounted {
			t.More = true
			break
		}
		c, ok, err := r.Current(ref)
		if err != nil {
			return t, err
		}
		if !ok {
			continue
		}
		v, err := fhir.View[fhir.Task](c.Body)
		if err != nil {
			continue // it is kept, and counts as none
		}
		if run, ok := routine.RunOf(v); ok {
			runs[c.Patient] = append(runs[c.Patient], run)
		}
	}
	t.Counts = routine.CountAll(id, runs)
	return t, nil
}

// tallyIn is the count that is kept; none is one of no runs.
func tallyIn(r journal.Reader, id fhir.ID) (routine.Tally, error) {
	text, err := useIn(r, record.UseOf(id), fhir.ExtUse)
	if err != nil || text == "" {
		return routine.Tally{}, err
	}
	t, err := routine.ParseTally(text)
	if err != nil {
		return routine.Tally{}, nil // of another program: it is written anew
	}
	return t, nil
}

// sameTally says whether two counts say the same, whenever each was made.
func sameTally(a, b routine.Tally) bool {
	a.At = b.At
	x, err1 := a.String()
	y, err2 := b.String()
	return err1 == nil && err2 == nil && x == y
}

func (w *work) putTally(id fhir.ID, c counted) error {
	text, err := c.tally.String()
	if err != nil {
		return fault.As(fault.Invalid, "submit.tally", string(id), err)
	}
	return w.putUse(use{
		ref: record.UseOf(id), code: fhir.BasicUse, url: fhir.ExtUse, text: text, wards: c.wards,
		detail: audit.Detail{Name: "routine-use", Value: strconv.Itoa(c.tally.Counts.All()) + " runs"},
	})
}
