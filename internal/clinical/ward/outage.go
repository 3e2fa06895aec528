package ward

import (
	"time"

	"wardlight/internal/clinical/fhir"
)

// OutageReport is what a loss of contact left behind, for the person who has
// to go through it: what came in, what was written here and what became of it,
// and what waits for somebody.
type OutageReport struct {
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to,omitzero"`     // zero: contact is still lost
	Drill    bool            `json:"drill,omitempty"` // it was practised
	CaughtUp bool            `json:"caughtUp"`        // everything that came in at central meanwhile is here
	Rebuilt  bool            `json:"rebuilt"`         // central was set back meanwhile: what came in is told by its time alone
	Patients []OutagePatient `json:"patients"`        // whoever needs a person first
	Away     int             `json:"away"`            // entries written here about patients who are not on this computer any more
	Counts   OutageCounts    `json:"counts"`
	Level    Level           `json:"level"` // of all patients together
	Earlier  []Outage        `json:"earlier,omitempty"`
}

// OutageCounts are the totals of a report, or of one patient in it.
type OutageCounts struct {
	CameIn  int `json:"cameIn"`
	Written int `json:"written"` // here, by people; all of the following are among them
	Unsent  int `json:"unsent"`
	Applied int `json:"applied"` // as written
	Merged  int `json:"merged"`  // together with somebody else's change
	Review  int `json:"review"`  // went up and needed a person
	Refused int `json:"refused"`
	Waiting int `json:"waiting"` // questions that wait for a person now
}

// OutagePatient is one patient's part of the report.
type OutagePatient struct {
	Who     Identity     `json:"who"`
	CameIn  []OutageLine `json:"cameIn"`  // newest first
	Written []OutageLine `json:"written"` // in the order of writing
	Waiting []OutageLine `json:"waiting"` // open questions, oldest first
	More    int          `json:"more"`    // lines left out
	Counts  OutageCounts `json:"counts"`
	Hash    string       `json:"hash"`              // of what this computer holds about the patient
	Central string       `json:"central,omitempty"` // of what central holds, as it says
	Level   Level        `json:"level"`
}

// OutageLine is one entry in a report.
type OutageLine struct {
	Ref     fhir.Ref  `json:"ref"`
	Kind    string    `json:"kind"`  // result, report, vital sign, allergy, note, order, task, taken, stay, patient, warning, question, other
	Words   string    `json:"words"` // "Potassium 6.8 mmol/L"
	By      string    `json:"by"`
	At      time.Time `json:"at"`
	Outcome string    `json:"outcome,omitempty"` // of an own entry: unsent, applied, merged, review, refused
	Why     string    `json:"why,omitempty"`     // central's words
}

// Level says whether this computer and central hold the same, word for word.
type Level string

// The levels. What was not compared is not known to be equal, and never shown
// as if it were.
const (
	LevelUnknown Level = "not-compared"
	LevelEqual   Level = "equal"
	LevelDiffers Level = "differs"
)
