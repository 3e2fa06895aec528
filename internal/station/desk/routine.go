package desk

import (
	"cmp"
	"context"
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

// maxRoutines bounds the definitions that a page lists: nobody chooses among more.
const maxRoutines = 64

// maxEarlierRoutines bounds the earlier versions that a page shows of one.
const maxEarlierRoutines = 20

// defined is a definition with the version that it was read from.
type defined struct {
	routine.Routine
	change record.Change
}

// routines are the definitions that this computer holds. One that this program
// cannot read is left out: a list with steps missing is worse than none.
func routines(r Reader) ([]defined, error) {
	var out []defined
	for ch, err := range r.All(fhir.TypePlanDefinition, "") {
		if err != nil {
			return nil, err
		}
		p, err := fhir.View[fhir.PlanDefinition](ch.Body)
		if err != nil {
			continue
		}
		if def, err := routine.Of(p); err == nil && len(out) < maxRoutines {
			out = append(out, defined{def, ch})
		}
	}
	return out, nil
}

// runOf is one run with the Task that it was read from.
type runOf struct {
	routine.Run
	task *item[fhir.Task]
}

// runsOf are a patient's runs, each as it was begun.
func runsOf(c *compartment) []runOf {
	var out []runOf
	for i := range c.tasks {
		if run, ok := routine.RunOf(c.tasks[i].View); ok {
			out = append(out, runOf{run, &c.tasks[i]})
		}
	}
	return out
}

// joinedRuns are a patient's runs with those put together that were begun apart.
func joinedRuns(list []runOf) ([]routine.Run, map[fhir.ID][]fhir.ID) {
	plain := make([]routine.Run, len(list))
	for i, r := range list {
		plain[i] = r.Run
	}
	return routine.Join(plain)
}

// countRoutines says on a board row how many routines are open, and how many late.
func (d *Desk) countRoutines(v *derived, c *compartment) {
	now := d.now()
	runs, _ := joinedRuns(runsOf(c))
	for _, r := range runs {
		if !r.IsOpen() {
			continue
		}
		v.row.Routines++
		switch {
		case r.Late(now):
			v.row.Overdue++
		case !r.Due.IsZero():
			v.wake(r.Due.Add(time.Millisecond))
		}
	}
}

// giveRoutines gives a chart its runs and what can be begun.
func (d *Desk) giveRoutines(out *ward.Chart, c *compartment, p ward.Person) error {
	list := runsOf(c)
	runs, twice := joinedRuns(list)
	now := d.now()
	for _, r := range runs {
		out.Routines = append(out.Routines, d.shownRun(r, list, twice[r.ID], p, now))
	}
	slices.SortStableFunc(out.Routines, func(a, b ward.RoutineRun) int {
		return cmp.Or(cmp.Compare(rank(a.State == ward.RunOpen), rank(b.State == ward.RunOpen)), b.Started.Compare(a.Started), cmp.Compare(a.ID, b.ID))
	})
	if d.doesRoutines(p) {
		defs, err := routines(c.r)
		if err != nil {
			return err
		}
		plain := make([]routine.Routine, len(defs))
		for i := range defs {
			plain[i] = defs[i].Routine
		}
		came := cameTo(out.Who.Ward, out.Moves)
		for _, o := range routine.Offers(plain, runs, out.Who.Ward, came, now) {
			out.Offers = append(out.Offers, ward.RoutineOffer{
				Routine: o.ID, Number: o.Number, Name: o.Name, Kind: string(o.Kind), Steps: len(o.On()), Site: o.Ward == "", Now: o.Now, Came: came,
			})
		}
	}
	return nil
}

// cameTo is when a patient came to a ward: when the stay began, or the latest
// transfer to it from another ward. Moves are newest first.
func cameTo(w string, moves []ward.Move) time.Time {
	on := func(place string) bool { return w != "" && (place == w || strings.HasPrefix(place, w+",")) }
	for _, m := range moves {
		at := m.At
		if at.IsZero() {
			at = m.Recorded
		}
		switch {
		case m.Void:
		case m.Kind == ward.MovePlace && on(m.Place) && !on(m.Before), m.Kind == ward.MoveBegan && (on(m.Place) || m.Place == ""):
			return at
		}
	}
	return time.Time{}
}

func (d *Desk) shownRun(r routine.Run, list []runOf, others []fhir.ID, p ward.Person, now time.Time) ward.RoutineRun {
	out := ward.RoutineRun{
		ID: r.ID, Routine: r.Routine, Number: r.Number, Name: r.Name, Kind: string(r.Kind), State: ward.RunOpen, Late: r.Late(now),
		Due: d.local(r.Due), Started: d.local(r.Started), Open: r.OpenSteps(), Why: r.Why, Twice: len(others) > 0,
	}
	for _, s := range r.States() {
		out.Steps = append(out.Steps, d.shownStep(s, p))
	}
	for _, o := range list {
		if o.ID != r.ID && !slices.Contains(others, o.ID) {
			continue
		}
		out.Unsent = out.Unsent || o.task.Unsent
		if o.ID != r.ID {
			continue
		}
		out.By = o.task.First.Shown()
		if r.Left || r.Mistake {
			out.Ended, out.EndedBy = d.at(o.task.Change.Times), o.task.Change.Author.Shown()
		}
	}
	at, finished := r.Finished()
	switch {
	case r.Mistake:
		out.State = ward.RunMistake
	case finished:
		out.State, out.Ended, out.EndedBy = ward.RunFinished, d.local(at), ""
	case r.Left:
		out.State = ward.RunLeft
	}
	return out
}

func (d *Desk) shownStep(s routine.StepState, p ward.Person) ward.StepDoes {
	out := ward.StepDoes{ID: s.ID, Words: s.Words, Page: string(s.Page), State: string(s.State), Both: s.Both}
	for _, m := range s.Marks {
		out.Marks = append(out.Marks, ward.StepMark{Not: m.Not, By: m.Name, At: d.local(m.At), Reason: m.Reason, Mine: m.User == p.User})
	}
	return out
}

func (d *Desk) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(d.loc)
}

// Routines are this ward's routines and the whole site's, for the page that shows
// and changes them.
func (d *Desk) Routines(ctx context.Context) (ward.Routines, error) {
	const op = "desk.routines"
	out := ward.Routines{Ward: d.cfg.Ward, List: []ward.Routine{}, Starters: []ward.Routine{}, AsOf: d.asOf()}
	p, err := d.author(op)
	if err != nil {
		return out, err
	}
	if dec := d.mayRoutines(p, rbac.View); !dec.Allow {
		return out, fault.As(fault.Denied, op, "", words.Errorf("You may not see this ward's routines: %v.", dec.Err()))
	}
	out.MayEdit = d.cfg.Ward != "" && d.mayRoutines(p, rbac.Change).Allow
	out.MaySite = out.MayEdit && slices.Contains(p.Wards, string(rbac.AnyWard))
	err = d.store.View(ctx, func(r Reader) error {
		defs, err := routines(r)
		if err != nil {
			return err
		}
		count, err := counting(r)
		if err != nil {
			return err
		}
		for _, def := range defs {
			if def.Ward != "" && def.Ward != d.cfg.Ward {
				continue
			}
			n, at, err := d.useOf(r, def.ID)
			if err != nil {
				return err
			}
			if at.IsZero() {
				n = count(def.ID)
			}
			page, err := d.shownRoutine(r, def, n)
			page.Counted = at
			if err != nil {
				return err
			}
			page.MayEdit = out.MayEdit && (def.Ward != "" || out.MaySite)
			out.List = append(out.List, page)
		}
		return nil
	})
	if err != nil {
		return out, fault.Wrap(op, "", err)
	}
	slices.SortStableFunc(out.List, func(a, b ward.Routine) int {
		return cmp.Or(cmp.Compare(kindRank(a.Kind), kindRank(b.Kind)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	for _, s := range routine.Starters() {
		if !slices.ContainsFunc(out.List, func(r ward.Routine) bool { return r.Starter == s.Starter }) {
			out.Starters = append(out.Starters, shownDefinition(s))
		}
	}
	return out, nil
}

func kindRank(kind string) int {
	return slices.Index(routine.Kinds(), routine.Kind(kind))
}

func shownDefinition(def routine.Routine) ward.Routine {
	out := ward.Routine{
		ID: def.ID, Number: def.Number, Name: def.Name, Kind: string(def.Kind), Ward: def.Ward, Within: int(def.Within / time.Minute),
		Off: def.Off, Starter: def.Starter, Steps: []ward.RoutineStep{},
	}
	for _, s := range def.Steps {
		out.Steps = append(out.Steps, ward.RoutineStep{ID: s.ID, Words: s.Words, Page: string(s.Page), Off: s.Off})
	}
	return out
}

func (d *Desk) shownRoutine(r Reader, def defined, n routine.Counts) (ward.Routine, error) {
	out := shownDefinition(def.Routine)
	out.Runs = n.All()
	for i := range out.Steps {
		out.Steps[i].Use = shownUse(n.Step(out.Steps[i].ID))
	}
	out.Version, out.By, out.At = uint64(def.change.Version), def.change.Author.Shown(), d.at(def.change.Times)
	for ch, err := range r.History(def.change.Ref) {
		if err != nil {
			return out, err
		}
		p, err := fhir.View[fhir.PlanDefinition](ch.Body)
		if err != nil || ch.History {
			continue
		}
		if old, err := routine.Of(p); err == nil {
			v := ward.RoutineVersion{Number: old.Number, By: ch.Author.Shown(), At: d.at(ch.Times), Steps: shownDefinition(old).Steps, Runs: n.Runs[old.Number]}
			for i := range v.Steps {
				v.Steps[i].Use = shownUse(n.Of[old.Number][v.Steps[i].ID])
			}
			out.Earlier = append(out.Earlier, v)
		}
	}
	slices.SortFunc(out.Earlier, func(a, b ward.RoutineVersion) int { return cmp.Compare(b.Number, a.Number) })
	out.Earlier = out.Earlier[:min(len(out.Earlier), maxEarlierRoutines)]
	return out, nil
}

func shownUse(u routine.Use) ward.RoutineUse { return ward.RoutineUse(u) }

// useOf is what central counted over all patients, and up to when; zero where it has
// not, or not in a form that this program reads.
func (d *Desk) useOf(r Reader, id fhir.ID) (routine.Counts, time.Time, error) {
	ch, ok, err := r.LooseCurrent(record.UseOf(id))
	if err != nil || !ok || ch.Author.Sender == "" {
		return routine.Counts{}, time.Time{}, err
	}
	v, err := fhir.View[struct {
		Extension []fhir.Extension `json:"extension"`
	}](ch.Body)
	if err != nil {
		return routine.Counts{}, time.Time{}, nil
	}
	t, err := routine.ParseTally(fhir.ExtString(v.Extension, fhir.ExtUse))
	if err != nil {
		return routine.Counts{}, time.Time{}, nil
	}
	return t.Counts, t.At.In(d.loc), nil
}

// counting counts the runs of the patients on this computer.
func counting(r Reader) (func(fhir.ID) routine.Counts, error) {
	runs := map[fhir.ID]map[fhir.ID][]routine.Run{} // by definition, by patient
	for ch, err := range r.All(fhir.TypeTask, "") {
		if err != nil {
			return nil, err
		}
		t, err := fhir.View[fhir.Task](ch.Body)
		if err != nil {
			continue
		}
		if run, ok := routine.RunOf(t); ok {
			if runs[run.Routine] == nil {
				runs[run.Routine] = map[fhir.ID][]routine.Run{}
			}
			runs[run.Routine][ch.Patient] = append(runs[run.Routine][ch.Patient], run)
		}
	}
	return func(id fhir.ID) routine.Counts {
		return routine.CountAll(id, runs[id])
	}, nil
}

// mayRoutines asks the table about this ward's routines.
func (d *Desk) mayRoutines(p ward.Person, a rbac.Action) rbac.Decision {
	here := []record.Ward{record.Ward(d.cfg.Ward)}
	return rbac.Decide(rbac.Request{
		Role: rbac.Role(p.Role), Wards: wards(p.Wards), DeviceWards: here, PatientWards: here, Action: a, ResourceType: fhir.TypePlanDefinition, Now: d.now(),
	})
}

// doesRoutines says whether somebody of this role does routines at all: whoever may
// read one may do it for the patients whom they may write about.
func (d *Desk) doesRoutines(p ward.Person) bool {
	here := []record.Ward{"here"}
	return rbac.Decide(rbac.Request{
		Role: rbac.Role(p.Role), Wards: here, DeviceWards: here, PatientWards: here, Action: rbac.View, ResourceType: fhir.TypePlanDefinition, Now: d.now(),
	}).Allow
}
