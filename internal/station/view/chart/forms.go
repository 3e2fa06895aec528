package chart

import (
	"encoding/json"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
)

// ProblemForm is a problem as it is being typed: nothing of it is recorded yet.
type ProblemForm struct {
	Words     string `json:"words,omitempty"`
	Certainty string `json:"certainty,omitempty"` // as in ward.RecordProblem
	Onset     string `json:"onset,omitempty"`     // as typed
	Note      string `json:"note,omitempty"`
}

// AllergyForm is an allergy as it is being typed.
type AllergyForm struct {
	Substance string `json:"substance,omitempty"`
	Reaction  string `json:"reaction,omitempty"`
	Severity  string `json:"severity,omitempty"`  // as in ward.AddAllergy
	Certainty string `json:"certainty,omitempty"` // likewise
	Note      string `json:"note,omitempty"`
}

// TypeProblem takes every change of the form for a problem; an empty one is left.
func (m *Model) TypeProblem(f ProblemForm) { typeForm(m, &m.state.Problem, kindProblem, f) }

// TypeAllergy takes every change of the form for an allergy.
func (m *Model) TypeAllergy(f AllergyForm) { typeForm(m, &m.state.Allergy, kindAllergy, f) }

func typeForm[T comparable](m *Model, at *T, kind string, f T) {
	if m.state.ID == "" || f == *at {
		return
	}
	*at, m.typed = f, true
	base.PutForm(m.drafts, m.state.ID, kind, f)
	m.forgetWords()
}

// doForm gives the command that a form was for; once it is saved the form is empty and
// its draft gone, unless something else was typed meanwhile.
func doForm[T comparable](m *Model, at *T, kind string, cmd ward.Command) {
	id, typed := m.state.ID, *at
	m.do(cmd, func(here bool) {
		if here {
			if *at != typed {
				return
			}
			var nothing T
			*at = nothing
		}
		m.drafts.Drop(id, kind)
	})
}

// restoreForm puts back a form that its author had begun.
func restoreForm[T comparable](m *Model, at *T, k ward.Draft) {
	var nothing, kept T
	if *at == nothing && json.Unmarshal([]byte(k.Body), &kept) == nil {
		*at, m.state.Saved = kept, m.keptWords(k)
	}
}
