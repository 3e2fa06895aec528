package merge

import (
	"cmp"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Which result was phoned. A phoned result and several that the laboratory sent,
// each of which may be it: no rule chooses, and both stand until a person has
// said which. The first side is the call itself, for "none of these": an answer
// that nobody wrote.

// PhonedStory is the question about one call. call and sent are current versions;
// words say what each of sent is.
func PhonedStory(call record.Change, sent []record.Change, words func(record.Change) string) Story {
	s := Story{Question: QuestionPhoned, Words: "Which result is the one that was phoned: " + words(call) + "?"}
	slices.SortFunc(sent, func(a, b record.Change) int { return cmp.Compare(a.Ref.ID, b.Ref.ID) })
	s.Sides = append(s.Sides, Side{ID: call.Ref.String(), Ref: call.Ref, Words: "None of these: the call was about another sample", InForce: true})
	for _, c := range sent {
		s.Sides = append(s.Sides, Side{ID: c.Ref.String(), Ref: c.Ref, Words: words(c), Author: c.Author, Times: c.Times, Mutation: c.Mutation})
	}
	return s
}

// PhonedChoice is what somebody decided about a call.
type PhonedChoice struct {
	Call   fhir.ID
	Asked  []fhir.ID
	Chosen fhir.ID // "": none of them
}

// PhonedAnswer reads a decided question about a call. ok is false for any other
// Task, while it is open, and where two people decided differently: then it is
// asked again, and until then nothing is decided.
func PhonedAnswer(s Story) (a PhonedChoice, ok bool) {
	if s.Question != QuestionPhoned || s.Open || len(s.Chosen) != 1 || len(s.Sides) < 2 {
		return a, false
	}
	a.Call = s.Sides[0].Ref.ID
	for _, side := range s.Sides[1:] {
		a.Asked = append(a.Asked, side.Ref.ID)
		if side.ID == s.Chosen[0] {
			a.Chosen = side.Ref.ID
		}
	}
	return a, true
}
