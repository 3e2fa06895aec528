package desk

import (
	"cmp"
	"context"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// subject is what the rules need to know of the person.
func (d *Desk) subject(c *compartment) alert.Subject {
	now := d.now()
	s := alert.Subject{Scale2: d.scale2(c)}
	s.Years, s.AgeKnown = ward.Years(c.patient.View.BirthDate, now)
	if s.AgeKnown && s.Years < 2 {
		born, _ := when(c.patient.View.BirthDate, d.loc)
		s.Age = now.Sub(born)
	}
	return s
}

// scale2 is a clinician's written choice of SpO2 scale 2: an active Flag that
// carries it, with who, when and why. It is never inferred from a diagnosis.
func (d *Desk) scale2(c *compartment) alert.Prescription {
	for i := range c.flags {
		f := &c.flags[i]
		e, ok := fhir.ExtensionOf(f.View.Extension, fhir.ExtScale)
		if f.View.Status != "active" || !ok || e.ValueInteger == nil || *e.ValueInteger != 2 {
			continue
		}
		p := alert.Prescription{By: f.First.Name, At: d.at(f.Made), Reason: f.View.Code.Words()}
		if f.Change.Reason != "" {
			p.Reason = f.Change.Reason
		}
		return p
	}
	return alert.Prescription{}
}

// score gives a set its NEWS2. A set that was scored on one scale keeps it,
// whatever was chosen since.
func (d *Desk) score(rules alert.Rules, s *ward.VitalSet, scale int, who alert.Subject, b before) alert.Score {
	switch scale {
	case 1:
		who.Scale2 = alert.Prescription{}
	case 2:
		if who.Scale2.By == "" {
			who.Scale2 = alert.Prescription{By: s.By, Reason: "as recorded with the set"}
		}
		who.Scale2.At = s.At
	}
	score := rules.NEWS2(alert.VitalsOf(*s), who, d.now())
	s.Early = score.Early()
	s.Early.Unsent = s.Unsent
	if s.Early.Known {
		s.Early.Due = alert.DueAfter(b.complete, score)
		if !score.AtLeast {
			s.Early.Due = score.Due
		}
	}
	// A minimum is nothing to compare with: what was before is the last
	// complete score.
	if p := b.full; p.Known {
		s.Early.From, s.Early.FromAt, s.Early.HasFrom = p.Total, p.At, true
	}
	return score
}

// before is what came before a set.
type before struct {
	shown    ward.Early // of the last set with a score
	full     ward.Early // of the last complete set
	complete time.Time  // when that was
}

// Score is the score that a set would have if it were saved now: what an entry
// page shows while somebody types. Nothing is written.
func (d *Desk) Score(ctx context.Context, id ward.PatientID, set ward.VitalSet) (ward.Early, error) {
	const op = "desk.score"
	p, err := d.author(op)
	if err != nil {
		return ward.Early{}, err
	}
	trimSet(&set)
	if set.At.IsZero() {
		set.At = d.now()
	}
	err = d.view(ctx, id, func(c *compartment) error {
		if err := cmp.Or(d.mayView(op, p, c), ctx.Err()); err != nil {
			return err // nobody waits for it any more where another value was typed
		}
		var b before
		sets := d.vitalSets(c)
		for i := len(sets) - 1; i >= 0; i-- {
			b.add(&sets[i])
		}
		rules := d.timesAt(c, alert.RuleOverdue, set.At)
		d.score(rules, &set, d.scaleAt(c, set.At), d.subject(c), b)
		// While it is typed every set begins incomplete: the total counts what is
		// there, and the response and the due time are those that stand.
		set.Early = alert.SinceComplete(set.Early, b.full, b.shown)
		set.Early.Interval = rules.IntervalWords(set.Early).Say()
		return nil
	})
	return set.Early, fault.Wrap(op, string(id), err)
}

// scaleAt is the scale that a set taken at this time is scored on.
func (d *Desk) scaleAt(c *compartment, at time.Time) int {
	if p := d.scale2(c); p.By != "" && p.Reason != "" && !at.Before(p.At) {
		return 2
	}
	return 1
}

func (b *before) add(s *ward.VitalSet) {
	if s.Error {
		return
	}
	if s.Early.Known {
		b.shown = s.Early
	}
	if s.Early.Known && !s.Early.AtLeast {
		b.full, b.complete = s.Early, s.At
	}
}
