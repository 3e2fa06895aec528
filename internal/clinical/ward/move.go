package ward

import (
	"time"

	"wardlight/internal/clinical/fhir"
)

// Move is one thing that happened to a stay: it began, its place became another,
// it ended. At is when it happened, Recorded when the message that says so came;
// At is zero where nobody said when.
type Move struct {
	Stay     fhir.ID   `json:"stay"`
	N        int       `json:"n"` // counts those of one stay, from 1
	Kind     MoveKind  `json:"kind"`
	Place    string    `json:"place,omitempty"`  // "4B, bed 07"; "" where it is not known
	Before   string    `json:"before,omitempty"` // of MovePlace: where it was
	At       time.Time `json:"at,omitzero"`
	Recorded time.Time `json:"recorded,omitzero"`
	By       string    `json:"by,omitempty"`
	Unsent   bool      `json:"unsent,omitempty"`
	// Void: the whole stay was cancelled, or entered in error.
	Void bool `json:"void,omitempty"`
}

// MoveKind is what happened to a stay.
type MoveKind string

// The kinds. A place that became another may be a transfer, or one that was taken
// back: the message's words do not stay, so neither is claimed.
const (
	MoveExpected  MoveKind = "expected"
	MoveBegan     MoveKind = "began"
	MovePlace     MoveKind = "place"
	MoveEnded     MoveKind = "ended"
	MoveReopened  MoveKind = "reopened" // an ended stay goes on
	MoveCancelled MoveKind = "cancelled"
)
