package merge

import (
	"encoding/json"
	"slices"

	"wardlight/internal/clinical/fhir"
)

// taskRanks is how far a Task has come (R4 value set task-status). Of two
// concurrent states the further counts; that something was done outlasts that
// somebody called it off.
var taskRanks = map[string]int{
	"draft": 1, "requested": 2, "received": 3, "accepted": 4, "ready": 5, "on-hold": 6, "in-progress": 7,
	"entered-in-error": 8, "rejected": 9, "cancelled": 10, "failed": 11, "completed": 12,
}

// appendOnlyTasks are statements: what somebody did at a time. They are made
// and never changed; taking one back is another statement.
var appendOnlyTasks = []string{fhir.TaskAcknowledge, fhir.TaskWithdraw, fhir.TaskShown, fhir.TaskHeldBack, fhir.TaskAsk, fhir.TaskGive, fhir.TaskAccept}

func taskCodeOf(o fhir.Object) string {
	var c fhir.CodeableConcept
	if json.Unmarshal(o["code"], &c) != nil {
		return ""
	}
	return c.Code(fhir.SystemTaskCode)
}

func appendOnly(t fhir.Type, o fhir.Object) bool {
	switch t {
	case fhir.TypeProvenance, fhir.TypeAuditEvent:
		return true
	case fhir.TypeTask:
		return slices.Contains(appendOnlyTasks, taskCodeOf(o))
	default:
		return false
	}
}

// workPolicy: the further state; what each person added stays, two completions
// included; several owners are all shown.
var workPolicy = policy{rules: withBookkeeping(map[string]rule{
	"status":          {wins: true, rank: ranking("", taskRanks)},
	"statusReason":    {quiet: true},
	"owner":           {quiet: true},
	"executionPeriod": {quiet: true},
	"priority": {wins: true, rank: ranking("", map[string]int{
		"routine": 1, "urgent": 2, "asap": 3, "stat": 4,
	})},
})}

// reviewPolicy is for reviews: sides join, choices are all kept.
var reviewPolicy = policy{
	rules: withBookkeeping(map[string]rule{
		"status":          {wins: true, rank: ranking("", taskRanks)},
		"statusReason":    {quiet: true},
		"owner":           {quiet: true},
		"executionPeriod": {quiet: true},
		"description":     {pick: true},
		"focus":           {pick: true},
		"authoredOn":      {pick: true},
	}),
}

// routinePolicy is for the runs of routines. What each person said of a step is an
// output of its own, so they join as a set: a step that two people ticked apart is
// ticked once, with both names, and one that was ticked here and called not needed
// there holds both words (what is in force is clinical/routine's: it was done). Ended
// stands against going on, and that it was begun by mistake, as for the wrong patient,
// against both.
var routinePolicy = policy{rules: withBookkeeping(map[string]rule{
	"status": {wins: true, rank: ranking("", map[string]int{
		"in-progress": 1, "completed": 2, "entered-in-error": 3,
	})},
	"statusReason": {quiet: true},
})}

func taskPolicy(o fhir.Object) policy {
	switch taskCodeOf(o) {
	case fhir.TaskReview:
		return reviewPolicy
	case fhir.TaskRoutine:
		return routinePolicy
	}
	return workPolicy
}

// taskRank is how far the task in o has come.
func taskRank(o fhir.Object) int { return taskRanks[word(string(o["status"]), "")] }

// choicesOf are the sides that people chose in a review, each once, sorted.
func choicesOf(o fhir.Object) []string {
	var outputs []fhir.TaskParameter
	_ = json.Unmarshal(o["output"], &outputs) // none, where there is no list
	var chosen []string
	for _, p := range outputs {
		if p.Type.Has(fhir.SystemTaskParam, fhir.ParamChosen) && p.ValueString != nil {
			chosen = append(chosen, *p.ValueString)
		}
	}
	slices.Sort(chosen)
	return slices.Compact(chosen)
}
