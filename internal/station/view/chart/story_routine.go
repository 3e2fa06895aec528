package chart

import (
	"cmp"
	"fmt"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// routine tells a routine: that it was begun, what was said of each of its steps, and
// that it is over. What was said by mistake and taken back is in no entry: it is no
// word about the patient.
func (t *teller) routine(r *ward.RoutineRun) {
	id := string(r.ID)
	begun := Event{ID: "w:" + id, Kind: EventRoutine, At: r.Started, Head: words.F("Routine begun: %s", r.Name), Key: r.Name, By: r.By, Unsent: r.Unsent}
	begun.Words = words.F("version %d", r.Number) + ", " + words.N(len(r.Steps), "%d step", "%d steps")
	switch {
	case r.State == ward.RunMistake:
		begun.Mark, begun.Void = words.T("begun by mistake"), true
	case r.State == ward.RunOpen && r.Late:
		begun.Mark = words.N(r.Open, "late, %d step open", "late, %d steps open")
	case r.State == ward.RunOpen:
		begun.Mark = words.N(r.Open, "%d step open", "%d steps open")
	}
	t.add(begun, r.Started, true)
	for _, s := range r.Steps {
		for i, m := range s.Marks {
			t.add(stepEvent(r, s, i, m), m.At, true)
		}
	}
	if r.Ended.IsZero() {
		return
	}
	over := Event{ID: "z:" + id, Kind: EventRoutine, At: r.Ended, Head: words.F("Routine finished: %s", r.Name), Key: r.Name, By: r.EndedBy, Words: r.Why, Unsent: r.Unsent}
	switch r.State {
	case ward.RunLeft:
		over.Head = words.N(r.Open, "Routine ended with %d step open: %s", "Routine ended with %d steps open: %s", r.Name)
	case ward.RunMistake:
		over.Head = words.F("Routine called a mistake: %s", r.Name)
	}
	t.add(over, r.Ended, true)
}

// stepEvent is what somebody said of a step. Of a run that was a mistake it is struck:
// the step may have been somebody else's.
func stepEvent(r *ward.RoutineRun, s ward.StepDoes, i int, m ward.StepMark) Event {
	e := Event{
		ID: fmt.Sprintf("k:%s:%s:%d", r.ID, s.ID, i), Kind: EventRoutine, At: m.At, Head: r.Name + ": " + s.Words, Key: s.Words, By: m.By,
		Words: words.T("done"), Void: r.State == ward.RunMistake,
	}
	if m.Not {
		e.Words = words.F("not needed: %s", cmp.Or(m.Reason, words.T("no reason given")))
	}
	if e.Void {
		e.Mark = words.T("begun by mistake")
	}
	if s.Both && m.Not {
		e.Mark = words.T("somebody else did it")
	}
	return e
}
