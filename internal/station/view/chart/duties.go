package chart

import (
	"fmt"
	"slices"
	"time"

	"wardlight/internal/clinical/ward"
)

// What can be done with a task.
const (
	FinishDuty Deed = "finish"
	ReopenDuty Deed = "reopen-task"
)

// byMistake is why a task is open again, as on the page of tasks.
const byMistake = "finished by mistake"

// duties lists a patient's tasks: open ones by when they are due, what was done today
// and by whom, and the earlier ones.
func duties(c ward.Chart, now time.Time) Listing {
	var l Listing
	var open, today, earlier []Entry
	late := 0
	for i := range c.Tasks {
		d := &c.Tasks[i]
		switch e := dutyEntry(d, now); {
		case d.Status == "open":
			if d.Late(now) {
				late++
			}
			open = append(open, e)
		case !d.Ended.IsZero() && ward.Date(d.Ended) == ward.Date(now):
			today = append(today, e)
		default:
			earlier = append(earlier, e)
		}
	}
	if len(c.Tasks) == 0 {
		return l
	}
	for _, g := range []struct {
		words string
		list  []Entry
	}{{"Open", open}, {"Ended today", today}, {"Earlier", earlier}} {
		if len(g.list) > 0 {
			l.Entries = append(append(l.Entries, heading(g.words)), g.list...)
		}
	}
	words := fmt.Sprintf("%d open, ", len(open))
	if late > 0 {
		words += fmt.Sprintf("%d overdue, ", late)
	}
	l.Words = []string{words + fmt.Sprintf("%d ended today, ", len(today)) + right(c, now)}
	return l
}

func dutyEntry(d *ward.Duty, now time.Time) Entry {
	e := Entry{ID: string(d.ID), Head: d.Words, Key: d.Words}
	if d.Priority == ward.PriorityUrgent {
		e.Marks = append(e.Marks, Mark{"URGENT", Urgent})
	}
	given := "for nobody yet"
	if who := d.For(); who != "" {
		given = "for " + who
	}
	from := given + " · from " + d.By + ", " + ward.Stamp(d.Made, now)
	if d.Status == "open" {
		e.Box = true
		e.Beside = []string{"no time"}
		if !d.Due.IsZero() {
			e.Beside = []string{"due " + ward.Stamp(d.Due, now)}
		}
		if d.Late(now) {
			e.Bar = true
			e.Marks = append(e.Marks, Mark{"overdue " + ward.Span(now.Sub(d.Due)), Late})
		}
		e.Acts = []Act{{FinishDuty, "Done"}}
	} else {
		e.Beside = []string{ward.Stamp(d.Ended, now)}
		mark := Mark{d.Status, Done}
		if d.Status != "done" {
			mark = Mark{"not done here", Plain}
		}
		e.Marks = append(e.Marks, mark)
		e.Lines = append(e.Lines, sentence(d.Status)+" by "+d.EndedBy+", "+ward.Stamp(d.Ended, now))
		e.Acts = []Act{{ReopenDuty, "Finished by mistake: open again"}}
	}
	e.Lines = append(e.Lines, from)
	if d.Unsent {
		e.Marks = append(e.Marks, Mark{"unsent", Unsent})
	}
	return e
}

// doDuty finishes a task, and offers the way back, or opens it again.
func (m *Model) doDuty(id string, do Deed) {
	i := slices.IndexFunc(m.state.Chart.Tasks, func(d ward.Duty) bool { return string(d.ID) == id })
	if i < 0 {
		return
	}
	d := m.state.Chart.Tasks[i]
	again := ward.ReopenTask{Patient: m.state.ID, Task: d.ID, Reason: byMistake}
	if do == ReopenDuty {
		m.do(again, nil)
		return
	}
	back := &Undo{Words: "Done: " + d.Words, patient: m.state.ID, cmd: again}
	m.do(ward.FinishTask{Patient: m.state.ID, Task: d.ID}, func(bool) { m.state.Undo = back })
}
