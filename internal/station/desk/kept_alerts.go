package desk

import (
	"time"

	"wardlight/internal/clinical/ward"
)

// cameAfter says whether a result came for the first time after its patient had
// left: of that one central's warning tells, which is an alert of its own.
func cameAfter(r *judged, left ward.Leaving) bool {
	return !left.At.IsZero() && firstCame(r).After(left.At)
}

// firstCame is when the first version of a result was received.
func firstCame(r *judged) time.Time {
	first := r.Received
	for _, e := range r.History {
		if e.At.Before(first) {
			first = e.At
		}
	}
	return first
}
