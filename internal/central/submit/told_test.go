package submit_test

import (
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/told"
	"wardlight/sync/merge"
)

// madeUp are reasons that the stories here put into messages themselves.
var madeUp = []string{"OBX-11 is in no table; ask the laboratory", "the character set is not known; ask the sender", "OBX 2: the number cannot be read; ask the laboratory"}

// recognised holds every text that a story left in the journal for a ward against package
// told: why something is held back, and its words, why an entry was refused, what became
// of it, and every question with its answers. It runs at the end of every story, so that
// a text which is made of pieces is held, too, and one that nobody registered is found
// wherever a story brings it about.
func (h *hospital) recognised() {
	h.Helper()
	knows := func(s told.Set, text string) {
		h.Helper()
		for _, m := range madeUp {
			text = strings.ReplaceAll(text, m, "the entry is malformed")
		}
		if text != "" && !s.Knows(text) {
			h.Errorf("%s: %q is stored and not recognised: see package told", s, text)
		}
	}
	err := h.j.View(h.ctx(), func(r journal.Reader) error {
		for e, err := range r.Entries(0) {
			if err != nil {
				return err
			}
			for _, c := range e.Changes {
				taskTold(c, knows)
			}
			for _, got := range e.Receipts {
				if got.Outcome != record.Applied {
					knows(told.Reasons, got.Reason)
				}
			}
		}
		return nil
	})
	if err != nil { // the story ended with a journal that is out of reach
		h.Log(err)
	}
}

func taskTold(c record.Change, knows func(told.Set, string)) {
	t, err := fhir.View[fhir.Task](c.Body)
	if err != nil || c.Ref.Type != fhir.TypeTask || t.Code == nil {
		return
	}
	if s, err := merge.StoryOf(c.Body); err == nil {
		knows(told.Questions, s.Words)
		if s.Question != merge.QuestionField { // those are values of the record
			for _, side := range s.Sides {
				knowsAnswer(s, side, knows)
			}
		}
		return
	}
	if !t.Code.Has(fhir.SystemTaskCode, fhir.TaskHeldBack) || c.Author.Station != "" {
		return
	}
	knows(told.Warnings, t.Description)
	for _, p := range t.Input {
		switch {
		case p.ValueString == nil:
		case p.Type.Has(fhir.SystemTaskParam, fhir.ParamWhy):
			knows(told.Reasons, *p.ValueString)
		case p.Type.Has(fhir.SystemTaskParam, fhir.ParamPhone):
			knows(told.Owners, *p.ValueString)
		}
	}
}

// knowsAnswer: a result as an answer has no words of a sentence's, and is a result.
func knowsAnswer(s merge.Story, side merge.Side, knows func(told.Set, string)) {
	if s.Question == merge.QuestionPhoned && side.Ref != s.Sides[0].Ref {
		knows(told.Results, side.Words)
		return
	}
	knows(told.Answers, side.Words)
}
