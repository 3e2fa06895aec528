package submit

import (
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/routine"
	"wardlight/internal/trust/rbac"
)

// A routine's definition is never merged: two people's lists put together would be a
// list that neither wrote, and a step that one of them switched off would come back
// unnoticed. Whoever changes it has seen the version in force. Its runs are merged,
// step by step.

// mayRoutine says why a routine or a run of one may not be written like this, or "".
func (w *work) mayRoutine(a *attempt, body fhir.Resource) string {
	switch {
	case body == nil:
		return ""
	case a.m.Ref.Type == fhir.TypePlanDefinition:
		return a.mayDefine(body)
	case a.m.Ref.Type == fhir.TypeTask:
		return a.mayRun(body)
	}
	return ""
}

func (a *attempt) mayDefine(body fhir.Resource) string {
	r, err := routineIn(body)
	if err != nil {
		return "the routine cannot be read: " + err.Error()
	}
	if a.m.Patient != "" {
		return "a routine belongs to no patient"
	}
	site := slices.Contains(a.account.Wards, rbac.AnyWard)
	switch {
	case r.Ward == "" && !site:
		return "a routine of the whole site is written by somebody who covers the whole site"
	case r.Ward != "" && !slices.Contains(a.device.Wards, record.Ward(r.Ward)):
		return "a ward's routine is written at a computer of that ward"
	case r.Ward != "" && !site && !slices.Contains(a.account.Wards, record.Ward(r.Ward)):
		return "a ward's routine is written by somebody of that ward"
	}
	number := 0
	if a.exists {
		if a.m.Base != a.current.Version {
			return "somebody changed the routine meanwhile; look at it again"
		}
		before, err := routineIn(a.current.Body)
		if err == nil && before.Ward != r.Ward {
			return "a routine stays with its ward; make another one"
		}
		number = before.Number
	}
	if r.Number != number+1 {
		return "the routine's version does not follow the one before"
	}
	return ""
}

// mayRun holds a run to what may be said of it: its steps are those that it began
// with, and whoever ticks one ticks in their own name.
func (a *attempt) mayRun(body fhir.Resource) string {
	t, err := fhir.View[fhir.Task](body)
	if err != nil {
		return "the entry is malformed"
	}
	var before fhir.Task
	if a.exists {
		if before, err = fhir.View[fhir.Task](a.current.Body); err != nil {
			return "the entry is malformed"
		}
	}
	is, was := isRun(t), isRun(before)
	if !is && !was {
		return ""
	}
	if a.exists && is != was {
		return "a task does not turn into a routine, nor a routine into a task"
	}
	if d := a.doesRoutines(); !d.Allow {
		return d.Why
	}
	run, ok := routine.RunOf(t)
	if !ok {
		return "the routine cannot be read"
	}
	if t.For == nil || a.m.Patient == "" {
		return "a routine is done for a patient"
	}
	if was {
		old, _ := routine.RunOf(before)
		if !slices.Equal(old.Steps, run.Steps) || t.Instantiates != before.Instantiates {
			return "the steps of a routine that was begun do not change"
		}
	}
	return a.mayMark(t, before, run)
}

func (a *attempt) mayMark(t, before fhir.Task, run routine.Run) string {
	if len(t.Output) > routine.MaxMarks {
		return "the routine holds more ticks than anybody reads"
	}
	for _, p := range t.Output {
		m, ok := routine.MarkOf(p)
		switch {
		case !ok:
			return "a tick cannot be read"
		case slices.ContainsFunc(before.Output, func(o fhir.TaskParameter) bool { return sameParameter(o, p) }):
		case m.User != string(a.account.User):
			return "a step is ticked in one's own name"
		case !slices.ContainsFunc(run.Steps, func(s routine.Step) bool { return s.ID == m.Step }):
			return "a tick is of a step that the routine does not have"
		case m.Not && strings.TrimSpace(m.Reason) == "", len(m.Reason) > 4*routine.MaxReason, len(m.Name) > 256:
			return "a step that is not needed needs a reason, and a short one"
		}
	}
	return ""
}

// doesRoutines asks the table whether somebody of this role does routines at all; for
// which patients, the row of the Task has said.
func (a *attempt) doesRoutines() rbac.Decision {
	here := []record.Ward{"here"}
	return rbac.Decide(rbac.Request{
		Role: rbac.Role(a.account.Role), Wards: here, DeviceWards: here, PatientWards: here, Action: rbac.View, ResourceType: fhir.TypePlanDefinition, Now: a.when(),
	})
}

func sameParameter(a, b fhir.TaskParameter) bool {
	x, _ := routine.MarkOf(a)
	y, ok := routine.MarkOf(b)
	return ok && x == y
}

func isRun(t fhir.Task) bool {
	return t.Code != nil && t.Code.Has(fhir.SystemTaskCode, fhir.TaskRoutine)
}

// routineIn reads a definition.
func routineIn(body fhir.Resource) (routine.Routine, error) {
	p, err := fhir.View[fhir.PlanDefinition](body)
	if err != nil {
		return routine.Routine{}, routine.ErrShape
	}
	return routine.Of(p)
}

// routineWards are the wards whose computers hold a definition.
func routineWards(r routine.Routine) []record.Ward {
	if r.Ward == "" {
		return []record.Ward{rbac.AnyWard}
	}
	return []record.Ward{record.Ward(r.Ward)}
}
