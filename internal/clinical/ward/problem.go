package ward

import (
	"time"

	"wardlight/internal/clinical/fhir"
)

// Problem is a problem or a diagnosis of a patient.
type Problem struct {
	ID        fhir.ID       `json:"id"`
	Version   uint64        `json:"version"`
	Words     string        `json:"words"`           // as it was said; "" where only a number was
	Codes     []string      `json:"codes,omitempty"` // "N17.9, ICD-10: Acute kidney failure"
	Status    ProblemStatus `json:"status"`
	Certainty string        `json:"certainty,omitempty"` // confirmed, provisional, unconfirmed, differential
	Uses      []string      `json:"uses,omitempty"`      // admitting, working, final; a sender's own code as it is
	Rank      int           `json:"rank,omitempty"`      // 1 is the first; 0: not ranked
	Onset     string        `json:"onset,omitempty"`     // with the precision that was given
	Stay      fhir.ID       `json:"stay,omitempty"`      // the stay that it was given for
	StayWords string        `json:"stayWords,omitempty"` // "inpatient, 4B, bed 07, visit V1"
	By        string        `json:"by,omitempty"`        // who wrote it first
	Asserter  string        `json:"asserter,omitempty"`  // who made the diagnosis, as sent
	Recorded  time.Time     `json:"recorded,omitzero"`
	Ended     string        `json:"ended,omitempty"` // by whom and when it was ended or struck, and why
	EndedAt   time.Time     `json:"endedAt,omitzero"`
	Note      string        `json:"note,omitempty"`
	Remarks   []string      `json:"remarks,omitempty"`
	Sent      bool          `json:"sent,omitempty"` // another system wrote it
	InReview  bool          `json:"inReview,omitempty"`
	Unsent    bool          `json:"unsent,omitempty"`
	Undo      bool          `json:"undo,omitempty"` // the reader ended it, and may take that back
}

// ProblemStatus is where a problem stands.
type ProblemStatus string

// The statuses. One about which nobody said that it is over is active.
const (
	ProblemActive   ProblemStatus = "active"
	ProblemResolved ProblemStatus = "resolved"
	ProblemRefuted  ProblemStatus = "refuted"
	ProblemError    ProblemStatus = "entered in error"
)

// RecordProblem writes a problem down. Onset is a FHIR date, "" for not known.
type RecordProblem struct {
	Patient   PatientID
	Words     string
	Certainty string // confirmed, provisional; "" is unconfirmed
	Onset     string
	Note      string
}

// ResolveProblem says that a problem is over. The version is the one that was on the
// screen.
type ResolveProblem struct {
	Patient PatientID
	Problem fhir.ID
	Version uint64
	Reason  string // may be ""
}

// StrikeProblem says that a problem was entered in error: one that somebody wrote
// here. What another system sent, that system takes back.
type StrikeProblem struct {
	Patient PatientID
	Problem fhir.ID
	Version uint64
	Reason  string
}

// ReopenProblem takes back, by whoever did it, that a problem was resolved or struck;
// of one that somebody else resolved it says that it is there again.
type ReopenProblem struct {
	Patient PatientID
	Problem fhir.ID
}

func (RecordProblem) command()  {}
func (ResolveProblem) command() {}
func (StrikeProblem) command()  {}
func (ReopenProblem) command()  {}
