package merge

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// The same test asked for twice. Two people who cannot see each other's orders
// both ask for a potassium: both orders are kept, and neither is sent before
// somebody has said whether one blood sample will do. Whoever asks again on
// purpose names the order that they know of (supportingInfo), and is not asked.

// defaultWindow is for how long one request for a test makes another one
// doubtful, windows are the tests of which that is known better (LOINC). A
// blood culture is taken in pairs, a troponin again after hours.
const defaultWindow = 6 * time.Hour

var windows = map[string]time.Duration{
	"600-7":   10 * time.Minute,
	"67151-1": time.Hour,
	"89579-7": time.Hour,
	"2345-7":  time.Hour,
	"14749-6": time.Hour,
	"718-7":   4 * time.Hour,
	"4548-4":  60 * 24 * time.Hour,
}

// anOrder is one open request as the question sees it.
type anOrder struct {
	ref  fhir.Ref
	test string
	span time.Duration
	at   int64 // ms
	view fhir.ServiceRequest
}

// twice are the tests that were asked for more than once inside their window.
func (q questions) twice() []Story {
	byTest := map[string][]anOrder{}
	for ref, c := range q.current {
		if o, ok := openOrder(ref, c, q.versions[ref]); ok {
			byTest[o.test] = append(byTest[o.test], o)
		}
	}
	var stories []Story
	for _, orders := range byTest {
		for _, group := range within(orders) {
			s := Story{Question: QuestionTwice, Words: "Is this test wanted more than once?"}
			if name := group[0].view.Code.Words(); name != "" {
				s.Words = "Is " + name + " wanted more than once?"
			}
			for _, o := range group {
				s.Sides = append(s.Sides, q.orderSide(o))
			}
			s.Sides = append(s.Sides, bothSide(s.Sides, "All of them are wanted"))
			if !q.accepted(s) {
				stories = append(stories, s)
			}
		}
	}
	sortStories(stories)
	return stories
}

func openOrder(ref fhir.Ref, c record.Change, versions []record.Change) (anOrder, bool) {
	if ref.Type != fhir.TypeServiceRequest {
		return anOrder{}, false
	}
	v, err := fhir.View[fhir.ServiceRequest](c.Body)
	if err != nil || v.Code == nil {
		return anOrder{}, false
	}
	switch v.Status {
	case "active", "draft", "on-hold":
	default:
		return anOrder{}, false
	}
	o := anOrder{ref: ref, span: defaultWindow, at: madeAt(versions[0].Times), view: v}
	o.test = "words:" + strings.ToLower(strings.Join(strings.Fields(v.Code.Words()), " "))
	if code := v.Code.Code(fhir.SystemLOINC); code != "" {
		o.test = "loinc:" + code
		if span, known := windows[code]; known {
			o.span = span
		}
	}
	return o, o.test != "words:"
}

// madeAt is when something was made, by central's clock as far as that is
// known. A window of hours bears what a clock may be wrong by.
func madeAt(t record.Times) int64 {
	switch {
	case t.Station != 0 && t.Measured:
		return t.Station + t.Offset.Milliseconds()
	case t.Central != 0:
		return t.Central
	}
	return t.Station
}

// within are the groups of two and more orders of one test of which each lies
// in the window of the one before it; those that name another one of their
// group were made on purpose.
func within(orders []anOrder) [][]anOrder {
	slices.SortFunc(orders, func(a, b anOrder) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.ref.ID, b.ref.ID))
	})
	var groups [][]anOrder
	for i := 0; i < len(orders); {
		j := i + 1
		for j < len(orders) && orders[j].at-orders[j-1].at <= orders[j-1].span.Milliseconds() {
			j++
		}
		if group := unaware(orders[i:j]); len(group) > 1 {
			groups = append(groups, group)
		}
		i = j
	}
	return groups
}

func unaware(orders []anOrder) []anOrder {
	var out []anOrder
	for _, o := range orders {
		knew := slices.ContainsFunc(o.view.SupportingInfo, func(r fhir.Reference) bool {
			to, ok := r.Ref()
			return ok && slices.ContainsFunc(orders, func(other anOrder) bool { return other.ref == to && other.ref != o.ref })
		})
		if !knew {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b anOrder) int { return cmp.Compare(a.ref.ID, b.ref.ID) })
	return out
}

func (q questions) orderSide(o anOrder) Side {
	c := q.versions[o.ref][0]
	side := Side{
		ID: o.ref.String(), Ref: o.ref, Words: "Only the request of " + who(c.Author),
		Author: c.Author, Times: c.Times, Mutation: c.Mutation, Note: c.Reason,
	}
	if side.Note == "" && len(o.view.Note) > 0 {
		side.Note = o.view.Note[0].Text
	}
	return side
}

// bothSide is the answer that lets all sides stand.
func bothSide(sides []Side, words string) Side {
	return Side{ID: ChosenBoth, Ref: sides[0].Ref, Words: words, InForce: true}
}

// accepted says whether somebody has said before that these sides may all
// stand beside one another; a further one asks again.
func (q questions) accepted(s Story) bool {
	for _, had := range q.reviews {
		if had.Open || had.Question != s.Question || !slices.Equal(had.Chosen, []string{ChosenBoth}) {
			continue
		}
		all := true
		for _, side := range s.Sides {
			all = all && slices.ContainsFunc(had.Sides, func(h Side) bool { return h.ID == side.ID })
		}
		if all {
			return true
		}
	}
	return false
}

func sortStories(list []Story) {
	slices.SortFunc(list, func(a, b Story) int { return cmp.Compare(a.Sides[0].Ref.String(), b.Sides[0].Ref.String()) })
}

// MaySend says whether an order may go to the laboratory: it is active, and no
// open question is about it. tasks are the patient's Tasks.
func MaySend(order fhir.Resource, tasks []fhir.Resource) bool {
	v, err := fhir.View[fhir.ServiceRequest](order)
	if err != nil || v.Status != "active" {
		return false
	}
	ref := fhir.Ref{Type: fhir.TypeServiceRequest, ID: v.ID}
	for _, t := range tasks {
		s, err := StoryOf(t)
		if err != nil || !s.Open {
			continue
		}
		if slices.ContainsFunc(s.Sides, func(side Side) bool { return side.Ref == ref }) {
			return false
		}
	}
	return true
}

// ending is how a decision ends a side that was not chosen.
type ending struct {
	field  string
	to     json.RawMessage
	stands func(o fhir.Object) bool // the side has not ended by itself
	words  string
}

var (
	revoking = ending{
		field: "status", to: json.RawMessage(`"revoked"`), words: "Decided in a review: this request is not wanted.",
		stands: func(o fhir.Object) bool {
			return slices.Contains([]string{"active", "draft", "on-hold"}, statusOf(o))
		},
	}
	finishing = ending{
		field: "status", to: json.RawMessage(`"finished"`), words: "Decided in a review: the patient is in another bed.",
		stands: func(o fhir.Object) bool { return hereStatus[statusOf(o)] },
	}
)

// decideOne ends every side but the chosen one. Where all may stand, or people
// decided differently, every side that a decision ended stands again.
func (s Story) decideOne(how ending, sides map[fhir.Ref]fhir.Resource) ([]Effect, error) {
	var effects []Effect
	for _, side := range s.Sides {
		if side.ID == ChosenBoth {
			continue
		}
		ends := len(s.Chosen) == 1 && s.Chosen[0] != ChosenBoth && s.Chosen[0] != side.ID
		if s.Chosen[0] == ChosenNeither && s.Question == QuestionBeds {
			ends = false // a patient is somewhere
		}
		reason := how.words
		if !ends {
			reason = "Two people decided the review differently. All entries stand until somebody decides again."
		}
		ops, err := s.standOrEnd(sides[side.Ref], how, ends)
		if err != nil {
			return nil, err
		}
		if len(ops) > 0 {
			effects = append(effects, Effect{Ref: side.Ref, Ops: ops, Reason: reason})
		}
	}
	return effects, nil
}
