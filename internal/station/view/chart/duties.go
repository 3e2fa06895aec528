package chart

import (
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
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
		head string
		list []Entry
	}{{words.C("state", "Open"), open}, {words.T("Ended today"), today}, {words.T("Earlier"), earlier}} {
		if len(g.list) > 0 {
			l.Entries = append(append(l.Entries, heading(g.head)), g.list...)
		}
	}
	parts := []string{words.F("%d open", len(open))}
	if late > 0 {
		parts = append(parts, words.F("%d overdue", late))
	}
	l.Words = []string{strings.Join(append(parts, words.F("%d ended today", len(today)), right(c, now)), ", ")}
	return l
}

func dutyEntry(d *ward.Duty, now time.Time) Entry {
	e := Entry{ID: string(d.ID), Head: d.Words, Key: d.Words}
	if d.Priority == ward.PriorityUrgent {
		e.Marks = append(e.Marks, Mark{words.T("URGENT"), Urgent})
	}
	given := words.T("for nobody yet")
	if who := d.For(); who != "" {
		given = words.F("for %s", who)
	}
	from := given + " · " + words.F("from %s, %s", ward.SayName(d.By), ward.Stamp(d.Made, now))
	if d.Status == "open" {
		e.Box = true
		e.Beside = []string{words.T("no time")}
		if !d.Due.IsZero() {
			e.Beside = []string{words.F("due %s", ward.Stamp(d.Due, now))}
		}
		if d.Late(now) {
			e.Bar = true
			e.Marks = append(e.Marks, Mark{words.F("overdue %s", ward.Span(now.Sub(d.Due))), Late})
		}
		e.Acts = []Act{{FinishDuty, words.T("Done")}}
	} else {
		e.Beside = []string{ward.Stamp(d.Ended, now)}
		mark := Mark{dutyWords(d.Status), Done}
		if d.Status != "done" {
			mark = Mark{words.T("not done here"), Plain}
		}
		e.Marks = append(e.Marks, mark)
		e.Lines = append(e.Lines, endedDuty(d.Status, ward.SayName(d.EndedBy), ward.Stamp(d.Ended, now)))
		e.Acts = []Act{{ReopenDuty, words.T("Finished by mistake: open again")}}
	}
	e.Lines = append(e.Lines, from)
	if d.Unsent {
		e.Marks = append(e.Marks, Mark{words.T("unsent"), Unsent})
	}
	return e
}

// dutyWords is the word of a to-do's status.
func dutyWords(status string) string {
	if status == "cancelled" {
		return words.C("task", "cancelled")
	}
	return ward.Said(status)
}

// endedDuty says by whom a to-do was ended, and when.
func endedDuty(status, by, at string) string {
	switch status {
	case "done":
		return words.F("Done by %s, %s", by, at)
	case "cancelled":
		return words.F("Cancelled by %s, %s", by, at)
	}
	return words.F("Ended by %s, %s", by, at)
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
	back := &Undo{Words: words.F("Done: %s", d.Words), patient: m.state.ID, cmd: again}
	m.do(ward.FinishTask{Patient: m.state.ID, Task: d.ID}, func(bool) { m.state.Undo = back })
}
