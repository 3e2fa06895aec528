package chart

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// The kinds of drafts. A new wording is kept with the name of its note, so that
// it is not taken for a new note later.
const (
	kindNote    = "note"
	kindNoteAt  = "note-at" // when it was true
	kindEdit    = "edit"
	kindVitals  = "vitals"
	kindOrder   = "order"
	kindProblem = "problem"
	kindAllergy = "allergy"
)

// wording is the draft of a new wording.
type wording struct {
	Note string `json:"note"`
	Text string `json:"text"`
}

func (m *Model) noteKind() string {
	if m.state.Editing != "" {
		return kindEdit
	}
	return kindNote
}

// keepNote keeps the note as it is now.
func (m *Model) keepNote() {
	body := m.state.Note
	if m.state.Editing != "" {
		b, err := json.Marshal(wording{Note: m.state.Editing, Text: body})
		if err != nil {
			return
		}
		body = string(b)
	}
	m.drafts.Put(m.state.ID, m.noteKind(), body)
}

// TypeNote takes every change of the note's text.
func (m *Model) TypeNote(text string) {
	if m.state.ID == "" || text == m.state.Note {
		return
	}
	m.state.Note, m.state.NoteAsk, m.typed = text, nil, true
	m.keepNote()
	m.forgetWords()
}

// TypeNoteAt takes when what the note says was true; zero is now.
func (m *Model) TypeNoteAt(at time.Time) {
	if m.state.ID == "" || at.Equal(m.state.NoteAt) {
		return
	}
	m.state.NoteAt, m.state.NoteAsk, m.typed = at, nil, true
	if at.IsZero() {
		m.drafts.Drop(m.state.ID, kindNoteAt)
	} else {
		m.drafts.Put(m.state.ID, kindNoteAt, at.Format(time.RFC3339))
	}
	m.forgetWords()
}

// forgetWords takes away what was said about the state before a change.
func (m *Model) forgetWords() {
	if m.state.Error == "" && m.state.Saved == "" {
		return
	}
	m.state.Error, m.state.Saved = "", ""
	m.show(m.state)
}

// EditNote begins a new wording of a note. What was begun before must be saved
// or cleared first: it is never written over.
func (m *Model) EditNote(n ward.Note) {
	if strings.TrimSpace(m.state.Note) != "" && m.state.Editing != string(n.ID) {
		m.state.Error = words.T("You have begun another note. Save or clear it first; it is kept.")
		m.show(m.state)
		return
	}
	m.state.Editing, m.state.Note, m.state.Error, m.state.Saved, m.typed = string(n.ID), n.Text, "", "", true
	m.show(m.state)
}

// ClearNote forgets what was begun, because the person said so.
func (m *Model) ClearNote() {
	m.drafts.Drop(m.state.ID, m.noteKind())
	m.drafts.Drop(m.state.ID, kindNoteAt)
	m.state.Note, m.state.Editing, m.state.Error, m.state.Saved = "", "", "", ""
	m.state.NoteAt, m.state.NoteAsk = time.Time{}, nil
	m.show(m.state)
}

// SaveNote saves the note; its draft goes once it is saved.
func (m *Model) SaveNote() { m.saveNote(false) }

// KeepNoteTime saves a note of whose time it was asked.
func (m *Model) KeepNoteTime() {
	if len(m.state.NoteAsk) > 0 { // else a late press would confirm what comes next
		m.saveNote(true)
	}
}

func (m *Model) saveNote(confirmed bool) {
	text := strings.TrimSpace(m.state.Note)
	if text == "" {
		m.state.Error = words.T("There is nothing to save yet. Type the note first.")
		m.show(m.state)
		return
	}
	id, kind, typed := m.state.ID, m.noteKind(), m.state.Note
	cmd := ward.WriteNote{Patient: id, Text: text, Edit: fhir.ID(m.state.Editing), Confirmed: confirmed}
	if cmd.Edit == "" { // a new wording keeps the time of its note
		cmd.True = m.state.NoteAt
	}
	m.do(cmd, func(here bool) {
		if !here {
			m.drafts.Drop(id, kind)
			m.drafts.Drop(id, kindNoteAt)
			return
		}
		m.state.NoteAsk = nil
		if m.state.Note == typed { // what was typed meanwhile stays
			m.state.Note, m.state.Editing, m.state.NoteAt = "", "", time.Time{}
			m.drafts.Drop(id, kind)
			m.drafts.Drop(id, kindNoteAt)
		}
	})
}

// TypeVitals takes every change of the observations form.
func (m *Model) TypeVitals(set ward.VitalSet) {
	if m.state.ID == "" {
		return
	}
	if set.At.IsZero() {
		set.At = m.state.Vitals.At
	}
	if set.At.IsZero() {
		set.At = m.now().Truncate(time.Minute)
	}
	m.state.Vitals, m.state.Ask, m.state.Error, m.state.Saved, m.typed = set, nil, "", "", true
	if b, err := json.Marshal(set); err == nil {
		m.drafts.Put(m.state.ID, kindVitals, string(b))
	}
	m.watchSlips()
	m.score()
}

// scored is a score, and of which of the sets that were typed.
type scored struct {
	early ward.Early
	of    uint64
}

// scoresWithin is how long a key waits for the score of what it made, so that both
// are drawn in one frame.
const scoresWithin = 8 * time.Millisecond

// score scores what is typed, and shows it. A score that does not come at once is
// awaited with none on the screen: an old score under new values would be a wrong one.
func (m *Model) score() {
	m.mu.Lock()
	m.set = m.state.Vitals
	m.typedSets++
	m.mu.Unlock()
	m.state.Live, m.state.Scoring, m.state.ScoreError = ward.Early{}, true, ""
	m.scorer.Cancel() // one of what was typed before: nobody waits for it, and it keeps nobody waiting
	if !m.scorer.ReloadWithin(scoresWithin) {
		m.show(m.state)
	}
}

func (m *Model) scored(s scored, err error) {
	m.mu.Lock()
	current := s.of == m.typedSets
	m.mu.Unlock()
	if !current {
		return // of what was typed before
	}
	if err != nil {
		s.early = ward.Early{}
	}
	m.state.Live, m.state.Scoring, m.state.ScoreError = s.early, false, base.Words(err)
	m.show(m.state)
}

// SaveVitals saves the set. confirmed: the person was asked about improbable
// values and kept them.
func (m *Model) SaveVitals(confirmed bool) {
	if confirmed && len(m.state.Ask) == 0 {
		return // nothing was asked: a late press must not confirm what comes next
	}
	id, typed := m.state.ID, m.state.Vitals
	m.state.Slips = ward.Slips(typed)
	m.do(ward.RecordVitals{Patient: id, Set: typed, Confirmed: confirmed}, func(here bool) {
		if !here {
			m.drafts.Drop(id, kindVitals)
			return
		}
		if sameEntry(m.state.Vitals, typed) {
			m.ClearVitals()
		}
	})
}

func sameEntry(a, b ward.VitalSet) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

// ChangeVitals answers an improbable value: it is to be typed again.
func (m *Model) ChangeVitals() {
	m.state.Ask = nil
	m.show(m.state)
}

// ClearVitals empties the form.
func (m *Model) ClearVitals() {
	m.scorer.Cancel() // its answer is about what is no longer there
	m.state.Vitals, m.state.Live, m.state.Ask, m.state.Slips = ward.VitalSet{}, ward.Early{}, nil, nil
	m.state.Scoring, m.state.ScoreError = false, ""
	m.mu.Lock()
	m.set = ward.VitalSet{}
	m.mu.Unlock()
	m.drafts.Drop(m.state.ID, kindVitals)
	m.show(m.state)
}

// AddAllergy records an allergy. A form that was begun for another patient is
// refused.
func (m *Model) AddAllergy(a ward.AddAllergy) {
	if !m.mine(a.Patient) {
		return
	}
	a.Patient = m.state.ID
	if strings.TrimSpace(a.Substance) == "" {
		m.state.Error = words.T("Name the substance first.")
		m.show(m.state)
		return
	}
	doForm(m, &m.state.Allergy, kindAllergy, a)
}

// mine guards against a form that was drawn for another patient.
func (m *Model) mine(p ward.PatientID) bool {
	if p == "" || p == m.state.ID {
		return true
	}
	m.state.Error = words.T("That form belonged to another patient. Nothing was saved. Fill it in again.")
	m.show(m.state)
	return false
}

// RefuteAllergy says that a recorded allergy is none.
func (m *Model) RefuteAllergy(a ward.Allergy, reason string) {
	known := slices.ContainsFunc(m.state.Chart.AllergyList, func(o ward.Allergy) bool { return o.ID == a.ID })
	switch {
	case !known:
		m.state.Error = words.T("That allergy is not in this chart. Nothing was saved.")
	case strings.TrimSpace(reason) == "":
		m.state.Error = words.T("Say why it is no allergy first.")
	default:
		m.do(ward.RefuteAllergy{Patient: m.state.ID, Allergy: a.ID, Version: a.Version, Reason: reason}, nil)
		return
	}
	m.show(m.state)
}

// NoKnownAllergies records that the patient was asked and has none.
func (m *Model) NoKnownAllergies() { m.do(ward.NoKnownAllergies{Patient: m.state.ID}, nil) }

// TakeResult owns a result as it was drawn. One of another chart is refused.
func (m *Model) TakeResult(r ward.Result) {
	if !slices.ContainsFunc(m.state.Chart.Results, func(o ward.Result) bool { return o.ID == r.ID }) {
		m.state.Error = words.T("That result is not in this chart. Nobody has taken it.")
		m.show(m.state)
		return
	}
	m.do(ward.Take{Patient: m.state.ID, Result: r.ID, Version: r.Version, Kind: "taken"}, nil)
}

// Withdraw takes an acknowledgement back.
func (m *Model) Withdraw(o ward.Owned, reason string) {
	m.do(ward.Withdraw{Patient: m.state.ID, Task: o.Task, Reason: reason}, nil)
}

// Flush writes unfinished text now: the chart closes, the window locks, the
// program ends.
func (m *Model) Flush() { m.drafts.Flush() }
