package ward

import (
	"time"

	"wardlight/internal/clinical/fhir"
)

// Command is something a person asks the station to do. Exactly these types
// are commands; desk refuses any other.
type Command interface{ command() }

// Take owns a critical result: "I take it". Kind is taken, acting (Words says
// what was done) or handed-to (To says whom).
type Take struct {
	Patient PatientID
	Result  ResultID
	Version uint64 // the version that the person saw
	Kind    string
	Words   string
	To      string
}

// Withdraw takes an acknowledgement back; the duty is open again.
type Withdraw struct {
	Patient PatientID
	Task    fhir.ID
	Reason  string
}

// Acknowledge says that results of one patient were read and there is nothing to
// do: in the versions that the person saw. It never includes a critical or a
// corrected result: each of those is taken, acted on or handed over by itself.
type Acknowledge struct {
	Patient PatientID
	Results []ShownResult // all of this patient
}

// MarkShown says that critical results were drawn on an unlocked window, or that the
// wall told that there is one.
type MarkShown struct {
	Results []ShownResult
	OnWall  bool
}

// ShownResult is one result that was drawn.
type ShownResult struct {
	Patient PatientID
	Result  ResultID
	Version uint64
}

// RecordVitals saves a set of observations. Confirmed means that the person
// was asked about improbable values and kept them.
type RecordVitals struct {
	Patient   PatientID
	Set       VitalSet
	Confirmed bool
}

// AddAllergy records an allergy.
type AddAllergy struct {
	Patient   PatientID
	Substance string
	Reaction  string
	Severity  string
	Certainty string
	Note      string
}

// RefuteAllergy says that a recorded allergy is none.
type RefuteAllergy struct {
	Patient PatientID
	Allergy fhir.ID
	Version uint64 // as seen
	Reason  string
}

// NoKnownAllergies records that the patient was asked and has none.
type NoKnownAllergies struct{ Patient PatientID }

// WriteNote saves a note; with Edit it is a new wording of an earlier one.
type WriteNote struct {
	Patient PatientID
	Text    string
	Edit    fhir.ID
	// True is when what it says was true, where it is written down later, as from paper
	// after an outage; zero is now. A new wording keeps the time of its note.
	True      time.Time
	Confirmed bool // the person was asked about a time long ago, and keeps it
}

// SaveDraft keeps unfinished text for its author; an empty Body drops it.
type SaveDraft struct {
	Patient PatientID
	Kind    string
	Body    string
}

// PlaceOrder asks for a test.
type PlaceOrder struct {
	Patient PatientID
	Test    string
	Code    string // LOINC, or ""
	Reason  string // why in spite of a warning
}

// Neither is the Side of a Decide that takes no side: what is in force stays so,
// the reason says why, and a new entry says what is right.
const Neither = "neither"

// Ask puts a review to a colleague or a role. Everybody sees it; nothing is
// decided by it.
type Ask struct {
	Review fhir.ID
	To     string
	Words  string
}

// KeepOnList puts a patient on the person's own list, or takes them off it.
type KeepOnList struct {
	Patient PatientID
	Keep    bool
}

// Decide settles a review: Side is the ref of the chosen side, or Neither.
type Decide struct {
	Review  fhir.ID
	Version uint64
	Side    string
	Reason  string
}

func (Take) command()             {}
func (Withdraw) command()         {}
func (MarkShown) command()        {}
func (RecordVitals) command()     {}
func (AddAllergy) command()       {}
func (RefuteAllergy) command()    {}
func (NoKnownAllergies) command() {}
func (WriteNote) command()        {}
func (SaveDraft) command()        {}
func (PlaceOrder) command()       {}
func (KeepOnList) command()       {}
func (Decide) command()           {}
func (Ask) command()              {}
func (Acknowledge) command()      {}

// Done is what became of a command: saved on this computer, and the ids of
// what it made. Ask is set instead where the person must confirm first, in
// words ("Pulse 195: was 88 at 12:30. Keep it or change it?").
type Done struct {
	Made []fhir.ID `json:"made,omitempty"`
	Ask  []string  `json:"ask,omitempty"`
	// Later is what the person has to know of an act that is checked once more
	// when the network is back; "" for any other.
	Later string `json:"later,omitempty"`
}

// Notice tells that something changed; whoever shows it reads it again.
type Notice struct {
	Kind     NoticeKind  `json:"notice"`
	Patients []PatientID `json:"patients,omitempty"` // of NoticePatients; empty means all
}

// NoticeKind is what changed.
type NoticeKind string

// The notices.
const (
	NoticeLink     NoticeKind = "link"     // Link changed
	NoticePatients NoticeKind = "patients" // committed state of these patients changed
	NoticeAlert    NoticeKind = "alert"    // a critical result needs somebody, or no longer does
	NoticeReviews  NoticeKind = "reviews"  // reviews came or went
	NoticeSession  NoticeKind = "session"  // somebody signed in, out, or the window locked
	NoticeEnding   NoticeKind = "ending"   // the session is about to end: what is being typed is to be written now
	NoticeFailed   NoticeKind = "failed"   // the store failed; the words are in Trouble
)
