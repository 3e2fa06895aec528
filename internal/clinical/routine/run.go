package routine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
)

// Mark is what somebody says of a step: that they did it, or that it is not needed
// and why. A mark is never changed; taking it back removes it, and it stays in the
// run's history.
type Mark struct {
	Step   string
	Not    bool // not needed
	User   string
	Name   string // as shown
	At     time.Time
	Reason string // of one that is not needed
}

// Run is a routine being done for one patient.
type Run struct {
	ID      fhir.ID
	Routine fhir.ID // the definition
	Number  int     // and its version, when the run began
	Name    string
	Kind    Kind
	Started time.Time
	Due     time.Time // when it is late; zero: never
	Steps   []Step
	Marks   []Mark
	Left    bool // ended by somebody although steps were open
	Mistake bool // entered in error: it counts nowhere
	Why     string
}

// State is what holds of a step.
type State string

// The states.
const (
	Open      State = "open"
	Done      State = "done"
	NotNeeded State = "not-needed"
)

// StepState is one step of a run with what was said of it.
type StepState struct {
	Step
	State State
	Marks []Mark // oldest first
	// Both says that one person did it and another, who could not see that, called
	// it not needed. It is done: that something was done is a fact, that it was not
	// needed a view.
	Both bool
}

// States are the steps of a run in order.
func (r Run) States() []StepState {
	out := make([]StepState, len(r.Steps))
	for i, s := range r.Steps {
		st := StepState{Step: s, State: Open}
		var not bool
		for _, m := range r.Marks {
			if m.Step != s.ID {
				continue
			}
			st.Marks = append(st.Marks, m)
			not = not || m.Not
			if !m.Not {
				st.State = Done
			}
		}
		st.Both = not && st.State == Done
		if not && st.State == Open {
			st.State = NotNeeded
		}
		sortMarks(st.Marks)
		out[i] = st
	}
	return out
}

// OpenSteps is how many steps nobody has answered.
func (r Run) OpenSteps() int {
	n := 0
	for _, s := range r.States() {
		if s.State == Open {
			n++
		}
	}
	return n
}

// IsOpen says whether something is still to be done in it.
func (r Run) IsOpen() bool { return !r.Left && !r.Mistake && r.OpenSteps() > 0 }

// Late says whether it is open and should have been finished by now.
func (r Run) Late(now time.Time) bool { return r.IsOpen() && !r.Due.IsZero() && r.Due.Before(now) }

// Finished is when the last step was answered; ok is false while one is open.
func (r Run) Finished() (at time.Time, ok bool) {
	if r.OpenSteps() > 0 {
		return time.Time{}, false
	}
	for _, s := range r.States() {
		// Of two marks the first one answered the step.
		if first := s.Marks[0].At; first.After(at) {
			at = first
		}
	}
	return at, true
}

// Join makes one run of those that were begun apart: of one definition, the second
// begun while the first was still open. The one that was begun first stands, and
// every mark of the others counts in it by step. What is returned is in the order
// of the beginnings; twice says which runs hold another one's marks.
func Join(runs []Run) (out []Run, twice map[fhir.ID][]fhir.ID) {
	runs = slices.Clone(runs)
	slices.SortFunc(runs, func(a, b Run) int {
		if c := a.Started.Compare(b.Started); c != 0 {
			return c
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	twice = map[fhir.ID][]fhir.ID{}
	for _, r := range runs {
		i := slices.IndexFunc(out, func(first Run) bool { return sameRun(first, r) })
		if i < 0 {
			out = append(out, r)
			continue
		}
		first := &out[i]
		first.Marks = append(slices.Clone(first.Marks), r.Marks...)
		// A step that only the other version has is a step of the patient's too.
		first.Steps = slices.Clone(first.Steps)
		for _, s := range r.Steps {
			if !slices.ContainsFunc(first.Steps, func(o Step) bool { return o.ID == s.ID }) {
				first.Steps = append(first.Steps, s)
			}
		}
		twice[first.ID] = append(twice[first.ID], r.ID)
	}
	return out, twice
}

// sameRun says whether second was begun by somebody who could not see first.
func sameRun(first, second Run) bool {
	if first.Routine != second.Routine || first.Routine == "" || first.Left || first.Mistake || second.Left || second.Mistake {
		return false
	}
	done, finished := first.Finished()
	return !finished || done.After(second.Started)
}

// ByThisHand are the marks of a step that a person made.
func (s StepState) ByThisHand(user string) []Mark {
	var out []Mark
	for _, m := range s.Marks {
		if m.User == user {
			out = append(out, m)
		}
	}
	return out
}

func sortMarks(list []Mark) {
	slices.SortStableFunc(list, func(a, b Mark) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.User+a.Reason, b.User+b.Reason)
	})
}

// Task is a new run as it stands in the record. The caller adds for whom, by whom
// and when.
func (r Routine) Task(id fhir.ID, due string) fhir.Task {
	t := fhir.Task{
		ResourceType: fhir.TypeTask, ID: id, Status: "in-progress", Intent: "order", Code: fhir.TaskCode(fhir.TaskRoutine), Description: r.Name,
		Instantiates: fmt.Sprintf("PlanDefinition/%s|%d", r.ID, r.Number),
	}
	t.Code.Coding = append(t.Code.Coding, fhir.Coding{System: fhir.SystemRoutine, Code: string(r.Kind)})
	if due != "" {
		t.Restriction = &fhir.TaskRestriction{Period: &fhir.Period{End: due}}
	}
	for _, s := range r.On() {
		page := string(s.Page)
		if page == "" {
			page = "-"
		}
		t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamRoutineStep), ValueString: fhir.Str(s.ID + " " + page + " " + s.Words)})
	}
	return t
}

// RunOf reads a run; ok is false where the Task is something else, or one that this
// program cannot read.
func RunOf(t fhir.Task) (Run, bool) {
	r := Run{ID: t.ID, Name: t.Description, Left: t.Status == "completed" || t.Status == "cancelled", Mistake: t.Status == "entered-in-error"}
	if t.Code == nil || !t.Code.Has(fhir.SystemTaskCode, fhir.TaskRoutine) || len(t.Input) > MaxSteps {
		return Run{}, false
	}
	r.Kind = Kind(t.Code.Code(fhir.SystemRoutine))
	rest, ok := strings.CutPrefix(t.Instantiates, "PlanDefinition/")
	id, number, cut := strings.Cut(rest, "|")
	n, err := strconv.Atoi(number)
	if !ok || !cut || err != nil || !fhir.ID(id).Valid() {
		return Run{}, false
	}
	r.Routine, r.Number = fhir.ID(id), n
	r.Started = instant(t.AuthoredOn)
	if t.Restriction != nil && t.Restriction.Period != nil {
		r.Due = instant(t.Restriction.Period.End)
	}
	if t.StatusReason != nil {
		r.Why = t.StatusReason.Text
	}
	if r.Steps, ok = stepsOf(t.Input); !ok {
		return Run{}, false
	}
	for _, p := range t.Output {
		if m, ok := MarkOf(p); ok && len(r.Marks) < MaxMarks {
			r.Marks = append(r.Marks, m)
		}
	}
	return r, true
}

func stepsOf(list []fhir.TaskParameter) ([]Step, bool) {
	var out []Step
	for _, p := range list {
		if !p.Type.Has(fhir.SystemTaskParam, fhir.ParamRoutineStep) || p.ValueString == nil {
			continue
		}
		part := strings.SplitN(*p.ValueString, " ", 3)
		if len(part) != 3 {
			return nil, false
		}
		s := Step{ID: part[0], Page: Page(part[1]), Words: part[2]}
		if s.Page == "-" {
			s.Page = NoPage
		}
		out = append(out, s)
	}
	return out, checkSteps(out) == nil
}

// Parameter is a mark as an output of the run: "s3 2026-11-22T14:05:00Z g.mensah
// Grace Mensah, nurse", and the reason on a second line.
func (m Mark) Parameter() fhir.TaskParameter {
	name := fhir.ParamStepDone
	words := m.Step + " " + m.At.UTC().Format(time.RFC3339) + " " + m.User + " " + strings.Join(strings.Fields(m.Name), " ")
	if m.Not {
		name, words = fhir.ParamStepNot, words+"\n"+m.Reason
	}
	return fhir.TaskParameter{Type: fhir.Param(name), ValueString: fhir.Str(words)}
}

// MarkOf reads a mark.
func MarkOf(p fhir.TaskParameter) (Mark, bool) {
	not := p.Type.Has(fhir.SystemTaskParam, fhir.ParamStepNot)
	if p.ValueString == nil || !not && !p.Type.Has(fhir.SystemTaskParam, fhir.ParamStepDone) {
		return Mark{}, false
	}
	head, reason, _ := strings.Cut(*p.ValueString, "\n")
	part := strings.SplitN(head, " ", 4)
	if len(part) != 4 {
		return Mark{}, false
	}
	at, err := time.Parse(time.RFC3339, part[1])
	m := Mark{Step: part[0], Not: not, User: part[2], Name: part[3], At: at, Reason: reason}
	return m, err == nil && stepID(m.Step) && m.User != ""
}

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
