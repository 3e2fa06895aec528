package chart_test

import (
	"slices"
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/chart"
)

// A routine is in the timeline as it was done: begun, each step with who answered it,
// and over. What was a mistake is struck and not hidden.
func TestTheTimelineTellsRoutines(t *testing.T) {
	steps := []ward.StepDoes{
		{ID: "a", Words: "Band checked", State: ward.StepDone, Marks: []ward.StepMark{{By: "Grace Mensah", At: at(22, "09:10")}}},
		{ID: "b", Words: "Weight", State: ward.StepNotNeeded, Marks: []ward.StepMark{{By: "Tom Blake", At: at(22, "09:20"), Not: true, Reason: "weighed in ED"}}},
		{ID: "c", Words: "Valuables", State: ward.StepOpen},
	}
	m, until := storyOf(t, ward.Chart{AsOf: now, Routines: []ward.RoutineRun{
		{ID: "r1", Name: "Admission", Number: 3, State: ward.RunOpen, Late: true, Started: at(22, "09:00"), By: "Grace Mensah", Steps: steps, Open: 1},
		{ID: "r2", Name: "Discharge", Number: 1, State: ward.RunLeft, Started: at(22, "10:00"), Ended: at(22, "11:00"), EndedBy: "Tom Blake", Why: "left against advice", Steps: steps[2:], Open: 1},
		{ID: "r3", Name: "Round", Number: 2, State: ward.RunMistake, Started: at(22, "12:00"), Ended: at(22, "12:05"), EndedBy: "Tom Blake", Why: "wrong patient", Steps: []ward.StepDoes{
			{ID: "a", Words: "Turned", State: ward.StepDone, Marks: []ward.StepMark{{By: "Tom Blake", At: at(22, "12:02")}}},
		}},
		{ID: "r4", Name: "Ward round", Number: 1, State: ward.RunFinished, Started: at(22, "07:00"), Ended: at(22, "07:30"), Steps: steps[:1]},
	}})
	want := []string{
		"22-Nov-2026 12:05 Routine called a mistake: Round",
		"22-Nov-2026 12:02 Round: Turned | begun by mistake | struck",
		"22-Nov-2026 12:00 Routine begun: Round | begun by mistake | struck",
		"22-Nov-2026 11:00 Routine ended with 1 step open: Discharge",
		"22-Nov-2026 10:00 Routine begun: Discharge",
		"22-Nov-2026 09:20 Admission: Weight",
		"22-Nov-2026 09:10 Ward round: Band checked",
		"22-Nov-2026 09:10 Admission: Band checked",
		"22-Nov-2026 09:00 Routine begun: Admission | late, 1 step open",
		"22-Nov-2026 07:30 Routine finished: Ward round",
		"22-Nov-2026 07:00 Routine begun: Ward round",
	}
	got := lines(m.State().Story.Events)
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	for _, e := range m.State().Story.Events {
		switch e.ID {
		case "k:r1:b:0":
			if e.Words != "not needed: weighed in ED" || e.By != "Tom Blake" {
				t.Errorf("%+v", e)
			}
		case "z:r2":
			if e.Words != "left against advice" || e.By != "Tom Blake" {
				t.Errorf("%+v", e)
			}
		}
	}
	m.FilterStory(chart.EventRoutine)
	if n := len(m.State().Story.Events); n != len(want) {
		t.Errorf("the filter shows %d", n)
	}
	m.OpenEvent(m.State().Story.Events[0])
	until(func() bool { return m.State().Tab == chart.Routines })
}
