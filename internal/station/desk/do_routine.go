package desk

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/routine"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// saveRoutine writes a definition.
func (n *pen) saveRoutine(c ward.SaveRoutine) error {
	action := rbac.Change
	if c.Routine == "" {
		action = rbac.Create
	}
	site := slices.Contains(n.who.Wards, string(rbac.AnyWard))
	switch dec := n.d.mayRoutines(n.who, action); {
	case !dec.Allow:
		return n.refuse(fault.Denied, words.Errorf("A ward's routines are written by its charge nurse. Nothing was saved."))
	case c.Ward == "" && !site:
		return n.refuse(fault.Denied, words.Errorf("A routine of the whole site is written by somebody who covers the whole site. Nothing was saved."))
	case c.Ward != "" && c.Ward != n.d.cfg.Ward:
		return n.refuse(fault.Denied, words.Errorf("A routine is written at a computer of its ward. Nothing was saved."))
	}
	seen, before, err := n.definition(c)
	if err != nil {
		return err
	}
	def := nextVersion(c, before)
	if err := def.Check(); err != nil {
		return n.refuse(fault.Invalid, words.Errorf("This cannot be saved: %v. Nothing was saved.", err))
	}
	if c.Routine != "" && sameRoutine(before, def) {
		return nil // nothing to save, and no version of it
	}
	id, err := n.number()
	if err != nil {
		return err
	}
	ref := seen.Ref
	if c.Routine == "" {
		ref = fhir.Ref{Type: fhir.TypePlanDefinition, ID: fhir.ID(id)}
	}
	def.ID = ref.ID
	body, err := fhir.Make(def.Resource(n.now()))
	if err != nil {
		return fault.Wrap(n.op, ref.String(), err)
	}
	ops, err := opsOf(seen.Body, body)
	if err != nil {
		return fault.Wrap(n.op, ref.String(), err)
	}
	n.put(record.Mutation{ID: id, Ref: ref, Base: seen.Version, Ops: ops}, n.now())
	n.made = append(n.made, ref.ID)
	return nil
}

// definition is the version that the author saw, refused where that is not the one in
// force.
func (n *pen) definition(c ward.SaveRoutine) (seen record.Change, before routine.Routine, err error) {
	if c.Routine == "" {
		if c.Version != 0 {
			return seen, before, n.refuse(fault.Invalid, words.Errorf("A new routine has no version yet. Nothing was saved."))
		}
		return seen, before, nil
	}
	seen, unsent, err := n.ownList(fhir.Ref{Type: fhir.TypePlanDefinition, ID: c.Routine})
	if err != nil {
		return seen, before, err
	}
	if len(seen.Body) == 0 {
		return seen, before, n.refuse(fault.NotFound, words.Errorf("This routine is not on this computer. Nothing was saved. Look again."))
	}
	if unsent || uint64(seen.Version) != c.Version {
		return seen, before, n.refuse(fault.Conflict, words.Errorf("Somebody changed the routine while you wrote. Nothing was saved. What you wrote is still here: look at the newest, and write it again."))
	}
	p, err := fhir.View[fhir.PlanDefinition](seen.Body)
	if err == nil {
		before, err = routine.Of(p)
	}
	if err != nil {
		return seen, before, n.refuse(fault.Invalid, words.Errorf("This program cannot read the routine as it stands, so it does not write over it. Nothing was saved."))
	}
	if before.Ward != c.Ward {
		return seen, before, n.refuse(fault.Invalid, words.Errorf("A routine stays with its ward: make another one. Nothing was saved."))
	}
	return seen, before, nil
}

// nextVersion is the definition that a command asks for.
func nextVersion(c ward.SaveRoutine, before routine.Routine) routine.Routine {
	def := routine.Routine{
		Number: before.Number + 1, Name: strings.TrimSpace(c.Name), Kind: routine.Kind(c.Kind), Ward: c.Ward,
		Within: time.Duration(c.Within) * time.Minute, Off: c.Off, Starter: c.Starter,
	}
	for _, s := range c.Steps {
		if s.ID != "" {
			def.Steps = append(def.Steps, routine.Step{ID: s.ID})
		}
	}
	kept := def.Steps
	def.Steps = nil
	for _, s := range c.Steps {
		step := routine.Step{ID: s.ID, Words: strings.Join(strings.Fields(s.Words), " "), Page: routine.Page(s.Page), Off: s.Off}
		if step.ID == "" {
			step.ID = routine.NewStepID(slices.Concat(kept, def.Steps), def.Number)
		}
		def.Steps = append(def.Steps, step)
	}
	return def
}

func sameRoutine(a, b routine.Routine) bool {
	return a.Name == b.Name && a.Kind == b.Kind && a.Within == b.Within && a.Off == b.Off && a.Starter == b.Starter && slices.Equal(a.Steps, b.Steps)
}

// opsOf makes one version out of another. The order of the steps is a part of it, so
// each element that changed is set whole; what this program does not know stays.
func opsOf(before, after fhir.Resource) ([]record.Op, error) {
	if len(before) == 0 {
		return []record.Op{{Kind: record.OpPut, Value: after}}, nil
	}
	was, err := fhir.Parse(before)
	if err != nil {
		return nil, err
	}
	is, err := fhir.Parse(after)
	if err != nil {
		return nil, err
	}
	var ops []record.Op
	for _, field := range []string{"action", "date", "extension", "status", "title", "topic", "version"} {
		switch v, had := was[field], is[field]; {
		case had == nil && v != nil:
			ops = append(ops, record.Op{Kind: record.OpRemove, Field: field})
		case had != nil && string(had) != string(v):
			ops = append(ops, record.Op{Kind: record.OpSet, Field: field, Value: had})
		}
	}
	return ops, nil
}

var errNoRoutines = words.Errorf("Routines are done by nurses and doctors: you may not do this here. Nothing was saved.")

// startRoutine begins a run. It holds the steps as they are now.
func (n *pen) startRoutine(c ward.StartRoutine) error {
	if !n.d.doesRoutines(n.who) {
		return n.refuse(fault.Denied, errNoRoutines)
	}
	defs, err := routines(n.c.r)
	if err != nil {
		return err
	}
	here := n.d.identity(n.c).Ward
	i := slices.IndexFunc(defs, func(d defined) bool { return d.ID == c.Routine })
	switch {
	case i < 0:
		return n.refuse(fault.NotFound, words.Errorf("This routine is not on this computer. Nothing was saved. Look again."))
	case defs[i].Off:
		return n.refuse(fault.Conflict, words.Errorf("This routine was switched off. Nothing was saved."))
	case defs[i].Ward != "" && defs[i].Ward != here:
		return n.refuse(fault.Denied, words.Errorf("This routine is another ward's. Nothing was saved."))
	}
	for _, r := range runsOf(n.c) {
		if r.Routine == c.Routine && r.IsOpen() {
			n.made = append(n.made, r.ID)
			return nil // begun already: it is gone on with
		}
	}
	def, due := defs[i].Routine, ""
	if def.Within > 0 {
		due = stamp(n.d.now().Add(def.Within))
	}
	_, err = n.create(fhir.TypeTask, "", n.now(), func(id fhir.ID) any {
		t := def.Task(id, due)
		t.For, t.AuthoredOn, t.Requester = n.subject(), n.now(), n.writer()
		return t
	})
	return err
}

// run finds a run of this patient, and those that were begun apart and count in it.
func (n *pen) run(id fhir.ID) (first runOf, all []runOf, err error) {
	if !n.d.doesRoutines(n.who) {
		return first, nil, n.refuse(fault.Denied, errNoRoutines)
	}
	list := runsOf(n.c)
	runs, twice := joinedRuns(list)
	of := func(id fhir.ID) (runOf, bool) {
		i := slices.IndexFunc(list, func(r runOf) bool { return r.ID == id })
		if i < 0 {
			return runOf{}, false
		}
		return list[i], true
	}
	for _, r := range runs {
		if r.ID != id && !slices.Contains(twice[r.ID], id) {
			continue
		}
		first, _ = of(r.ID)
		first.Run = r
		for _, other := range append([]fhir.ID{r.ID}, twice[r.ID]...) {
			if o, ok := of(other); ok {
				all = append(all, o)
			}
		}
		return first, all, nil
	}
	return first, nil, n.refuse(fault.NotFound, words.Errorf("This routine is not on this computer. Nothing was saved. Look again."))
}

// markStep says something of a step. That somebody else said the same is no reason to
// refuse: both are kept.
func (n *pen) markStep(c ward.MarkStep) error {
	reason := strings.Join(strings.Fields(c.Reason), " ")
	first, all, err := n.run(c.Run)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(first.States(), func(s routine.StepState) bool { return s.ID == c.Step })
	switch {
	case i < 0:
		return n.refuse(fault.NotFound, words.Errorf("The routine has no such step. Nothing was saved. Look again."))
	case first.Mistake:
		return n.refuse(fault.Conflict, words.Errorf("This routine was begun by mistake. Nothing was saved."))
	case first.Left:
		return n.refuse(fault.Conflict, words.Errorf("This routine was ended. Nothing was saved. Begin it again where it is needed."))
	case c.Not && reason == "":
		return n.refuse(fault.Invalid, words.Errorf("Say why the step is not needed. Nothing was saved."))
	case len([]rune(reason)) > routine.MaxReason:
		return n.refuse(fault.Invalid, words.Errorf("That reason is too long: %d characters at most. Nothing was saved.", routine.MaxReason))
	}
	state := first.States()[i]
	n.made = append(n.made, first.ID)
	for _, m := range state.ByThisHand(n.who.User) {
		if m.Not == c.Not {
			return nil // said already, by the same hand
		}
	}
	mark := routine.Mark{Step: c.Step, Not: c.Not, User: n.who.User, Name: n.who.Name, At: n.d.now().Truncate(time.Second), Reason: reason}
	// A step that only one of the runs has is ticked in that one.
	into := all[0]
	for _, r := range all {
		if slices.ContainsFunc(r.Steps, func(s routine.Step) bool { return s.ID == c.Step }) {
			into = r
			break
		}
	}
	return n.change(into.task.Change, into.task.Unsent, reason, rbac.Change, func(o fhir.Object) error {
		return addMark(o, mark)
	})
}

// addMark adds to the outputs as they stand, whatever they hold.
func addMark(o fhir.Object, m routine.Mark) error {
	var list []json.RawMessage
	if raw, has := o["output"]; has {
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
	}
	one, err := json.Marshal(m.Parameter())
	if err != nil {
		return err
	}
	return set(o, "output", append(list, one))
}

// unmarkStep takes back what was said of a step. Whoever said something takes back
// their own; anybody else says why. What was taken back stays in the run's history.
func (n *pen) unmarkStep(c ward.UnmarkStep) error {
	reason := strings.TrimSpace(c.Reason)
	if err := n.bounded(reason); err != nil {
		return err
	}
	first, all, err := n.run(c.Run)
	if err != nil {
		return err
	}
	if first.Mistake || first.Left {
		return n.refuse(fault.Conflict, words.Errorf("This routine was ended. Nothing was saved."))
	}
	i := slices.IndexFunc(first.States(), func(s routine.StepState) bool { return s.ID == c.Step })
	if i < 0 {
		return n.refuse(fault.NotFound, words.Errorf("The routine has no such step. Nothing was saved. Look again."))
	}
	n.made = append(n.made, first.ID)
	state := first.States()[i]
	back := state.ByThisHand(n.who.User)
	if len(back) == 0 {
		back = state.Marks
	}
	switch {
	case len(back) == 0:
		return nil // open already
	case back[0].User != n.who.User && reason == "":
		return n.refuse(fault.Invalid, words.Errorf("%s said this. Say why you take it back for them. Nothing was saved.", back[0].Name))
	}
	for _, r := range all {
		err := n.change(r.task.Change, r.task.Unsent, reason, rbac.Change, func(o fhir.Object) error { return dropMarks(o, back) })
		if err != nil {
			return err
		}
	}
	return nil
}

func dropMarks(o fhir.Object, back []routine.Mark) error {
	var list []json.RawMessage
	if raw, has := o["output"]; !has {
		return nil
	} else if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	left := slices.DeleteFunc(list, func(raw json.RawMessage) bool {
		var p fhir.TaskParameter
		if json.Unmarshal(raw, &p) != nil {
			return false
		}
		m, ok := routine.MarkOf(p)
		return ok && slices.Contains(back, m)
	})
	if len(left) == 0 {
		delete(o, "output")
		return nil
	}
	return set(o, "output", left)
}

// endRoutine ends a run although steps are open, or calls it a mistake.
func (n *pen) endRoutine(c ward.EndRoutine) error {
	reason := strings.TrimSpace(c.Reason)
	if reason == "" {
		return n.refuse(fault.Invalid, words.Errorf("Say why it is ended. Nothing was saved."))
	}
	if err := n.bounded(reason); err != nil {
		return err
	}
	first, all, err := n.run(c.Run)
	if err != nil {
		return err
	}
	n.made = append(n.made, first.ID)
	if first.Mistake || first.Left && !c.Mistake {
		return nil // ended already
	}
	if !c.Mistake && !first.IsOpen() {
		return nil // finished: nothing is left
	}
	status := "completed"
	if c.Mistake {
		status = "entered-in-error"
	}
	for _, r := range all {
		err := n.change(r.task.Change, r.task.Unsent, reason, rbac.Change, func(o fhir.Object) error {
			if err := set(o, "statusReason", fhir.CodeableConcept{Text: reason}); err != nil {
				return err
			}
			return set(o, "status", status)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
