package chart_test

import (
	"slices"
	"strings"
	"testing"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/chart"
)

// withRoutines is a patient with an offer, an open run that is late, and one that is
// over.
func withRoutines() ward.Chart {
	return ward.Chart{
		Who: ward.Identity{ID: "folake", Family: "Adeyemi", Given: "Folake"}, AsOf: now,
		Offers: []ward.RoutineOffer{
			{Routine: "r1", Number: 3, Name: "Admission", Kind: "admission", Steps: 8, Now: true, Came: at(22, "13:30")},
			{Routine: "r2", Number: 1, Name: "Discharge", Kind: "discharge", Steps: 1, Site: true},
		},
		Routines: []ward.RoutineRun{
			{
				ID: "u1", Routine: "r3", Number: 2, Name: "Round", Kind: "round", State: ward.RunOpen, Late: true, Due: at(22, "14:00"), Started: at(22, "13:00"), By: "Tom Blake, nurse", Open: 2, Unsent: true,
				Steps: []ward.StepDoes{
					{ID: "a", Words: "Right patient", State: ward.StepDone, Marks: []ward.StepMark{{By: "Tom Blake, nurse", At: at(22, "13:01")}}},
					{ID: "b", Words: "Observations taken", State: ward.StepOpen, Page: "observations"},
					{ID: "c", Words: "Lines looked at", State: ward.StepNotNeeded, Marks: []ward.StepMark{{Not: true, By: "Grace Mensah, nurse", At: at(22, "13:02"), Reason: "none", Mine: true}}},
					{ID: "d", Words: "Pain asked about", State: ward.StepDone, Both: true, Marks: []ward.StepMark{{By: "Grace Mensah, nurse", At: at(22, "13:03"), Mine: true}, {Not: true, By: "Tom Blake, nurse", At: at(22, "13:04"), Reason: "asleep"}}},
					{ID: "e", Words: "Handover", State: ward.StepOpen, Page: "handover"},
				},
			},
			{ID: "u2", Routine: "r4", Number: 1, Name: "Transfer", Kind: "other", State: ward.RunMistake, Started: at(21, "09:00"), By: "Tom Blake, nurse", Ended: at(21, "09:02"), EndedBy: "Tom Blake, nurse", Why: "bed 8", Steps: []ward.StepDoes{{ID: "a", Words: "One", State: ward.StepOpen}}, Open: 1},
		},
	}
}

// A routine in words: who said what and when, what is late, what was a mistake.
func TestRoutinesAreToldStepByStep(t *testing.T) {
	m, got := listed(t, withRoutines(), chart.Routines)
	want := []string{
		"# Offered: nobody has begun it",
		" | Admission | Came to the ward 13:30 | 8 steps, version 3, this ward’s",
		"# Open",
		"Begun 13:00 | Round 3 of 5 steps answered [late, due 14:00] [unsent] | Version 2, begun by Tom Blake, nurse",
		" | Right patient | Done by Tom Blake, nurse, 13:01",
		" | Observations taken",
		" | Lines looked at [not needed] | Not needed, says Grace Mensah, nurse, 13:02: “none”",
		" | Pain asked about | One person did it, another called it not needed. It counts as done. | Done by Grace Mensah, nurse, 13:03 | Not needed, says Tom Blake, nurse, 13:04: “asleep”",
		" | Handover",
		"# Can be begun",
		" | Discharge | 1 step, version 1, the whole site’s",
		"# Over",
		"Begun 09:00 on 21-Nov-2026 | Transfer 0 of 1 steps answered [begun by mistake] | Version 1, begun by Tom Blake, nurse | Over since 09:02 on 21-Nov-2026, by Tom Blake, nurse: “bed 8” | struck",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if w := m.State().List.Words; len(w) != 1 || !strings.HasPrefix(w[0], "1 routine is open, 1 is late, as of") {
		t.Errorf("%v", w)
	}
	m.DoEntry("run u2", chart.Fold)
	if got := rows(m); got[len(got)-1] != " | One [left open]" {
		t.Errorf("unfolded: %v", got[len(got)-1])
	}
}

// routineRig opens the tab of a patient with routines.
func routineRig(t *testing.T) *rig {
	r := newRig(t)
	r.desk.with(func() { r.desk.charts["folake"] = withRoutines() })
	r.open("folake", chart.Routines)
	return r
}

func (r *rig) doneRoutines() []ward.Command {
	return slices.DeleteFunc(slices.Clone(r.desk.commands()), func(c ward.Command) bool { _, draft := c.(ward.SaveDraft); return draft })
}

// A press ticks, and the way back is offered; a double click does not take it back; a
// reason is asked where one is wanted, and nothing is done without one.
func TestAStepIsTickedByOnePress(t *testing.T) {
	r := routineRig(t)
	r.m.DoEntry("step u1 b", chart.Tick)
	r.until(func() bool { return r.m.State().Undo != nil && !r.m.State().Busy })
	if got := r.doneRoutines(); len(got) != 1 || got[0] != (ward.MarkStep{Patient: "folake", Run: "u1", Step: "b"}) {
		t.Fatalf("%+v", got)
	}
	if r.m.State().Undo.Words != "Ticked: Observations taken" {
		t.Errorf("%q", r.m.State().Undo.Words)
	}
	c := withRoutines()
	c.Routines[0].Steps[1].State, c.Routines[0].Steps[1].Marks = ward.StepDone, []ward.StepMark{{By: "me", At: now, Mine: true}}
	r.desk.with(func() { r.desk.charts["folake"] = c })
	r.open("folake", chart.Routines)
	r.m.DoEntry("step u1 b", chart.TakeBack) // the second press of a double click
	r.quiet()
	if got := r.doneRoutines(); len(got) != 1 {
		t.Errorf("a double click takes it back: %+v", got)
	}
	r.m.DoEntry("step u1 d", chart.TakeBack) // one's own, of another step
	r.until(func() bool { return len(r.doneRoutines()) == 2 && !r.m.State().Busy })
	if got := r.doneRoutines()[1]; got != (ward.UnmarkStep{Patient: "folake", Run: "u1", Step: "d"}) {
		t.Errorf("%+v", got)
	}
}

func TestTheWayBackOfATick(t *testing.T) {
	r := routineRig(t)
	r.m.DoEntry("step u1 b", chart.Tick)
	r.until(func() bool { return r.m.State().Undo != nil && !r.m.State().Busy })
	r.m.TakeBack()
	r.until(func() bool { return len(r.doneRoutines()) == 2 })
	if got := r.doneRoutines()[1]; got != (ward.UnmarkStep{Patient: "folake", Run: "u1", Step: "b"}) {
		t.Errorf("%+v", got)
	}
}

// What needs a reason asks for it: a step that is not needed, what somebody else said,
// an end with steps open, a mistake.
func TestWhatNeedsAReasonAsksForIt(t *testing.T) {
	for _, tt := range []struct {
		id   string
		do   chart.Deed
		want ward.Command
	}{
		{"step u1 b", chart.NotNeeded, ward.MarkStep{Patient: "folake", Run: "u1", Step: "b", Not: true, Reason: "why"}},
		{"step u1 a", chart.TakeBack, ward.UnmarkStep{Patient: "folake", Run: "u1", Step: "a", Reason: "why"}},
		{"run u1", chart.EndRun, ward.EndRoutine{Patient: "folake", Run: "u1", Reason: "why"}},
		{"run u1", chart.Mistaken, ward.EndRoutine{Patient: "folake", Run: "u1", Mistake: true, Reason: "why"}},
	} {
		r := routineRig(t)
		r.m.DoEntry(tt.id, tt.do)
		if a := r.m.State().RoutineAsk; a == nil || a.Words == "" || a.Title == "" || a.Button == "" {
			t.Fatalf("%s %s: %+v", tt.id, tt.do, a)
		}
		r.m.SendRoutineAsk()
		r.quiet()
		if a := r.m.State().RoutineAsk; !a.Bad || len(r.doneRoutines()) != 0 || r.m.State().Error == "" {
			t.Errorf("%s %s without a reason: %+v %+v", tt.id, tt.do, a, r.doneRoutines())
		}
		r.m.TypeRoutineReason(" why ")
		r.m.SendRoutineAsk()
		r.until(func() bool { return r.m.State().RoutineAsk == nil })
		if got := r.doneRoutines(); len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s %s: %+v", tt.id, tt.do, got)
		}
	}
	r := routineRig(t)
	r.m.DoEntry("run u1", chart.EndRun)
	r.m.TypeRoutineReason("half a")
	r.m.SetTab(chart.Notes)
	r.m.SetTab(chart.Routines)
	if r.m.State().RoutineAsk != nil {
		t.Error("the question stands there after one came back")
	}
	r.m.DoEntry("run u1", chart.EndRun)
	r.open("zofia", chart.Routines)
	if r.m.State().RoutineAsk != nil {
		t.Error("the question of one patient stands under another")
	}
}

// A step opens its page: a tab of the chart, or a page of the window.
func TestAStepOpensItsPage(t *testing.T) {
	r := routineRig(t)
	var turned []string
	r.m.OnPage = func(p string) { turned = append(turned, p) }
	r.m.DoEntry("step u1 e", chart.GoTo)
	if !slices.Equal(turned, []string{"handover"}) {
		t.Errorf("%v", turned)
	}
	r.m.DoEntry("step u1 b", chart.GoTo)
	if r.m.State().Tab != chart.Vitals {
		t.Errorf("%s", r.m.State().Tab)
	}
	r.m.DoEntry("step u1 b", chart.GoTo) // no list is open any more
	r.m.SetTab(chart.Routines)
	r.m.DoEntry("offer r1", chart.Begin)
	r.until(func() bool { return len(r.doneRoutines()) == 1 })
	if got := r.doneRoutines()[0]; got != (ward.StartRoutine{Patient: "folake", Routine: "r1"}) {
		t.Errorf("%+v", got)
	}
}

// What is drawn offers what can be done, and no more: nothing that is over can be
// ticked, and nothing is done that is not drawn.
func TestWhatIsOverCannotBeTicked(t *testing.T) {
	r := routineRig(t)
	r.m.DoEntry("run u2", chart.Fold)
	r.m.DoEntry("step u2 a", chart.Tick)
	r.m.DoEntry("step u9 a", chart.Tick)
	r.m.DoEntry("step u1 a", chart.Tick)
	r.quiet()
	if got := r.doneRoutines(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// No routine, and why: none, not read yet, no contact yet.
func TestNoRoutinesSaysWhy(t *testing.T) {
	for words, c := range map[string]ward.Chart{
		"this ward has none to begin": {AsOf: now},
		"no contact with the server":  {},
		"still being loaded":          {AsOf: now, Loading: ward.LoadingAll},
	} {
		c.Who.ID = "folake"
		m, _ := listed(t, c, chart.Routines)
		if got := m.State().List.Empty; !strings.Contains(got, words) {
			t.Errorf("%q, want %q", got, words)
		}
	}
}
