package chart

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"wardlight/internal/clinical/ward"
	view "wardlight/internal/station/view/chart"
	"wardlight/ui/theme"
)

// routinesOf gives Folake routines of every kind.
func routinesOf(t *testing.T, r *rig) {
	c := r.desk.charts["p07"]
	c.Offers = []ward.RoutineOffer{
		{Routine: "r1", Number: 3, Name: "Admission, adult ward", Kind: "admission", Steps: 10, Now: true, Came: at(22, "10:40")},
		{Routine: "r2", Number: 1, Name: "Discharge, adult ward", Kind: "discharge", Steps: 10, Site: true},
	}
	mary, grace := "Mary Okafor, charge nurse", "Grace Mensah, nurse"
	c.Routines = []ward.RoutineRun{
		{
			ID: "u1", Routine: "r3", Number: 2, Name: "Observation round", Kind: "round", State: ward.RunOpen, Late: true, Due: at(22, "14:00"), Started: at(22, "13:00"), By: mary, Open: 2, Unsent: true, Twice: true,
			Steps: []ward.StepDoes{
				{ID: "a", Words: "Right patient: name and date of birth asked", State: ward.StepDone, Marks: []ward.StepMark{{By: mary, At: at(22, "13:01")}, {By: grace, At: at(22, "13:02"), Mine: true}}},
				{ID: "b", Words: "Observations taken and scored", State: ward.StepOpen, Page: "observations"},
				{ID: "c", Words: "Lines looked at", State: ward.StepNotNeeded, Marks: []ward.StepMark{{Not: true, By: mary, At: at(22, "13:02"), Reason: "none in"}}},
				{ID: "d", Words: "Pain asked about", State: ward.StepDone, Both: true, Marks: []ward.StepMark{{By: grace, At: at(22, "13:03"), Mine: true}, {Not: true, By: mary, At: at(22, "13:04"), Reason: "asleep"}}},
				{ID: "e", Words: "The team told, where the score asks for it; who was told, and what they said, written as a note", State: ward.StepOpen, Page: "handover"},
			},
		},
		{ID: "u2", Routine: "r4", Number: 1, Name: "Discharge, adult ward", Kind: "discharge", State: ward.RunMistake, Started: at(21, "09:00"), By: grace, Ended: at(21, "09:02"), EndedBy: grace, Why: "it was bed 8", Open: 1, Steps: []ward.StepDoes{{ID: "a", Words: "One", State: ward.StepOpen}}},
	}
	r.desk.charts["p07"] = c
	r.open(t, "p07", view.Routines)
}

func routineTab(r *rig) *routines {
	l, _ := r.page.tab[view.Routines].(*routines)
	return l
}

// A step is ticked in one press: on its box, by Space, by Enter and by its button; a
// click beside the box only chooses.
func TestAStepIsTickedInOne(t *testing.T) {
	for name, press := range map[string]func(r *rig, l *routines){
		"Enter":  func(_ *rig, l *routines) { l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) },
		"Space":  func(_ *rig, l *routines) { l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace}) },
		"box":    func(_ *rig, l *routines) { l.list.OnClick("step u1 b", fyne.NewPos(theme.Px(20), 5)) },
		"button": func(_ *rig, l *routines) { l.acts[0].OnTap() },
	} {
		r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
		routinesOf(t, r)
		l := routineTab(r)
		r.choose(l.listing, "step u1 b")
		l.list.OnClick("step u1 b", fyne.NewPos(theme.Px(200), 5))
		if r.model.State().Busy || len(r.desk.commands()) != 0 {
			t.Fatal("choosing does something")
		}
		press(r, l)
		r.until(t, func() bool { return len(r.desk.commands()) == 1 })
		if got := r.desk.commands()[0]; got != (ward.MarkStep{Patient: "p07", Run: "u1", Step: "b"}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// What needs a reason is typed and sent by keyboard alone; Esc leaves the question and
// not the chart; the focus goes back to the list.
func TestAReasonIsGivenByKeyboard(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	routinesOf(t, r)
	l := routineTab(r)
	r.choose(l.listing, "step u1 b")
	l.acts[1].OnTap()
	if !l.ask.Visible() || r.win.Canvas().Focused() != l.reason.Focusable() {
		t.Fatal("the question is not asked, or has no focus")
	}
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if l.ask.Visible() || r.left != 0 || r.win.Canvas().Focused() != fyne.Focusable(l.list) {
		t.Fatal("Esc does more or less than to leave the question")
	}
	l.acts[1].OnTap()
	for _, c := range "seen before" {
		r.win.Canvas().Focused().TypedRune(c)
	}
	r.page.Key(&fyne.KeyEvent{Name: fyne.KeyF2})
	r.until(t, func() bool { return len(r.desk.commands()) == 1 && !l.ask.Visible() })
	if got := r.desk.commands()[0]; got != (ward.MarkStep{Patient: "p07", Run: "u1", Step: "b", Not: true, Reason: "seen before"}) {
		t.Errorf("%+v", got)
	}
}

// The row of a step that was ticked says by whom; the box is ticked, and by a sign, not
// by colour.
func TestATickedStepLooksTicked(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	routinesOf(t, r)
	row := newEntryRow()
	seen := 0
	for _, it := range routineTab(r).items() {
		row.set(it, false)
		if !strings.HasPrefix(it.ID, "step u1 ") {
			continue
		}
		seen++
		step := strings.TrimPrefix(it.ID, "step u1 ")
		if ticked := step == "a" || step == "d"; row.tick.Visible() != ticked || ticked && !strings.Contains(row.under.Text(), "Done by") {
			t.Errorf("%s: tick %v, %q", step, row.tick.Visible(), row.under.Text())
		}
	}
	if seen != 5 {
		t.Errorf("%d steps", seen)
	}
}

// Every step stands behind the column of the boxes, also one that has none because it was
// called not needed.
func TestAStepWithoutABoxStandsInLine(t *testing.T) {
	r := newRig(t, theme.Options{Mode: theme.Light, Scale: 1}, 1298, 702)
	routinesOf(t, r)
	c := r.desk.charts["p07"]
	c.Routines[0].Steps[2].Marks[0].Mine = true
	r.desk.charts["p07"] = c
	r.open(t, "p07", view.Routines)
	row, without := newEntryRow(), 0
	for _, it := range routineTab(r).items() {
		if !strings.HasPrefix(it.ID, "step u1 ") {
			continue
		}
		row.set(it, false)
		row.Resize(fyne.NewSize(theme.Px(900), theme.Px(row.high(theme.Px(900)))))
		if !row.box.Visible() {
			without++
		}
		if at := row.first.Position().X; at != theme.Px(entryBoxed) {
			t.Errorf("%s stands at %v", it.ID, at)
		}
	}
	if without != 1 {
		t.Errorf("%d steps without a box", without)
	}
}
