package settings

import (
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
)

// LabelKeeper keeps on what this computer's labels are printed. LabelPaper answers from
// memory; the other may take the time of a disk.
type LabelKeeper interface {
	LabelPaper() string
	KeepLabelPaper(to string) error
}

// PaperChoice is one paper for labels.
type PaperChoice struct{ Paper, Label string }

// Papers are the choices, in order.
func Papers() []PaperChoice {
	words := map[string]string{ward.LabelSmall: "Labels of 70 × 35 mm", ward.LabelLarge: "Labels of 100 × 50 mm", ward.LabelSheet: "A4 sheets of 21 labels"}
	var out []PaperChoice
	for _, p := range ward.LabelPapers() {
		out = append(out, PaperChoice{p, words[p]})
	}
	return out
}

// LabelState is what is drawn.
type LabelState struct {
	Paper int // index of Papers
	Error string
}

// Labels is the view model of the paper for labels; it is the computer's, whoever uses
// it. Its methods are for the display's goroutine.
type Labels struct {
	keep     LabelKeeper
	dispatch base.Dispatcher
	show     func(LabelState)
	err      string
}

// NewLabels makes the model.
func NewLabels(keep LabelKeeper, d base.Dispatcher, show func(LabelState)) *Labels {
	return &Labels{keep: keep, dispatch: d, show: show}
}

// State is what is drawn now.
func (m *Labels) State() LabelState {
	s := LabelState{Error: m.err}
	for i, p := range Papers() {
		if p.Paper == m.keep.LabelPaper() {
			s.Paper = i
		}
	}
	return s
}

// Choose chooses one of Papers.
func (m *Labels) Choose(i int) {
	all := Papers()
	if i < 0 || i >= len(all) {
		return
	}
	go func() {
		err := m.keep.KeepLabelPaper(all[i].Paper)
		m.dispatch.Do(func() {
			m.err = ""
			if err != nil {
				m.err = "This could not be kept: it holds until the program ends. " + base.Words(err)
			}
			m.show(m.State())
		})
	}()
}
