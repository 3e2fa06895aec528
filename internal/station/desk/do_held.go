package desk

import (
	"context"
	"slices"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/words"
)

// What people do about a message that is held back. It is written beside the
// warning, in nobody's record, and goes to every ward that has the warning.

// writeHeld runs fn over what is loose, for one warning of this ward, and commits
// what it wrote. Whose patient it is nobody knows, so the wards that the warning
// went to stand for the patient's.
func (d *Desk) writeHeld(ctx context.Context, op string, p ward.Person, id fhir.ID, fn func(*pen) error) (ward.Done, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	n := d.newPen(op, p)
	err := d.store.View(ctx, func(r Reader) error {
		c, err := load(r, "")
		if err != nil {
			return err
		}
		n.c = c
		n.clock = n.clock.Seen(c.clock, n.times.Station).Next(n.times.Station)
		w, err := n.warning(id)
		if err != nil {
			return err
		}
		c.wards = w.Change.Wards
		return fn(n)
	})
	if fault.Is(err, fault.Denied) {
		return ward.Done{}, d.refusedLook(ctx, p, "", audit.Update, err)
	}
	if err != nil {
		return ward.Done{}, err
	}
	return n.commit(ctx, "")
}

// warning is one that still stands, for a ward of this computer.
func (n *pen) warning(id fhir.ID) (*item[fhir.Task], error) {
	i := slices.IndexFunc(n.c.tasks, func(t item[fhir.Task]) bool {
		return t.id() == id && code(t.View) == fhir.TaskHeldBack && !heldBackOver(t.View.Status) && n.d.ours(t.View)
	})
	if i < 0 {
		return nil, n.refuse(fault.NotFound, words.Errorf("This message is not held back any more, or not on this computer. Nothing was saved. Look again."))
	}
	return &n.c.tasks[i], nil
}

// takeHeld records that this person has what a warning is about.
func (n *pen) takeHeld(c ward.Take) error {
	if c.Kind == "" {
		c.Kind = alert.AckTaken
	}
	if err := n.checkTake(c); err != nil {
		return err
	}
	w, err := n.warning(c.Result)
	if err != nil {
		return err
	}
	if w.version() != c.Version {
		return n.refuse(fault.Conflict, words.Errorf("What is held back is described anew since %s. Nothing was saved. Look again.", n.d.stampWords(n.d.received(w.Change.Times))))
	}
	if c.Kind == alert.AckTaken {
		for _, a := range n.d.acksOn(n.c, fhir.TypeTask)[c.Result] {
			if !a.owned.Withdrawn && a.owned.User == n.who.User && a.kind == alert.AckTaken && n.d.now().Before(a.owned.ActBy) {
				n.made = append(n.made, a.task) // pressed twice: one acknowledgement
				return nil
			}
		}
	}
	return n.acknowledged(w.Change.Ref, c, nil)
}

// warningOf is the warning that an acknowledgement is about; "" for none.
func (d *Desk) warningOf(task fhir.ID) fhir.ID {
	d.board.mu.Lock()
	defer d.board.mu.Unlock()
	for warning, list := range d.board.loose.acks {
		if slices.ContainsFunc(list, func(a ack) bool { return a.task == task }) {
			return warning
		}
	}
	return ""
}

// markHeldShown writes down that this computer drew warnings.
func (d *Desk) markHeldShown(ctx context.Context, op string, self ward.Person, list []ward.ShownResult, wall bool) ([]fhir.ID, error) {
	var made []fhir.ID
	for _, s := range list {
		done, err := d.writeHeld(ctx, op, self, s.Result, func(n *pen) error {
			w, err := n.warning(s.Result)
			if err != nil || w.version() != s.Version || n.shownBefore(s, nil, wall) {
				return err
			}
			return n.drawn(w.Change.Ref, s.Version, nil, wall)
		})
		if fault.Is(err, fault.NotFound) {
			continue // it was filed meanwhile
		}
		if err != nil {
			return made, err
		}
		made = append(made, done.Made...)
	}
	return made, nil
}

// heldWards are the wards that count for a decision about what is loose.
func (d *Desk) heldWards(c *compartment) []record.Ward {
	if len(c.wards) > 0 {
		return c.wards
	}
	return d.deviceWards(c)
}
