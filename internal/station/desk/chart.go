package desk

import (
	"context"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// Open records that the person who is signed in opens this patient's chart:
// one look in the audit chain, durable when Open returns. A page opens a chart
// once and then reads it with Chart as often as it is redrawn.
func (d *Desk) Open(ctx context.Context, id ward.PatientID) error {
	const op = "desk.open"
	p, err := d.author(op)
	if err != nil {
		return err
	}
	d.store.Expect(id) // by the chart that follows
	err = d.view(ctx, id, func(c *compartment) error {
		return d.mayView(op, p, c)
	})
	if fault.Is(err, fault.Denied) {
		return d.refusedLook(ctx, p, id, audit.Read, err)
	}
	if err != nil {
		return err
	}
	e := d.event(p, audit.Read)
	e.Patient = id
	e.Purpose, _ = d.purposes(p, id)
	return d.look(ctx, e)
}

// Chart is everything about one patient that is here. It is not a look: see
// Open.
func (d *Desk) Chart(ctx context.Context, id ward.PatientID) (ward.Chart, error) {
	const op = "desk.chart"
	p, err := d.author(op)
	if err != nil {
		return ward.Chart{}, err
	}
	var out ward.Chart
	err = d.view(ctx, id, func(c *compartment) (err error) {
		if err := d.mayView(op, p, c); err != nil {
			return err
		}
		if out, err = d.chart(c); err != nil {
			return err
		}
		if err := d.giveRoutines(&out, c, p); err != nil {
			return err
		}
		if g, open := d.emergency(p, id); open {
			out.Emergency = &ward.Emergency{Patient: id, Until: g.until.In(d.loc), Reason: g.reason}
		}
		return nil
	})
	if err != nil {
		return ward.Chart{}, fault.Wrap(op, string(id), err)
	}
	d.opened.Store(&id)
	d.board.similarTo(&out.Who)
	out.HeldBack = d.heldFor(id)
	return out, nil
}

func (d *Desk) chart(c *compartment) (ward.Chart, error) {
	ch := ward.Chart{Who: d.identity(c), Joined: c.joined, AsOf: d.asOf(), FeedDown: d.feedDown(), Loading: c.loading(), Reviews: countReviews(c)}
	results, err := d.results(c, true)
	if err != nil {
		return ch, err
	}
	ch.Results = plainResults(results)
	if err := d.giveDocuments(c, ch.Results); err != nil {
		return ch, err
	}
	if ch.Notes, err = d.notes(c); err != nil {
		return ch, err
	}
	ch.AllergyList = d.allergyList(c)
	ch.Allergies = c.allergyLine(ch.AllergyList)
	ch.Vitals = d.vitalSets(c)
	ch.Early = c.early(ch.Vitals)
	ch.Early.Interval = d.timesAt(c, alert.RuleOverdue, ch.Early.At).IntervalWords(ch.Early).Say()
	ch.Orders = d.orders(c)
	ch.Tasks = d.duties(c)
	if ch.Stays, err = d.stays(c); err != nil {
		return ch, err
	}
	ch.Problems = d.problems(c, ch.Stays)
	ch.Moves, err = d.moves(c)
	return ch, err
}
