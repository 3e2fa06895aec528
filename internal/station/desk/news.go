package desk

import (
	"context"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// Rules judge results.
type Rules interface {
	Judge(o fhir.Observation, s alert.Subject) alert.Verdict
}

// subject is what the rules need to know of the person.
func (d *Desk) subject(c *compartment) alert.Subject {
	var s alert.Subject
	s.Years, s.AgeKnown = ward.Years(c.patient.View.BirthDate, d.now())
	return s
}

func (d *Desk) scale2(c *compartment) bool { return false }

func (d *Desk) score(s *ward.VitalSet, scale int, who alert.Subject, prior *ward.VitalSet) {}

func (d *Desk) ladder(r ward.Result) []ward.Rung { return nil }

// flagsOnly judges by the sender's own flags.
type flagsOnly struct{}

func (flagsOnly) Judge(o fhir.Observation, _ alert.Subject) alert.Verdict {
	switch sentFlag(o.Interpretation) {
	case ward.FlagCriticalHigh:
		return alert.Verdict{Critical: true, Direction: alert.High, Why: []string{"laboratory flag HH"}}
	case ward.FlagCriticalLow:
		return alert.Verdict{Critical: true, Direction: alert.Low, Why: []string{"laboratory flag LL"}}
	case ward.FlagCritical:
		return alert.Verdict{Critical: true, Why: []string{"laboratory flag AA"}}
	}
	return alert.Verdict{}
}

// Score is the score that a set would have if it were saved now: what an entry
// page shows while somebody types. Nothing is written.
func (d *Desk) Score(ctx context.Context, id ward.PatientID, set ward.VitalSet) (ward.Early, error) {
	const op = "desk.score"
	if _, err := d.author(op); err != nil {
		return ward.Early{}, err
	}
	trimSet(&set)
	if set.At.IsZero() {
		set.At = d.now()
	}
	err := d.view(ctx, id, func(c *compartment) error {
		scale := 1
		if d.scale2(c) {
			scale = 2
		}
		var prior *ward.VitalSet
		before := d.vitalSets(c)
		for i := range before {
			if !before[i].Error {
				prior = &before[i]
				break
			}
		}
		d.score(&set, scale, d.subject(c), prior)
		return nil
	})
	return set.Early, fault.Wrap(op, string(id), err)
}
