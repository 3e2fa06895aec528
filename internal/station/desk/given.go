package desk

import (
	"context"
	"slices"

	"wardlight/internal/clinical/alert"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// isHandover says whether a note is a part of a handover, which has a page of its
// own.
func isHandover(v fhir.Communication) bool {
	return slices.ContainsFunc(v.Category, func(c fhir.CodeableConcept) bool { return c.Has(fhir.SystemNote, fhir.NoteHandover) })
}

// standing are the wordings of a part that no other replaces, oldest first.
func (d *Desk) standing(c *compartment, part string) []ward.Wording {
	replaced := map[fhir.ID]bool{}
	for i := range c.notes {
		v := c.notes[i].View
		if !isHandover(v) || v.Status == "entered-in-error" {
			continue
		}
		for _, r := range v.InResponseTo {
			if ref, ok := r.Ref(); ok {
				replaced[ref.ID] = true
			}
		}
	}
	var out []ward.Wording
	for i := range c.notes {
		n := &c.notes[i]
		if isHandover(n.View) && n.View.Status != "entered-in-error" && n.View.Topic != nil && n.View.Topic.Has(fhir.SystemHandover, part) && !replaced[n.id()] {
			out = append(out, ward.Wording{ID: n.id(), Text: noteText(n.View), By: n.First.Name, At: d.at(n.Made), Unsent: n.Unsent})
		}
	}
	return out
}

// handed is what a giving names: the wordings that stand, and the open to-dos.
func (d *Desk) handed(c *compartment) []fhir.Ref {
	var out []fhir.Ref
	for _, part := range []string{ward.PartSeverity, ward.PartSummary, ward.PartContingency} {
		for _, w := range d.standing(c, part) {
			out = append(out, fhir.Ref{Type: fhir.TypeCommunication, ID: w.ID})
		}
	}
	for _, duty := range d.duties(c) {
		if duty.Status == DutyOpen {
			out = append(out, fhir.Ref{Type: fhir.TypeTask, ID: duty.ID})
		}
	}
	return out
}

// given is the newest giving of this patient that was not taken back.
func (d *Desk) given(c *compartment) (ward.Given, bool) {
	back, signed := map[fhir.ID]bool{}, map[fhir.ID][]ward.Accepted{}
	for i := range c.tasks {
		t := &c.tasks[i]
		if t.View.Focus == nil || !stands(t.View) {
			continue
		}
		ref, ok := t.View.Focus.Ref()
		switch {
		case !ok:
		case code(t.View) == fhir.TaskWithdraw:
			back[ref.ID] = true
		case code(t.View) == fhir.TaskAccept:
			signed[ref.ID] = append(signed[ref.ID], ward.Accepted{
				By: t.First.Name, User: string(t.First.User), At: d.at(t.Made), Synthesis: t.View.Description, Unsent: t.Unsent,
			})
		}
	}
	for i := len(c.tasks) - 1; i >= 0; i-- { // they are in order of making
		t := &c.tasks[i]
		// One that was taken back apart from its acceptance stays accepted.
		if code(t.View) != fhir.TaskGive || !stands(t.View) || back[t.id()] && len(signed[t.id()]) == 0 {
			continue
		}
		g := d.givenOf(t)
		g.Accepted, g.Changed = signed[t.id()], d.writtenSince(c, t)
		return g, true
	}
	return ward.Given{}, false
}

func (d *Desk) givenOf(t *item[fhir.Task]) ward.Given {
	g := ward.Given{
		ID: t.id(), Group: paramString(t.View, fhir.ParamGroup), By: t.First.Name, User: string(t.First.User), At: d.at(t.Made), Unsent: t.Unsent,
	}
	g.Due = alert.HandoverDue(g.At)
	if t.View.Owner != nil {
		g.To = t.View.Owner.Display
	}
	return g
}

// writtenSince says whether a wording stands that the giver had not seen.
func (d *Desk) writtenSince(c *compartment, t *item[fhir.Task]) bool {
	seen := map[fhir.ID]bool{}
	for _, p := range t.View.Input {
		if p.Type.Has(fhir.SystemTaskParam, fhir.ParamGiven) && p.ValueReference != nil {
			if ref, ok := p.ValueReference.Ref(); ok {
				seen[ref.ID] = true
			}
		}
	}
	for _, ref := range d.handed(c) {
		if ref.Type == fhir.TypeCommunication && !seen[ref.ID] {
			return true
		}
	}
	return false
}

// giveWaiting puts a giving that nobody has accepted on the board's row, so that
// every page can say that it waits without reading the records. Whoever has left is
// on no board, and waits for nobody.
func (d *Desk) giveWaiting(v *derived, c *compartment) {
	g, ok := d.given(c)
	if !ok || len(g.Accepted) > 0 {
		return
	}
	v.row.Handover = &ward.Waiting{Group: g.Group, By: g.By, To: g.To, At: g.At, Due: g.Due}
	if g.Due.After(d.now()) {
		v.wake(g.Due)
	}
}

// HandoversWaiting are the givings of this ward that nobody has accepted, oldest first.
// Each goes up when its Due has passed.
func (d *Desk) HandoversWaiting(ctx context.Context) ([]ward.Waiting, error) {
	b, err := d.Rows(ctx)
	if err != nil {
		return nil, fault.Wrap("desk.waiting", "", err)
	}
	var out []ward.Waiting
	for _, r := range b.Rows {
		if r.Handover == nil {
			continue
		}
		i := slices.IndexFunc(out, func(w ward.Waiting) bool { return w.Group == r.Handover.Group })
		if i < 0 {
			w := *r.Handover
			w.Patients = []ward.PatientID{r.Who.ID}
			out = append(out, w)
			continue
		}
		out[i].Patients = append(out[i].Patients, r.Who.ID)
	}
	slices.SortStableFunc(out, func(a, b ward.Waiting) int { return a.At.Compare(b.At) })
	return out, nil
}
