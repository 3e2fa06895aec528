package base

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
)

// refusing makes one thing of each command and refuses the second.
type refusing struct{ asked int }

func (r *refusing) Do(context.Context, ward.Command) (ward.Done, error) {
	r.asked++
	if r.asked == 2 {
		return ward.Done{}, errors.New("no")
	}
	return ward.Done{Made: []fhir.ID{"made"}}, nil
}

func TestTheFirstRefusalEndsWhatIsCarriedOut(t *testing.T) {
	var q Queue
	desk := &refusing{}
	var made []fhir.ID
	var refused error
	Carry(&q, desk, make([]ward.Command, 3), func(m []fhir.ID, err error) { made, refused = m, err })
	untilBack(t, &q)
	if refused == nil || desk.asked != 2 || len(made) != 1 {
		t.Errorf("asked %d times, made %v, refused with %v", desk.asked, made, refused)
	}
}

func untilBack(t *testing.T, q *Queue) {
	t.Helper()
	for end := time.Now().Add(time.Minute); q.Drain() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it never came back")
		}
	}
}

func TestAPageIsBusyUntilItsHandsAreDone(t *testing.T) {
	var q Queue
	var busy bool
	var said string
	var story []string
	h := Hands{
		Dispatcher: &q, Desk: &refusing{}, Busy: &busy, Error: &said,
		Show:   func() { story = append(story, fmt.Sprintf("shown, busy %v, says %q", busy, said)) },
		Reload: func() { story = append(story, "read") },
	}
	do := func(n int, want ...string) {
		t.Helper()
		story = nil
		h.Do(make([]ward.Command, n), func(made []fhir.ID) { story = append(story, fmt.Sprintf("made %d", len(made))) })
		untilBack(t, &q)
		if !slices.Equal(story, want) {
			t.Errorf("it went\n%q, want\n%q", story, want)
		}
	}
	said = "an earlier refusal"
	do(1, `shown, busy true, says ""`, "made 1", `shown, busy false, says ""`, "read")
	do(1, `shown, busy true, says ""`, `shown, busy false, says "no"`, "read")
}
