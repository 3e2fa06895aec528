package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
)

// Tasks are the open to-dos of this ward's patients: the patient whose first is
// due soonest comes first, and within a patient what is due soonest. Behind them
// come, in the same order, those of patients who left, and their open routines: no board
// marks those any more. Whoever shows them calls
// OpenList with "tasks" first.
func (d *Desk) Tasks(ctx context.Context) (ward.Duties, error) {
	const op = "desk.tasks"
	out := ward.Duties{Items: []ward.DutyItem{}, AsOf: d.asOf()}
	p, may, err := d.listsFor(op)
	if err != nil {
		return out, err
	}
	ids, err := d.board.where(ctx, d, func(v *derived) bool { return may(v.row.Who.Ward) && v.row.Tasks > 0 })
	if err != nil {
		return out, fault.Wrap(op, "", err)
	}
	kept := d.kept(may, func(v *derived) bool { return v.row.Tasks > 0 || v.row.Routines > 0 })
	err = d.store.View(ctx, func(r Reader) error {
		l, err := myList(r, p)
		if err != nil {
			return err
		}
		mine := l.Patients()
		return eachOf(r, ids, kept, func(c *compartment, left *ward.Leaving) error {
			switch {
			case d.mayView(op, p, c) != nil:
			case left == nil:
				out.Items = d.dutiesOf(out.Items, c, p, slices.Contains(mine, c.id))
			default:
				out.Items = d.keptDuties(out.Items, c, p, left)
			}
			return nil
		})
	})
	for i := range out.Items {
		d.board.similarTo(&out.Items[i].Who)
	}
	sortDuties(out.Items)
	return out, fault.Wrap(op, "", err)
}

// dutiesOf adds what is to be done for one patient.
func (d *Desk) dutiesOf(to []ward.DutyItem, c *compartment, p ward.Person, mine bool) []ward.DutyItem {
	who := d.identity(c)
	for _, duty := range d.duties(c) {
		if duty.Status == DutyOpen {
			to = append(to, ward.DutyItem{Who: who, Duty: duty, ToMe: givenTo(duty, p), Mine: mine})
		}
	}
	return to
}

// givenTo says whether a to-do is this person's: by name, or by role where it was
// given to nobody by name.
func givenTo(duty ward.Duty, p ward.Person) bool {
	if duty.Owner != "" {
		return IsPerson(duty.Owner, p)
	}
	return duty.Role != "" && duty.Role == rbac.Role(p.Role).Words()
}

// sortDuties keeps each patient's together, and those who left behind the others.
func sortDuties(list []ward.DutyItem) {
	first := map[ward.PatientID]ward.Duty{}
	for _, it := range list {
		if f, known := first[it.Who.ID]; !known || compareDue(it.Duty, f) < 0 {
			first[it.Who.ID] = it.Duty
		}
	}
	slices.SortStableFunc(list, func(a, b ward.DutyItem) int {
		return cmp.Or(cmp.Compare(rank(a.Left == nil), rank(b.Left == nil)), compareDue(first[a.Who.ID], first[b.Who.ID]), ward.CompareBeds(a.Who.Bed, b.Who.Bed), cmp.Compare(a.Who.ID, b.Who.ID),
			compareDue(a.Duty, b.Duty), cmp.Compare(a.Duty.ID, b.Duty.ID))
	})
}

// duties are a patient's to-dos: open ones first, by when they are due.
func (d *Desk) duties(c *compartment) []ward.Duty {
	out := []ward.Duty{}
	for i := range c.tasks {
		t := &c.tasks[i]
		if code(t.View) == fhir.TaskToDo && t.View.Status != "entered-in-error" {
			out = append(out, d.duty(t))
		}
	}
	slices.SortStableFunc(out, func(a, b ward.Duty) int {
		return cmp.Or(cmp.Compare(ended(a), ended(b)), compareDue(a, b), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// duty is one to-do in the words of the ward.
func (d *Desk) duty(t *item[fhir.Task]) ward.Duty {
	out := ward.Duty{
		ID: t.id(), Words: t.View.Description, Status: dutyStatus(t.View.Status), By: t.First.Name, Made: d.at(t.Made), Unsent: t.Unsent,
	}
	if t.View.Priority != "" && t.View.Priority != "routine" {
		out.Priority = ward.PriorityUrgent
	}
	if t.View.Owner != nil {
		out.Owner = t.View.Owner.Display
		out.Stranger = out.Owner != "" && d.cfg.Known != nil && !d.cfg.Known(out.Owner)
	}
	for _, p := range t.View.PerformerType {
		if r := p.Code(fhir.SystemRole); r != "" {
			out.Role = rbac.Role(r).Words()
		}
	}
	if r := t.View.Restriction; r != nil && r.Period != nil {
		out.Due, _ = when(r.Period.End, d.loc)
	}
	if out.Status != DutyOpen {
		out.Ended, out.EndedBy = d.at(t.Change.Times), t.Change.Author.Name
	}
	d.giveDone(&out, t.View)
	return out
}

// giveDone says by whom a to-do was done. A word that was not taken back counts,
// whatever the status says: of two people who finished it apart, one may have
// taken theirs back.
func (d *Desk) giveDone(out *ward.Duty, v fhir.Task) {
	var by []string
	for _, p := range v.Output {
		if !p.Type.Has(fhir.SystemTaskParam, fhir.ParamDone) || p.ValueString == nil {
			continue
		}
		at, name, _ := strings.Cut(*p.ValueString, " ")
		when, _ := when(at, d.loc)
		if len(by) == 0 || when.Before(out.Ended) {
			out.Ended = when
		}
		by = append(by, name)
	}
	if len(by) > 0 {
		out.Status, out.EndedBy = DutyDone, strings.Join(by, "; ")
	}
}

// doneBy is somebody's word that they did it.
func doneBy(at, name string) fhir.TaskParameter {
	return fhir.TaskParameter{Type: fhir.Param(fhir.ParamDone), ValueString: fhir.Str(at + " " + name)}
}

// Words of a to-do's status.
const (
	DutyOpen      = "open"
	DutyDone      = "done"
	DutyCancelled = "cancelled"
)

func dutyStatus(code string) string {
	switch code {
	case "completed":
		return DutyDone
	case "cancelled", "rejected", "failed":
		return DutyCancelled
	}
	return DutyOpen
}

func ended(d ward.Duty) int {
	if d.Status == DutyOpen {
		return 0
	}
	return 1
}

func compareDue(a, b ward.Duty) int {
	switch {
	case a.Due.IsZero() && b.Due.IsZero():
		return 0
	case a.Due.IsZero():
		return 1
	case b.Due.IsZero():
		return -1
	}
	return a.Due.Compare(b.Due)
}
