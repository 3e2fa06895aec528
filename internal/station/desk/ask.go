package desk

import (
	"context"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/words"
)

// ask puts a review to somebody. It is a statement of its own beside the review,
// which it does not touch: whoever has a side chosen need not read again, and
// the question stays open.
func (d *Desk) ask(ctx context.Context, op string, p ward.Person, c ward.Ask) (ward.Done, error) {
	patient, err := d.reviewPatient(ctx, op, c.Review)
	if err != nil {
		return ward.Done{}, err
	}
	return d.write(ctx, op, p, patient, func(n *pen) error { return n.putTo(c) })
}

func (n *pen) putTo(c ward.Ask) error {
	to := strings.TrimSpace(c.To)
	if to == "" {
		return n.refuse(fault.Invalid, words.Errorf("Say whom you ask. Nothing was saved."))
	}
	if err := n.bounded(to, c.Words); err != nil {
		return err
	}
	if _, err := n.openQuestion(c.Review); err != nil {
		return err
	}
	for _, a := range n.d.asked(n.c, c.Review) {
		if a.To == to && a.Words == strings.TrimSpace(c.Words) && a.By == n.who.Name {
			n.made = append(n.made, a.ID) // pressed twice: asked once
			return nil
		}
	}
	return n.statement(fhir.TaskAsk, fhir.Ref{Type: fhir.TypeTask, ID: c.Review}, strings.TrimSpace(c.Words), []fhir.TaskParameter{
		{Type: fhir.Param(fhir.ParamHandedTo), ValueString: fhir.Str(to)},
		{Type: fhir.Param(fhir.ParamStation), ValueString: fhir.Str(string(n.d.cfg.Station))},
	})
}

// openQuestion is a review that still waits, or the refusal.
func (n *pen) openQuestion(id fhir.ID) (*item[fhir.Task], error) {
	i := slices.IndexFunc(n.c.tasks, func(t item[fhir.Task]) bool { return t.id() == id })
	if i < 0 {
		return nil, n.refuse(fault.NotFound, words.Errorf("This question is not on this computer. Nothing was saved. Look again."))
	}
	if !openReview(n.c.tasks[i].View) {
		return nil, n.refuse(fault.Conflict, words.Errorf("This was decided already. Nothing was saved. Look again."))
	}
	return &n.c.tasks[i], nil
}

// asked is to whom a review was put, oldest first.
func (d *Desk) asked(c *compartment, review fhir.ID) []ward.Asked {
	var out []ward.Asked
	for i := range c.tasks {
		t := &c.tasks[i]
		if code(t.View) != fhir.TaskAsk || !stands(t.View) || t.View.Focus == nil {
			continue
		}
		if ref, ok := t.View.Focus.Ref(); !ok || ref.ID != review {
			continue
		}
		a := ward.Asked{ID: t.id(), To: paramString(t.View, fhir.ParamHandedTo), Words: t.View.Description, By: t.First.Name, At: d.at(t.Made), Unsent: t.Unsent}
		if a.By == "" {
			a.By = t.Change.Author.Name
		}
		out = append(out, a)
	}
	slices.SortStableFunc(out, func(a, b ward.Asked) int { return a.At.Compare(b.At) })
	return out
}
