package handover

import (
	"encoding/json"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
)

// draft is a form about one patient as it is kept while somebody writes it.
type draft struct {
	Severity ward.Severity     `json:"severity,omitempty"`
	Text     map[string]string `json:"text,omitempty"`
	// The texts that its author had before them. One that came since was not seen by
	// them, and stands beside what they write.
	Said        []ward.Wording `json:"said,omitempty"`
	Summary     []ward.Wording `json:"summary,omitempty"`
	Contingency []ward.Wording `json:"contingency,omitempty"`
}

// draftKinds are the forms that are kept: those about one patient.
var draftKinds = map[Kind]string{Write: "handover", Accept: "handover-accept", Calls: "handover-call"}

// keep keeps the form as it is now.
func (m *Model) keep() {
	f := m.state.Form
	kind := draftKinds[f.Kind]
	if kind == "" {
		return
	}
	s := f.Line.Sheet
	if b, err := json.Marshal(draft{f.Severity, f.Text, s.Said, s.Summary, s.Contingency}); err == nil {
		m.drafts.Put(f.Who.ID, kind, string(b))
	}
}

// drop forgets the draft of a form.
func (m *Model) drop(f *Form) {
	if kind := draftKinds[f.Kind]; kind != "" {
		m.drafts.Drop(f.Who.ID, kind)
	}
}

// recall puts back what its author had begun in a form that was just opened, unless
// they type in it already.
func (m *Model) recall() {
	f := m.state.Form
	kind := draftKinds[f.Kind]
	if kind == "" {
		return
	}
	form := m.forms
	base.Recall(m.d, m.desk, m.drafts, f.Who.ID, kind, func(d draft, at time.Time, err error) {
		if m.state.Form == nil || m.forms != form || m.typed {
			return
		}
		if err != nil {
			m.state.Error = base.Words(err)
			m.show(m.state)
			return
		}
		m.change(func(f *Form) {
			f.Severity = d.Severity
			for field, text := range d.Text {
				f.Text[field] = text
			}
			f.Kept = base.KeptWords(at, m.now())
			s := &f.Line.Sheet
			alike := sameTexts(s.Said, d.Said) && sameTexts(s.Summary, d.Summary) && sameTexts(s.Contingency, d.Contingency)
			if f.Kind == Write && !alike {
				f.Kept += ". " + words.T("Somebody has written here since: read it on the sheet. Your text will stand beside it.")
			}
			s.Said, s.Summary, s.Contingency = d.Said, d.Summary, d.Contingency
		})
	})
}

func sameTexts(a, b []ward.Wording) bool {
	if len(a) != len(b) {
		return false
	}
	seen := map[fhir.ID]bool{}
	for _, w := range a {
		seen[w.ID] = true
	}
	for _, w := range b {
		if !seen[w.ID] {
			return false
		}
	}
	return true
}

// Flush writes what is being typed now: the window locks, the program ends.
func (m *Model) Flush() { m.drafts.Flush() }

// resume is a form that is to be opened again.
type resume struct {
	who  ward.PatientID
	kind Kind
}

// Resume opens a form about a patient again: at once, or when the sheets have been read.
func (m *Model) Resume(who ward.PatientID, kind Kind) {
	if m.resume = nil; !m.state.Loaded {
		m.resume = &resume{who, kind}
		return
	}
	m.begin(resume{who, kind})
}

// begin opens the form; where the patient is on no sheet any more that is said.
func (m *Model) begin(r resume) {
	m.resume = nil
	m.SetFilter(All)
	m.Select(string(r.who))
	if m.state.Open != string(r.who) {
		m.state.Error = words.T("They are not on the ward’s sheets any more. What you wrote is kept.")
		m.show(m.state)
		return
	}
	switch r.kind {
	case Write:
		m.WriteOpen()
	case Accept:
		m.AcceptOpen()
	case Calls:
		m.CallOpen()
	case Give: // has no draft
	}
}
