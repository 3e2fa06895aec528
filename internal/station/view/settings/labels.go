package settings

import (
	"wardlight/internal/clinical/ward"
	"wardlight/internal/station/view/base"
	"wardlight/internal/words"
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
	said := map[string]string{ward.LabelSmall: words.T("Labels of 70 × 35 mm"), ward.LabelLarge: words.T("Labels of 100 × 50 mm"), ward.LabelSheet: words.T("A4 sheets of 21 labels")}
	var out []PaperChoice
	for _, p := range ward.LabelPapers() {
		out = append(out, PaperChoice{p, said[p]})
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
	last     chan struct{} // closed when what was chosen last has been kept
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
	before, done := m.last, make(chan struct{})
	m.last = done
	go func() {
		if before != nil {
			<-before // of two quick choices the later one stays
		}
		err := m.keep.KeepLabelPaper(all[i].Paper)
		close(done)
		m.dispatch.Do(func() {
			m.err = ""
			if err != nil {
				m.err = words.F("This could not be kept: it holds until the program ends. %s", base.Words(err))
			}
			m.show(m.State())
		})
	}()
}
