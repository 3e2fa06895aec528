package tasks

import (
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/words"
)

// Close is a task that is to leave the list without having been done here: it was
// handed on, or is not needed any more. Why is asked; without it nothing leaves.
type Close struct {
	Words  string // of the task
	Who    ward.Identity
	Reason string
	Bad    bool
	task   fhir.ID
	run    bool // it is a routine: it is ended with steps open, and has no way back
}

// CloseWords is what the field for the reason takes, in words.
func CloseWords() string { return words.T("Handed on to whom, or why it is not needed") }

// BeginClose asks why the chosen task leaves the list.
func (m *Model) BeginClose() {
	l, ok := m.line(m.state.Open)
	if !ok || m.state.Busy {
		return
	}
	m.state.Form, m.state.Error = nil, ""
	m.state.Close = &Close{Words: l.Words, Who: l.Who, task: l.Task, run: l.Run}
	m.show(m.state)
}

// TypeReason takes every change of the field.
func (m *Model) TypeReason(text string) {
	if m.state.Close == nil {
		return
	}
	next := *m.state.Close
	next.Reason, next.Bad = text, false
	m.state.Close, m.state.Error = &next, ""
	m.show(m.state)
}

// SaveClose takes the task off the list. saved is called where that was done.
func (m *Model) SaveClose(saved func()) {
	c := m.state.Close
	if c == nil || m.state.Busy {
		return
	}
	reason := strings.TrimSpace(c.Reason)
	if reason == "" {
		next := *c
		next.Bad = true
		m.state.Close, m.state.Error = &next, words.T("Say to whom it was handed on, or why it is not needed. Nothing was saved.")
		m.show(m.state)
		return
	}
	if c.run {
		m.do(ward.EndRoutine{Patient: c.Who.ID, Run: c.task, Reason: reason}, func() {
			m.state.Close, m.state.Undo = nil, nil
			saved()
		})
		return
	}
	gone := &Undo{Words: words.F("Taken off the list: %s", c.Words), patient: c.Who.ID, task: c.task}
	m.do(ward.FinishTask{Patient: c.Who.ID, Task: c.task, Cancelled: true, Reason: reason}, func() {
		m.state.Close, m.state.Undo = nil, gone
		saved()
	})
}
