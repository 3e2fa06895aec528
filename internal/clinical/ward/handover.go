package ward

import (
	"time"

	"wardlight/internal/clinical/fhir"
)

// Severity is how ill a patient is, in the words of a handover (I-PASS, AHRQ).
type Severity string

// The severities. The empty one is not known: no score can be said.
const (
	Stable   Severity = "stable"
	Watcher  Severity = "watcher"
	Unstable Severity = "unstable"
)

// Parts of a handover that a person writes. They are never changed by the record.
const (
	PartSeverity    = "severity"    // the word of a Severity: a person's judgement beside the record's
	PartSummary     = "summary"     // who they are and what happened
	PartContingency = "contingency" // if … then …
)

// WriteHandover writes one part anew. Replaces are the wordings that its author
// had before them; one that somebody else wrote meanwhile stands beside it.
type WriteHandover struct {
	Patient  PatientID
	Part     string
	Text     string
	Replaces []fhir.ID
}

// GiveHandover hands patients over to somebody: the giver's signature. It is one
// statement for each patient, all of one giving.
type GiveHandover struct {
	Patients []PatientID
	To       string // a name or a role
}

// AcceptHandover is the receiver's signature, with what they repeated back.
type AcceptHandover struct {
	Patient   PatientID
	Given     fhir.ID // the statement that was on the screen
	Synthesis string
}

// TakeBackHandover takes a giving back, while nobody has accepted it.
type TakeBackHandover struct {
	Patient PatientID
	Given   fhir.ID
	Reason  string
}

// RecordCall writes down a call about a patient, as SBAR.
type RecordCall struct {
	Patient        PatientID
	Called         string // who was called
	Situation      string
	Background     string
	Assessment     string
	Recommendation string
	ReadBack       string // what the other repeated, or ""
}

func (WriteHandover) command()    {}
func (GiveHandover) command()     {}
func (AcceptHandover) command()   {}
func (TakeBackHandover) command() {}
func (RecordCall) command()       {}

// Wording is a part of a handover as somebody wrote it.
type Wording struct {
	ID     fhir.ID   `json:"id"`
	Text   string    `json:"text"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Unsent bool      `json:"unsent"`
}

// Dated is a fact of the record with its own time.
type Dated struct {
	Words string    `json:"words"`
	At    time.Time `json:"at,omitzero"`
	Flag  Flag      `json:"flag,omitempty"`
	// Urgent: it is a value beyond an urgent limit. Its words say so, too.
	Urgent bool `json:"urgent,omitempty"`
}

// Given is that somebody handed a patient over.
type Given struct {
	ID       fhir.ID    `json:"id"`
	Group    string     `json:"group"` // the giving that it was a part of
	By       string     `json:"by"`
	User     string     `json:"user"`
	To       string     `json:"to"`
	At       time.Time  `json:"at"`
	Due      time.Time  `json:"due"`     // until when it should be accepted
	Changed  bool       `json:"changed"` // a text was written since: what was given is not all that is shown
	Unsent   bool       `json:"unsent"`
	Accepted []Accepted `json:"accepted,omitempty"` // oldest first; two who signed apart are both kept
}

// Accepted is the signature of a receiver.
type Accepted struct {
	By        string    `json:"by"`
	User      string    `json:"user"`
	At        time.Time `json:"at"`
	Synthesis string    `json:"synthesis,omitempty"`
	Unsent    bool      `json:"unsent"`
}

// Late says whether nobody has accepted it in time.
func (g Given) Late(now time.Time) bool { return len(g.Accepted) == 0 && !now.Before(g.Due) }

// Sheet is one patient of a handover: what the record says, with times, and what
// people wrote.
type Sheet struct {
	Who       Identity    `json:"who"`
	Since     time.Time   `json:"since,omitzero"` // of the present stay
	Early     Early       `json:"news2"`
	Allergies AllergyLine `json:"allergies"`
	Flags     []string    `json:"flags,omitempty"`
	Severity  Severity    `json:"severity,omitempty"` // as the record has it
	Why       string      `json:"why"`                // what it is made of, with its time
	Said      []Wording   `json:"said,omitempty"`     // people's own word for it
	Summary   []Wording   `json:"summary,omitempty"`  // more than one: written apart, both stand
	Facts     []Dated     `json:"facts,omitempty"`
	Actions   []Duty      `json:"actions,omitempty"`
	// Routines are those that are open, whole: what is left of them is part of the actions.
	Routines    []RoutineRun `json:"routines,omitempty"`
	Situation   []Dated      `json:"situation,omitempty"`
	Contingency []Wording    `json:"contingency,omitempty"`
	Given       *Given       `json:"given,omitempty"`
	Mine        bool         `json:"mine"`
	Unsent      bool         `json:"unsent"` // something of it has no receipt yet
}

// Worst is the severity that counts: the worse of the record's and of what people
// said, so that nobody's "stable" hides a score.
func (s Sheet) Worst() Severity {
	worst := s.Severity
	for _, w := range s.Said {
		if said := Severity(w.Text); severityRank[said] > severityRank[worst] {
			worst = said
		}
	}
	return worst
}

var severityRank = map[Severity]int{Stable: 1, Watcher: 2, Unstable: 3}

// Valid says whether it is one of the three words.
func (s Severity) Valid() bool { return severityRank[s] > 0 }

// Handover is the sheets of a ward, by bed.
type Handover struct {
	Sheets   []Sheet   `json:"sheets"`
	AsOf     time.Time `json:"asOf"`
	FeedDown bool      `json:"feedDown"` // "no results" may not be said
	More     int       `json:"more"`     // patients beyond what one sheet holds
}

// Call is what a call about a patient begins with, filled from the record.
type Call struct {
	Who            Identity    `json:"who"`
	Allergies      AllergyLine `json:"allergies"`
	Situation      string      `json:"situation"`
	Background     string      `json:"background"`
	Assessment     string      `json:"assessment"`
	Recommendation string      `json:"recommendation"`
	AsOf           time.Time   `json:"asOf"`
}

// Waiting is a giving that nobody has accepted, for all its patients.
type Waiting struct {
	Group    string      `json:"group"`
	By       string      `json:"by"`
	To       string      `json:"to"`
	At       time.Time   `json:"at"`
	Due      time.Time   `json:"due"`
	Patients []PatientID `json:"patients"`
}
