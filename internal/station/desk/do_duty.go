package desk

import (
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// addTask makes a to-do, for a person, for a role of the patient's ward, or for
// nobody yet.
func (n *pen) addTask(c ward.AddTask) error {
	said := strings.TrimSpace(c.Words)
	if said == "" {
		return n.refuse(fault.Invalid, words.Errorf("Say what is to be done. Nothing was saved."))
	}
	if err := n.bounded(said, c.Owner); err != nil {
		return err
	}
	if c.Role != "" && !rbac.Role(c.Role).Known() {
		return n.refuse(fault.Invalid, words.Errorf("Nobody works here as \"%s\". Nothing was saved.", c.Role))
	}
	if c.Priority != "" && c.Priority != ward.PriorityUrgent {
		return n.refuse(fault.Invalid, words.Errorf("A task is urgent or it is not. Nothing was saved."))
	}
	_, err := n.create(fhir.TypeTask, "", n.now(), func(id fhir.ID) any {
		t := fhir.Task{
			ResourceType: fhir.TypeTask, ID: id, Status: "requested", Intent: "order", Priority: c.Priority, Code: fhir.TaskCode(fhir.TaskToDo),
			Description: said, For: n.subject(), AuthoredOn: n.now(), Requester: n.writer(),
		}
		if c.Owner != "" {
			t.Owner = &fhir.Reference{Display: c.Owner}
		}
		if c.Role != "" {
			t.PerformerType = []fhir.CodeableConcept{{Coding: []fhir.Coding{{System: fhir.SystemRole, Code: c.Role}}}}
		}
		if !c.Due.IsZero() {
			t.Restriction = &fhir.TaskRestriction{Period: &fhir.Period{End: stamp(c.Due)}}
		}
		return t
	})
	return err
}

// todo finds a to-do of this patient.
func (n *pen) todo(id fhir.ID) (*item[fhir.Task], error) {
	i := slices.IndexFunc(n.c.tasks, func(t item[fhir.Task]) bool { return t.id() == id && code(t.View) == fhir.TaskToDo })
	if i < 0 {
		return nil, n.refuse(fault.NotFound, words.Errorf("This task is not on this computer. Nothing was saved. Look again."))
	}
	return &n.c.tasks[i], nil
}

// finishTask ends a to-do. That somebody else ended it already is no reason to
// refuse: both are kept.
func (n *pen) finishTask(c ward.FinishTask) error {
	if c.Cancelled && strings.TrimSpace(c.Reason) == "" {
		return n.refuse(fault.Invalid, words.Errorf("Say why it is not needed any more. Nothing was saved."))
	}
	if err := n.bounded(c.Reason); err != nil {
		return err
	}
	t, err := n.todo(c.Task)
	if err != nil {
		return err
	}
	status := "completed"
	if c.Cancelled {
		status = "cancelled"
	}
	n.made = append(n.made, t.id())
	if n.d.duty(t).Status != DutyOpen && t.Change.Author.User == n.author.User {
		return nil // ended already, by the same hand
	}
	return n.change(t.Change, t.Unsent, c.Reason, rbac.Change, func(o fhir.Object) error {
		if c.Reason != "" {
			if err := set(o, "statusReason", fhir.CodeableConcept{Text: c.Reason}); err != nil {
				return err
			}
		}
		if !c.Cancelled {
			if err := set(o, "output", append(t.View.Output, doneBy(n.now(), n.who.Name))); err != nil {
				return err
			}
		}
		return set(o, "status", status)
	})
}

// reopenTask takes back that a to-do was finished. Two things are written, as one
// commit: the withdrawal, which stays for ever and says by whom and why, and the
// to-do's own status and word of who did it. Where somebody else, apart, finished
// it too, their word stays and it is done: theirs was not taken back.
func (n *pen) reopenTask(c ward.ReopenTask) error {
	reason := strings.TrimSpace(c.Reason)
	if reason == "" {
		return n.refuse(fault.Invalid, words.Errorf("Say why it is open again. Nothing was saved."))
	}
	if err := n.bounded(reason); err != nil {
		return err
	}
	t, err := n.todo(c.Task)
	if err != nil {
		return err
	}
	if n.d.duty(t).Status == DutyOpen {
		n.made = append(n.made, t.id())
		return nil // open already: nothing to take back
	}
	if err := n.statement(fhir.TaskWithdraw, fhir.Ref{Type: fhir.TypeTask, ID: c.Task}, reason, []fhir.TaskParameter{
		{Type: fhir.Param(fhir.ParamStation), ValueString: fhir.Str(string(n.d.cfg.Station))},
	}); err != nil {
		return err
	}
	return n.change(t.Change, t.Unsent, reason, rbac.Change, func(o fhir.Object) error {
		delete(o, "statusReason") // it said why it had ended
		left := slices.DeleteFunc(slices.Clone(t.View.Output), func(p fhir.TaskParameter) bool { return p.Type.Has(fhir.SystemTaskParam, fhir.ParamDone) })
		if len(left) == 0 {
			delete(o, "output")
		} else if err := set(o, "output", left); err != nil {
			return err
		}
		return set(o, "status", "requested")
	})
}
