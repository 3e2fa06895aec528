package merge

import (
	"cmp"
	"slices"
	"sync"

	"wardlight/internal/clinical/catalogue"
	"wardlight/internal/clinical/record"
)

// A test as a part of a panel, and by itself. One person asks for urea and
// electrolytes, another, who cannot see that, for a potassium: the panel holds it.
// Both are kept, and neither is sent before somebody has said whether the panel
// alone will do. The panel comes first of the sides: a question is one panel's, and
// holds all that was asked for beside it.

// listed are the tests that are known with what they hold.
var listed = sync.OnceValue(catalogue.Default)

// aListedOrder is an order with the test that it asks for.
type aListedOrder struct {
	anOrder
	is catalogue.Test
}

// parts are the panels a part of which was asked for by itself, inside its window,
// by somebody who did not know.
func (q questions) parts() []Story {
	var panels, singles []aListedOrder
	for ref, c := range q.current {
		o, ok := openOrder(ref, c, q.versions[ref])
		if !ok {
			continue
		}
		is, known := listed().TestOf(*o.view.Code)
		switch {
		case !known:
		case len(is.Members) > 1:
			panels = append(panels, aListedOrder{o, is})
		default:
			singles = append(singles, aListedOrder{o, is})
		}
	}
	var stories []Story
	for _, panel := range panels {
		if s, ok := q.partsOf(panel, singles); ok && !q.accepted(s) {
			stories = append(stories, s)
		}
	}
	sortStories(stories)
	return stories
}

// partsOf is the question about one panel.
func (q questions) partsOf(panel aListedOrder, singles []aListedOrder) (Story, bool) {
	var beside []aListedOrder
	for _, o := range singles {
		if o.is.Shares(panel.is) && near(o.anOrder, panel.anOrder) && len(unaware([]anOrder{o.anOrder, panel.anOrder})) == 2 {
			beside = append(beside, o)
		}
	}
	if len(beside) == 0 {
		return Story{}, false
	}
	slices.SortFunc(beside, func(a, b aListedOrder) int { return cmp.Compare(a.ref.ID, b.ref.ID) })
	s := Story{Question: QuestionPart, Words: panel.is.Name + " holds what was also asked for by itself. Is it wanted twice?"}
	s.Sides = append(s.Sides, q.namedSide(panel))
	for _, o := range beside {
		s.Sides = append(s.Sides, q.namedSide(o))
	}
	s.Sides = append(s.Sides, bothSide(s.Sides, "All of them are wanted"))
	return s, true
}

// near says whether a test was asked for within its window of a panel.
func near(part, panel anOrder) bool {
	apart := part.at - panel.at
	return max(apart, -apart) <= part.span.Milliseconds()
}

// namedSide is an order as an answer that says which test it leaves: the other
// one's may hold more.
func (q questions) namedSide(o aListedOrder) Side {
	side := q.orderSide(o.anOrder)
	side.Words = "Only " + o.is.Name + ", asked for by " + who(side.Author)
	return side
}

// who is a name for an author.
func who(a record.Author) string {
	return cmp.Or(a.Name, string(a.User), a.Sender, "somebody unnamed")
}
