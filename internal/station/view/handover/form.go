package handover

import (
	"context"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// Kind is what a form is for.
type Kind string

// The forms.
const (
	Give   Kind = "give"   // to whom the listed patients are handed over
	Write  Kind = "write"  // the texts of one patient
	Accept Kind = "accept" // the receiver's signature under one patient
	Calls  Kind = "call"   // a call about one patient
)

// Fields of the forms.
const (
	FieldTo             = "to"
	FieldSummary        = "summary"
	FieldContingency    = "contingency"
	FieldSynthesis      = "synthesis"
	FieldCalled         = "called"
	FieldSituation      = "situation"
	FieldBackground     = "background"
	FieldAssessment     = "assessment"
	FieldRecommendation = "recommendation"
	FieldReadBack       = "readback"
)

// Form is what somebody is writing. It belongs to the patient it was begun for.
type Form struct {
	Kind     Kind
	Who      ward.Identity // not of Give
	Line     Line          // as it was when the form was begun
	Severity ward.Severity // chosen; "" is the record's
	Text     map[string]string
	Patients []ward.PatientID // of Give
	Names    []string         // of Give: who is handed over, in words
	Reading  bool             // the record is being read
	Kept     string           // "Draft kept 14:05", of one that was begun before
}

// GiveTo begins a giving of the listed patients.
func (m *Model) GiveTo() {
	if m.state.Busy || len(m.state.Lines) == 0 {
		return
	}
	f := &Form{Kind: Give, Text: map[string]string{}}
	for _, l := range m.state.Lines {
		f.Patients = append(f.Patients, l.Sheet.Who.ID)
		f.Names = append(f.Names, strings.TrimSpace(l.Sheet.Who.Bed+" "+l.Sheet.Who.ShowName()))
	}
	m.open(f)
}

// WriteOpen begins writing the texts of the chosen patient.
func (m *Model) WriteOpen() {
	l, ok := m.line(m.state.Open)
	if !ok {
		return
	}
	m.open(&Form{Kind: Write, Who: l.Sheet.Who, Line: l, Text: map[string]string{
		FieldSummary: joined(l.Sheet.Summary), FieldContingency: joined(l.Sheet.Contingency),
	}})
}

// joined are all wordings that stand, so that whoever writes anew has both before
// them.
func joined(list []ward.Wording) string {
	var out []string
	for _, w := range list {
		out = append(out, w.Text)
	}
	return strings.Join(out, "\n")
}

// AcceptOpen begins accepting the chosen patient.
func (m *Model) AcceptOpen() {
	if l, ok := m.line(m.state.Open); ok && l.CanAccept {
		m.open(&Form{Kind: Accept, Who: l.Sheet.Who, Line: l, Text: map[string]string{}})
	}
}

// CallOpen begins a call about the chosen patient: the record is looked at, and
// the look is written down.
func (m *Model) CallOpen() {
	l, ok := m.line(m.state.Open)
	if !ok || m.state.Busy {
		return
	}
	f := &Form{Kind: Calls, Who: l.Sheet.Who, Line: l, Text: map[string]string{}, Reading: true}
	m.open(f)
	m.calls++
	call := m.calls
	go func() {
		err := m.desk.Open(context.Background(), f.Who.ID)
		var c ward.Call
		if err == nil {
			c, err = m.desk.Call(context.Background(), f.Who.ID)
		}
		m.d.Do(func() {
			if call == m.calls { // and no form that was opened again since
				m.filled(f, c, err)
			}
		})
	}()
}

// filled puts what the record says into the form that asked for it.
func (m *Model) filled(f *Form, c ward.Call, err error) {
	if m.state.Form == nil || m.state.Form.Kind != Calls || m.state.Form.Who.ID != f.Who.ID || !m.state.Form.Reading {
		return
	}
	m.change(func(f *Form) {
		f.Reading = false
		for field, text := range map[string]string{FieldSituation: c.Situation, FieldBackground: c.Background, FieldAssessment: c.Assessment} {
			if f.Text[field] == "" {
				f.Text[field] = text
			}
		}
	})
	if err != nil {
		m.state.Error = base.Words(err)
		m.show(m.state)
	}
}

func (m *Model) open(f *Form) {
	m.forms++
	m.typed = false
	m.state.Form, m.state.Error = f, ""
	m.show(m.state)
	m.recall()
}

// Leave closes the form and forgets what was typed in it; it reports whether it was
// open.
func (m *Model) Leave() bool {
	if m.state.Form == nil {
		return false
	}
	m.drop(m.state.Form)
	m.state.Form, m.state.Error = nil, ""
	m.show(m.state)
	return true
}

// edit is a change that a person makes: it is kept.
func (m *Model) edit(fn func(*Form)) {
	if m.state.Form == nil {
		return
	}
	m.typed = true
	m.change(fn)
	m.keep()
}

func (m *Model) change(fn func(*Form)) {
	if m.state.Form == nil {
		return
	}
	next := *m.state.Form
	next.Text = map[string]string{}
	for k, v := range m.state.Form.Text {
		next.Text[k] = v
	}
	fn(&next)
	m.state.Form, m.state.Error = &next, ""
	m.show(m.state)
}

// Type takes every change of a field.
func (m *Model) Type(field, text string) { m.edit(func(f *Form) { f.Text[field] = text }) }

// Say chooses a severity, or takes the choice back.
func (m *Model) Say(s ward.Severity) {
	m.edit(func(f *Form) {
		if f.Severity == s {
			s = ""
		}
		f.Severity = s
	})
}

// Save signs or saves what the form holds.
func (m *Model) Save() {
	f := m.state.Form
	if f == nil || m.state.Busy {
		return
	}
	cmds, said := f.commands()
	if said != "" {
		m.state.Error = said
		m.show(m.state)
		return
	}
	m.do(cmds, func(made []fhir.ID) {
		m.drop(f)
		m.state.Form = nil
		if f.Kind == Give {
			m.offer(f, made)
		}
	})
}

// offer is the way back of a giving.
func (m *Model) offer(f *Form, made []fhir.ID) {
	u := &Undo{Words: words.N(len(f.Patients), "%d patient given to %s", "%d patients given to %s", strings.TrimSpace(f.Text[FieldTo]))}
	for i, id := range f.Patients {
		if i < len(made) {
			u.given = append(u.given, ward.TakeBackHandover{Patient: id, Given: made[i]})
		}
	}
	m.state.Undo = u
}

// commands are what the form asks for; words say what is missing.
func (f *Form) commands() (cmds []ward.Command, said string) {
	switch f.Kind {
	case Give:
		if strings.TrimSpace(f.Text[FieldTo]) == "" {
			return nil, words.F("Say to whom you hand over. Nothing was saved.")
		}
		return []ward.Command{ward.GiveHandover{Patients: f.Patients, To: strings.TrimSpace(f.Text[FieldTo])}}, ""
	case Accept:
		return []ward.Command{ward.AcceptHandover{Patient: f.Who.ID, Given: f.Line.Sheet.Given.ID, Synthesis: f.Text[FieldSynthesis]}}, ""
	case Calls:
		if strings.TrimSpace(f.Text[FieldCalled]) == "" {
			return nil, words.F("Say who was called. Nothing was saved.")
		}
		return []ward.Command{ward.RecordCall{
			Patient: f.Who.ID, Called: f.Text[FieldCalled], Situation: f.Text[FieldSituation], Background: f.Text[FieldBackground],
			Assessment: f.Text[FieldAssessment], Recommendation: f.Text[FieldRecommendation], ReadBack: f.Text[FieldReadBack],
		}}, ""
	case Write:
	}
	return f.written()
}

// written are the parts that somebody changed; what was left alone is not saved
// again under another name.
func (f *Form) written() (cmds []ward.Command, said string) {
	s := f.Line.Sheet
	for _, p := range []struct {
		part, text string
		before     []ward.Wording
	}{
		{ward.PartSeverity, string(f.Severity), s.Said},
		{ward.PartSummary, strings.TrimSpace(f.Text[FieldSummary]), s.Summary},
		{ward.PartContingency, strings.TrimSpace(f.Text[FieldContingency]), s.Contingency},
	} {
		if p.text == "" && p.part != ward.PartSeverity && len(p.before) > 0 {
			return nil, words.T("An earlier text is not emptied: write what is right now. Nothing was saved.")
		}
		if p.text == "" || p.text == strings.TrimSpace(joined(p.before)) {
			continue
		}
		c := ward.WriteHandover{Patient: f.Who.ID, Part: p.part, Text: p.text}
		for _, w := range p.before {
			c.Replaces = append(c.Replaces, w.ID)
		}
		cmds = append(cmds, c)
	}
	if len(cmds) == 0 {
		return nil, words.T("Nothing was changed, so nothing was saved.")
	}
	return cmds, ""
}
