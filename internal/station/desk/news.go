package desk

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
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
// page shows while somebody types. Nothing is written. The record is read for the first
// of them, and again once something about the patient has changed; all others follow
// from that by rule.
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
	_, _, gen, _ := d.store.Waiting(0, 0) // before the state is taken: what comes between counts as later
	err = d.near.View(ctx, func(r Reader) error {
		c, b, err := d.toScore(r, id, gen)
		if err != nil {
			return err
		}
		if err := cmp.Or(d.mayView(op, p, c), ctx.Err()); err != nil {
			return err // nobody waits for it any more where another value was typed
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

// toScore is what sets of one patient are scored from: the record that was read last for
// it, and what came before. It counts for the state that gen stands for and every later
// one, until something about the patient, or without one, is committed; for a day,
// because ages change; and in one language, because a score says its response.
type toScore struct {
	mu   sync.Mutex
	gen  uint64
	day  string
	said *words.Table
	c    *compartment
	b    before
}

// toScore is a patient's record in r's state, with what came before a set that is taken
// now. gen is from before that state.
func (d *Desk) toScore(r Reader, id fhir.ID, gen uint64) (*compartment, before, error) {
	k, day, said := &d.scoring, d.now().In(d.loc).Format(time.DateOnly), words.In()
	k.mu.Lock()
	held, b, since := k.c, k.b, k.gen
	stands := held != nil && held.id == id && k.day == day && k.said == said
	k.mu.Unlock()
	if stands && d.unchanged(held, since) {
		c := *held // its own: several may be scored at a time
		c.r, c.views, c.times = r, viewsOf(r), nil
		return &c, b, nil
	}
	c, err := load(r, id)
	if err != nil {
		return nil, b, err
	}
	if !c.known {
		return nil, b, notHere(id)
	}
	b = before{}
	sets := d.vitalSets(c)
	for i := len(sets) - 1; i >= 0; i-- {
		b.add(&sets[i])
	}
	kept := *c
	kept.r, kept.views = nil, nil // of a state that ends
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.c == nil || k.c.id != id || gen >= k.gen {
		k.gen, k.day, k.said, k.c, k.b = gen, day, said, &kept, b
	}
	return c, b, nil
}

// unchanged says whether nothing that a record is made of was committed after a
// generation.
func (d *Desk) unchanged(c *compartment, since uint64) bool {
	touched, loose, _ := d.store.Touched(since)
	return !loose && !slices.ContainsFunc(touched, func(p fhir.ID) bool {
		return p == c.id || p == c.into || slices.Contains(c.joined, p)
	})
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
