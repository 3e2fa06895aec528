package ward

import (
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Stay is one stay or visit of a patient, as its newest version says it. What
// happened in it are the chart's Moves.
type Stay struct {
	ID     fhir.ID    `json:"id"`
	Status StayStatus `json:"status"`
	Number string     `json:"number,omitempty"` // of the visit, as sent
	Class  string     `json:"class,omitempty"`  // "inpatient"; a code of the sender's own as it is
	Place  string     `json:"place,omitempty"`  // "4B, bed 07"
	// Attending, Consultant and Referrer are names, as sent.
	Attending  []string  `json:"attending,omitempty"`
	Consultant []string  `json:"consultant,omitempty"`
	Referrer   []string  `json:"referrer,omitempty"`
	Begins     time.Time `json:"begins,omitzero"`
	Ends       time.Time `json:"ends,omitzero"`
	// BeginsText and EndsText have the precision that was sent.
	BeginsText string `json:"beginsText,omitempty"`
	EndsText   string `json:"endsText,omitempty"`
	By         string `json:"by,omitempty"` // who told of it first
	// Partial: its first version is not on this computer, so its Moves may not be all.
	Partial bool `json:"partial,omitempty"`
	// InReview: people wrote different things about it, and a person has to decide.
	InReview bool `json:"inReview,omitempty"`
	Unsent   bool `json:"unsent,omitempty"`
}

// StayStatus is where a stay stands, in one word.
type StayStatus string

// The statuses. Only the first two say that the patient is here.
const (
	StayHere      StayStatus = "here now"
	StayLeave     StayStatus = "on leave"
	StayExpected  StayStatus = "expected"
	StayEnded     StayStatus = "ended"
	StayCancelled StayStatus = "cancelled"
	StayError     StayStatus = "entered in error"
	StayUnknown   StayStatus = "status not known"
)

// Present says whether the patient is under care in this stay now.
func (s StayStatus) Present() bool { return s == StayHere || s == StayLeave }

// Void says whether the stay never took place.
func (s StayStatus) Void() bool { return s == StayCancelled || s == StayError }

// Length is how long a stay lasted, by the midnights that were crossed in the zone of
// its beginning (a night each, as the reports count) and the whole time beside it:
// "2 nights (2 d 8 h)", "5 h, no night". Where only days were said, hours are not:
// exact is false. "" where it cannot be told.
func Length(from, to time.Time, exact bool) string {
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return ""
	}
	to = to.In(from.Location())
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 12, 0, 0, 0, time.UTC) }
	nights := int(day(to).Sub(day(from)) / (24 * time.Hour))
	text := words.N(nights, "%d night", "%d nights")
	if nights == 0 {
		text = words.T("no night")
	}
	if !exact {
		return text
	}
	d := to.Sub(from)
	switch {
	case nights == 0:
		return words.F("%s, no night", Span(d))
	case d < 24*time.Hour:
		return text + " (" + Span(d) + ")"
	case d%(24*time.Hour) < time.Hour:
		return text + " (" + words.F("%d d", d/(24*time.Hour)) + ")"
	}
	return text + " (" + words.F("%d d %d h", d/(24*time.Hour), d%(24*time.Hour)/time.Hour) + ")"
}
