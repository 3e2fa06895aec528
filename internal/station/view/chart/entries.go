package chart

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// TypeNote takes every change of the note's text.
func (m *Model) TypeNote(text string) {
	if m.state.ID == "" || text == m.state.Note {
		return
	}
	m.state.Note = text
	m.drafts.put(m.state.ID, "note", text)
}

// EditNote begins a new wording of a note.
func (m *Model) EditNote(n ward.Note) {
	m.state.Editing, m.state.Note = string(n.ID), n.Text
	m.show(m.state)
}

// SaveNote saves the note; its draft goes once it is saved.
func (m *Model) SaveNote() {
	text := strings.TrimSpace(m.state.Note)
	if text == "" {
		m.state.Error = "There is nothing to save yet. Type the note first."
		m.show(m.state)
		return
	}
	m.do(ward.WriteNote{Patient: m.state.ID, Text: text, Edit: fhir.ID(m.state.Editing)}, func(ward.Done) {
		m.state.Note, m.state.Editing = "", ""
		m.drafts.drop(m.state.ID, "note")
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
	m.state.Vitals, m.state.Ask = set, nil
	if b, err := json.Marshal(set); err == nil {
		m.drafts.put(m.state.ID, "vitals", string(b))
	}
	m.score()
}

func (m *Model) score() {
	m.mu.Lock()
	m.set = m.state.Vitals
	m.mu.Unlock()
	m.scorer.Reload()
}

// SaveVitals saves the set. confirmed: the person was asked about improbable
// values and kept them.
func (m *Model) SaveVitals(confirmed bool) {
	m.do(ward.RecordVitals{Patient: m.state.ID, Set: m.state.Vitals, Confirmed: confirmed}, func(ward.Done) {
		m.ClearVitals()
	})
}

// ClearVitals empties the form.
func (m *Model) ClearVitals() {
	m.state.Vitals, m.state.Live, m.state.Ask = ward.VitalSet{}, ward.Early{}, nil
	m.mu.Lock()
	m.set = ward.VitalSet{}
	m.mu.Unlock()
	m.drafts.drop(m.state.ID, "vitals")
	m.show(m.state)
}

// AddAllergy records an allergy.
func (m *Model) AddAllergy(a ward.AddAllergy) {
	a.Patient = m.state.ID
	if strings.TrimSpace(a.Substance) == "" {
		m.state.Error = "Name the substance first."
		m.show(m.state)
		return
	}
	m.do(a, nil)
}

// RefuteAllergy says that a recorded allergy is none.
func (m *Model) RefuteAllergy(a ward.Allergy, reason string) {
	m.do(ward.RefuteAllergy{Patient: m.state.ID, Allergy: a.ID, Version: a.Version, Reason: reason}, nil)
}

// NoKnownAllergies records that the patient was asked and has none.
func (m *Model) NoKnownAllergies() { m.do(ward.NoKnownAllergies{Patient: m.state.ID}, nil) }

// TakeResult owns the selected critical result.
func (m *Model) TakeResult(r ward.Result) {
	m.do(ward.Take{Patient: m.state.ID, Result: r.ID, Version: r.Version, Kind: "taken"}, nil)
}

// Withdraw takes an acknowledgement back.
func (m *Model) Withdraw(o ward.Owned, reason string) {
	m.do(ward.Withdraw{Patient: m.state.ID, Task: o.Task, Reason: reason}, nil)
}

// Flush writes unfinished text now: the chart closes, the window locks, the
// program ends.
func (m *Model) Flush() { m.drafts.flush() }

// drafts writes unfinished text a moment after typing rests. Safe for
// concurrent use.
type drafts struct {
	desk  Desk
	mu    sync.Mutex
	write sync.Mutex // one write at a time, in order
	due   map[draftKey]string
	timer *time.Timer
}

type draftKey struct {
	patient ward.PatientID
	kind    string
}

func newDrafts(desk Desk) *drafts { return &drafts{desk: desk, due: map[draftKey]string{}} }

func (d *drafts) put(p ward.PatientID, kind, body string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.due[draftKey{p, kind}] = body
	if d.timer == nil {
		d.timer = time.AfterFunc(draftDelay, d.flush)
	}
}

// drop forgets a draft: what it held is saved.
func (d *drafts) drop(p ward.PatientID, kind string) {
	d.mu.Lock()
	d.due[draftKey{p, kind}] = ""
	d.mu.Unlock()
	go d.flush()
}

func (d *drafts) flush() {
	d.write.Lock()
	defer d.write.Unlock()
	d.mu.Lock()
	due := d.due
	d.due = map[draftKey]string{}
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.mu.Unlock()
	for k, body := range due {
		_, err := d.desk.Do(context.Background(), ward.SaveDraft{Patient: k.patient, Kind: k.kind, Body: body})
		if err != nil {
			d.again(k, body)
		}
	}
}

// again keeps what could not be written, unless something newer has come.
func (d *drafts) again(k draftKey, body string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, newer := d.due[k]; !newer {
		d.due[k] = body
	}
}
