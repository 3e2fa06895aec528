// Package ward is the vocabulary of the bedside: what a screen shows (read
// models), what a person asks for (commands) and what the station tells its
// screens (notices). Desk makes read models and takes commands; view models
// arrange them; widgets draw them; headless prints them as JSON. None of them
// computes a clinical fact of its own.
//
// Read models are immutable once handed out: copy before changing. Every time
// is an instant by central's clock as far as it is known, and every list says
// how old it is (AsOf). Values are strings in the sender's own digits; a float
// beside one is for drawing a trend, never for showing.
package ward

import (
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// PatientID is the id of a Patient resource.
type PatientID = fhir.ID

// ResultID names one result: an Observation.
type ResultID = fhir.ID

// Link is whether the station reaches central, since when, and what it holds.
type Link struct {
	Connected   bool      `json:"connected"`
	Sealed      bool      `json:"sealed,omitempty"`    // this computer's copy is not open: somebody has to sign in
	Since       time.Time `json:"since"`               // of the present state
	Ever        bool      `json:"ever"`                // whether there was ever contact
	AsOf        time.Time `json:"asOf"`                // everything up to here is here
	Server      string    `json:"server,omitempty"`    // the address in use
	Refused     string    `json:"refused,omitempty"`   // central turned this computer away, in words
	Withdrawn   bool      `json:"withdrawn,omitempty"` // for good: this computer may show patients to nobody
	Feeds       []Feed    `json:"feeds"`
	Unsent      int       `json:"unsent"`
	UnsentSince time.Time `json:"unsentSince,omitzero"`
	Sending     bool      `json:"sending"`
	Loading     *Progress `json:"loading,omitempty"` // a first filling under way
	LastOutage  *Outage   `json:"lastOutage,omitempty"`
	// Unreached are wards, this one included, that have not seen a critical
	// result: somebody who can be reached has to tell them.
	Unreached []Unreached `json:"unreached,omitempty"`
	// Drill is a practised downtime that goes on: no contact, because somebody chose so.
	Drill *Drill `json:"drill,omitempty"`
}

// Drill is a practised downtime: this computer exchanges nothing with the server, by a
// person's choice, and ends that by itself.
type Drill struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	By    string    `json:"by"`
}

// Unreached is a ward on none of whose screens its critical results have been
// shown, as central says.
type Unreached struct {
	Ward  string    `json:"ward"`
	Count int       `json:"count"`
	Since time.Time `json:"since"`
	Here  bool      `json:"here,omitempty"` // it is this computer's own ward: whoever reads this can look themselves
}

// Feed is one source of data behind central.
type Feed struct {
	Name string    `json:"name"`
	Last time.Time `json:"last,omitzero"`
	Up   bool      `json:"up"`
}

// Progress counts resources.
type Progress struct {
	// Part is what comes now: see record.Part. 0 where it comes in no order.
	Part  uint8  `json:"part,omitempty"`
	Done  uint64 `json:"done"`
	Total uint64 `json:"total"` // 0: not known
	// Waiting says that the server fills other computers first; Before, how many.
	Waiting bool   `json:"waiting,omitempty"`
	Before  uint32 `json:"before,omitempty"`
}

// Outage is a past loss of contact and what was made of the entries made in it.
type Outage struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Drill   bool      `json:"drill,omitempty"` // it was practised
	Entries int       `json:"entries"`         // made here meanwhile
	Sent    int       `json:"sent"`
	Reviews int       `json:"reviews"`
}

// AllergyState is which of the four banner sentences holds (NHS Common User
// Interface, patient banner).
type AllergyState string

// The four states. The last two never look like the second.
const (
	AllergyKnown       AllergyState = "known"
	AllergyNone        AllergyState = "none-known"
	AllergyNotRecorded AllergyState = "not-recorded"
	AllergyUnavailable AllergyState = "unavailable"
)

// AllergyLine is the allergies mark of a board row or a banner.
type AllergyLine struct {
	State    AllergyState `json:"state"`
	Worst    string       `json:"worst,omitempty"`    // "Penicillin"
	WorstHow string       `json:"worstHow,omitempty"` // "anaphylaxis (severe)"
	Others   []string     `json:"others,omitempty"`   // "trimethoprim: rash"
	Review   bool         `json:"review"`             // a disagreement waits for a person
}

// Allergy is one entry of the allergies page.
type Allergy struct {
	ID          fhir.ID   `json:"id"`
	Version     uint64    `json:"version"`
	Substance   string    `json:"substance"`
	Reaction    string    `json:"reaction,omitempty"`
	Severity    string    `json:"severity,omitempty"`    // mild, moderate, severe
	Criticality string    `json:"criticality,omitempty"` // low, high, unable-to-assess
	Certainty   string    `json:"certainty"`             // confirmed, unconfirmed, refuted, entered-in-error
	NoneKnown   bool      `json:"noneKnown"`
	Active      bool      `json:"active"`
	Recorded    time.Time `json:"recorded,omitzero"`
	By          string    `json:"by,omitempty"`
	Note        string    `json:"note,omitempty"`
	Unsent      bool      `json:"unsent"`
	InReview    bool      `json:"inReview"`
}

// Risk is a NEWS2 clinical risk band (RCP NEWS2 2017, chart 2).
type Risk string

// The bands.
const (
	RiskLow       Risk = "low"
	RiskLowMedium Risk = "low-medium" // a 3 in one parameter
	RiskMedium    Risk = "medium"
	RiskHigh      Risk = "high"
)

// Early is a NEWS2 score as shown.
type Early struct {
	Known      bool      `json:"known"` // false: no set yet
	Total      int       `json:"total"`
	AtLeast    bool      `json:"atLeast"`           // incomplete: Total is a minimum
	Missing    []string  `json:"missing,omitempty"` // "temperature"
	Risk       Risk      `json:"risk,omitempty"`
	Scale      int       `json:"scale,omitempty"`   // 1 or 2
	Refused    string    `json:"refused,omitempty"` // "not scored: under 16"
	At         time.Time `json:"at,omitzero"`       // of the oldest value of the set
	Trend      []int     `json:"trend,omitempty"`   // the last complete sets, oldest first, this one last where it counts
	From       int       `json:"from"`              // the complete total before this one
	FromAt     time.Time `json:"fromAt,omitzero"`
	HasFrom    bool      `json:"hasFrom"`
	Last       int       `json:"last,omitempty"` // of an incomplete score: the last complete one
	LastAt     time.Time `json:"lastAt,omitzero"`
	HasLast    bool      `json:"hasLast,omitempty"`
	Due        time.Time `json:"due,omitzero"` // of the next set
	Continuous bool      `json:"continuous"`   // watch continuously
	// Interval says whose the interval to the next set is, and of which version; in a
	// chart and of what is being typed only.
	Interval string `json:"interval,omitempty"`
	Response string `json:"response,omitempty"`
	Unsent   bool   `json:"unsent"`
	Oxygen   bool   `json:"oxygen"`
	Parts    []Part `json:"parts,omitempty"`
}

// Part is one parameter's share of a NEWS2 score.
type Part struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Points  int    `json:"points"`
	Missing bool   `json:"missing"`
}

// Identity is who a patient is, as a banner says it.
type Identity struct {
	ID         PatientID `json:"id"`
	Family     string    `json:"family"` // as sent; shown in capitals
	Given      string    `json:"given"`
	Title      string    `json:"title,omitempty"`
	Born       string    `json:"born,omitempty"`       // FHIR date
	Age        string    `json:"age,omitempty"`        // "72y"
	Gender     string    `json:"gender"`               // Female, Male, Other, Not known
	Number     string    `json:"number,omitempty"`     // "999 041 7732" or another identifier
	NumberName string    `json:"numberName,omitempty"` // "NHS No."
	Ward       string    `json:"ward,omitempty"`
	Bed        string    `json:"bed,omitempty"`
	Consultant string    `json:"consultant,omitempty"`
	Died       string    `json:"died,omitempty"` // FHIR dateTime, or "date not known"
	Temporary  bool      `json:"temporary"`
	Retired    bool      `json:"retired"`        // merged into another
	Into       PatientID `json:"into,omitempty"` // that other one
	Similar    bool      `json:"similar"`        // somebody with a similar name is on the ward
}

// Owned is what somebody did about a result.
type Owned struct {
	Task      fhir.ID   `json:"task"`
	Kind      string    `json:"kind"` // taken, acting, handed-to
	By        string    `json:"by"`
	User      string    `json:"user"`
	At        time.Time `json:"at"`
	To        string    `json:"to,omitempty"`
	ActBy     time.Time `json:"actBy,omitzero"` // until when taking it holds the ladder
	Unsent    bool      `json:"unsent"`
	Withdrawn bool      `json:"withdrawn"`
	Earlier   bool      `json:"earlier"` // was for an earlier version of the result
}

// Result is one result as shown.
type Result struct {
	ID            ResultID  `json:"id"`
	Version       uint64    `json:"version"`
	Test          string    `json:"test"`
	LOINC         string    `json:"loinc,omitempty"`
	Panel         string    `json:"panel,omitempty"`
	Value         string    `json:"value"`            // comparator and digits as sent, or the text
	Text          bool      `json:"text"`             // a text result: never a number
	Number        float64   `json:"number,omitempty"` // for trends only
	HasNumber     bool      `json:"hasNumber"`
	Unit          string    `json:"unit,omitempty"`
	Range         string    `json:"range,omitempty"`
	RangeLow      *float64  `json:"rangeLow,omitempty"`
	RangeHigh     *float64  `json:"rangeHigh,omitempty"`
	Flag          Flag      `json:"flag"`
	Critical      bool      `json:"critical"`
	Urgent        bool      `json:"urgent"`
	MayBe         bool      `json:"mayBe"`              // "<2.6": may be critical
	Rule          string    `json:"rule,omitempty"`     // which alert rule makes it critical, see Rule.ID
	Quiet         string    `json:"quiet,omitempty"`    // why it interrupts nobody although it is critical: it repeats what somebody had taken
	Why           []string  `json:"why,omitempty"`      // "ward limit 6.5", "laboratory flag HH"
	UrgentBy      []string  `json:"urgentBy,omitempty"` // of what is urgent, in the same words
	CritLow       *float64  `json:"critLow,omitempty"`
	CritHigh      *float64  `json:"critHigh,omitempty"`
	Status        string    `json:"status"`           // the word shown: preliminary, final, corrected, cancelled, withdrawn …
	Absent        string    `json:"absent,omitempty"` // "no result: haemolysed"
	Collected     time.Time `json:"collected,omitzero"`
	CollectedText string    `json:"collectedText,omitempty"` // with the precision sent
	Received      time.Time `json:"received,omitzero"`
	Late          string    `json:"late,omitempty"`
	Notes         []string  `json:"notes,omitempty"`
	// Documents are those that came with it; in a chart alone.
	Documents []Document `json:"documents,omitempty"`
	Remarks   []string   `json:"remarks,omitempty"` // machine-made: "no earlier final seen"
	Before    *Earlier   `json:"before,omitempty"`  // the version that this one corrects
	History   []Earlier  `json:"history,omitempty"`
	Owned     []Owned    `json:"owned,omitempty"`
	// Phoned are the calls by which it was told, and Mismatch that one of them
	// said something else than the laboratory sent, in words.
	Phoned   []Phoned `json:"phoned,omitempty"`
	Mismatch string   `json:"mismatch,omitempty"`
	Open     bool     `json:"open"` // critical, or corrected after someone saw it, and nobody has it
	Reopened bool     `json:"reopened"`
}

// Earlier is a version of a result that is no longer current.
type Earlier struct {
	Version uint64    `json:"version"`
	Value   string    `json:"value"`
	Unit    string    `json:"unit,omitempty"`
	Status  string    `json:"status"`
	At      time.Time `json:"at,omitzero"`
	Seen    bool      `json:"seen"` // somebody acknowledged it
}

// Flag is a value's place against its range, in one word and one shape.
type Flag string

// The flags.
const (
	FlagNone         Flag = ""
	FlagHigh         Flag = "H"
	FlagLow          Flag = "L"
	FlagAbnormal     Flag = "A"
	FlagCriticalHigh Flag = "CRITICAL HIGH"
	FlagCriticalLow  Flag = "CRITICAL LOW"
	FlagCritical     Flag = "CRITICAL"
)

// Row is one patient on the board.
type Row struct {
	Who       Identity    `json:"who"`
	Early     Early       `json:"news2"`
	Allergies AllergyLine `json:"allergies"`
	Critical  *Result     `json:"critical,omitempty"` // the newest open or owned critical
	Criticals int         `json:"criticals"`
	Corrected *Result     `json:"corrected,omitempty"` // corrected after somebody saw it
	Held      *HeldBack   `json:"heldBack,omitempty"`  // a critical value that is not filed and is, or may be, theirs
	HeldMore  int         `json:"heldMore,omitempty"`  // others like it
	New       int         `json:"new"`                 // results nobody acknowledged
	Others    int         `json:"others,omitempty"`    // beside the critical one: critical or new, each once
	NewWhat   string      `json:"newWhat,omitempty"`   // the first three of NewNames
	NewNames  []string    `json:"newNames,omitempty"`  // their panels, or tests, each once; the newest first, eight at most
	NewKinds  int         `json:"newKinds,omitempty"`  // how many there are of those
	Urgent    *Result     `json:"urgent,omitempty"`    // of the new ones, the newest that is beyond an urgent limit
	Urgents   int         `json:"urgents,omitempty"`   // how many are
	NewAt     time.Time   `json:"newAt,omitzero"`
	Tasks     int         `json:"tasks"`
	Routines  int         `json:"routines,omitempty"`     // that are open
	Overdue   int         `json:"routinesLate,omitempty"` // of those, late
	Handover  *Waiting    `json:"handover,omitempty"`     // a handover that nobody has accepted; its Patients are not set
	Orders    int         `json:"orders,omitempty"`       // that wait: not withdrawn, no result yet
	Flags     []string    `json:"flags,omitempty"`
	Unsent    int         `json:"unsent"`
	UnsentAt  time.Time   `json:"unsentAt,omitzero"`
	AsOf      time.Time   `json:"asOf"`
	Mine      bool        `json:"mine"`
	Whole     bool        `json:"-"` // of the record; else only who and where, and what overtook the rest
	Loading   Loading     `json:"loading,omitempty"`
}

// Board is a ward's rows, in no order. They are shared and never change: what
// changes is another row. Their AsOf is not set, because it is the same for all
// that are whole.
type Board struct {
	Rows []*Row
	// Left are those who left with a critical result for which the ward keeps them.
	// They are on no list of who is here.
	Left []LeftRow
	// Inbox is how many lines the results inbox has (see InboxLine).
	Inbox int
	AsOf  time.Time
	// Own is the own list of whoever the rows were read for. Their rows say so (Mine).
	Own OwnList
	// Version is another one whenever a row is; 0 where nobody keeps count.
	Version uint64
}

// OwnList is a person's own list of patients.
type OwnList struct {
	User     string      // whose
	Patients []PatientID // on it, sorted; of joined records the one that shows their entries
	Away     []*Row      // of those, whoever lies on no ward of this computer, in no order
	Absent   int         // of those, whose record is not on this computer
	Lost     bool        // it could not be read: nobody knows who is on it
}

// LeftRow is the row of somebody who left.
type LeftRow struct {
	*Row
	Leaving Leaving
}

// Urgency orders the board: 3 critical or NEWS2 7+, 2 threshold 5–6, 1 a
// single 3 or a correction to look at, 0 steady.
type Urgency int

// Alert is one critical result that a person must take.
type Alert struct {
	Who       Identity    `json:"who"`
	Early     Early       `json:"news2"`
	Allergies AllergyLine `json:"allergies"`
	Result    Result      `json:"result"`
	Since     time.Time   `json:"since"` // available to us
	Ladder    []Rung      `json:"ladder"`
	Context   []Fact      `json:"context,omitempty"`
	Trend     []Result    `json:"trend,omitempty"` // same test, oldest first
	// Held, where set, is what the value stands in: it is held back, Who is nobody,
	// and Result is the warning's, not an entry of anybody's record.
	Held *HeldBack `json:"heldBack,omitempty"`
	// Left, where set, says that the patient has left, and that this ward keeps them
	// for it: Who is in no bed, and what stands here is nobody's who is in theirs.
	Left *Leaving `json:"left,omitempty"`
}

// Rung is one step of the escalation ladder.
type Rung struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	Note string    `json:"note,omitempty"`
	// OnCall is who that is by the rota: "Dr A, on call until 08:00"; Told what
	// became of messages to them.
	OnCall string   `json:"onCall,omitempty"`
	Told   []string `json:"told,omitempty"`
	State  string   `json:"state"` // due (its time has come; nobody knows that it was done), next, later
}

// Fact is a labelled line.
type Fact struct {
	Label string `json:"label"`
	Words string `json:"words"`
	Kind  string `json:"kind,omitempty"` // FactAllergies; "" of what is drawn like any other
}

// FactAllergies is the kind of the fact that says the allergies, whatever its label is in
// the language in use: their four states have signs of their own.
const FactAllergies = "allergies"

// Side is one of the two entries of a review.
type Side struct {
	Ref      string    `json:"ref"` // what DecideReview names
	Title    string    `json:"title"`
	Quote    string    `json:"quote,omitempty"`
	Who      string    `json:"who"`
	Place    string    `json:"place"`
	When     time.Time `json:"when"`
	Sent     time.Time `json:"sent,omitzero"`
	CouldSee string    `json:"couldSee,omitempty"`
	InForce  bool      `json:"inForce"`
}

// Asked is that somebody put a review to a colleague.
type Asked struct {
	ID     fhir.ID   `json:"id"`
	To     string    `json:"to"` // a name or a role
	Words  string    `json:"words,omitempty"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Unsent bool      `json:"unsent"`
}

// Review is a disagreement that waits for a person.
type Review struct {
	ID       fhir.ID   `json:"id"`
	Version  uint64    `json:"version"`
	Who      Identity  `json:"who"`
	About    string    `json:"about,omitempty"` // the type of what the sides are: "AllergyIntolerance"
	Short    string    `json:"short"`           // "Penicillin allergy: two answers"
	Question string    `json:"question"`        // "Is she allergic to penicillin?"
	Story    string    `json:"story"`
	Sides    []Side    `json:"sides"`
	Neither  bool      `json:"neither,omitempty"` // "neither" may be chosen
	Asked    []Asked   `json:"asked,omitempty"`   // oldest first; the question stays open
	Made     time.Time `json:"made"`
	Decided  string    `json:"decided,omitempty"`
	Unsent   bool      `json:"unsent"`
}

// Note is one written note, with its earlier wordings.
type Note struct {
	ID      fhir.ID   `json:"id"`
	Text    string    `json:"text"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`            // when it was written down
	True    time.Time `json:"true,omitzero"` // when what it says was true; zero: then, too
	Unsent  bool      `json:"unsent"`
	Earlier []Note    `json:"earlier,omitempty"`
}

// When is when what a note says was true.
func (n Note) When() time.Time {
	if n.True.IsZero() {
		return n.At
	}
	return n.True
}

// VitalSet is one set of observations as entered or shown. Values are the
// digits typed; "" is not measured.
type VitalSet struct {
	At            time.Time `json:"at"`
	Respirations  string    `json:"respirations,omitempty"`
	SpO2          string    `json:"spo2,omitempty"`
	Oxygen        *bool     `json:"oxygen,omitempty"` // nil: not recorded
	Systolic      string    `json:"systolic,omitempty"`
	Diastolic     string    `json:"diastolic,omitempty"`
	Pulse         string    `json:"pulse,omitempty"`
	Consciousness string    `json:"consciousness,omitempty"` // A, C, V, P, U
	Temperature   string    `json:"temperature,omitempty"`
	Pain          string    `json:"pain,omitempty"`
	Urine         string    `json:"urine,omitempty"`
	Early         Early     `json:"news2"`
	By            string    `json:"by,omitempty"`
	Recorded      time.Time `json:"recorded,omitzero"` // when the last of it was written down; At is when it was true
	Unsent        bool      `json:"unsent"`
	Error         bool      `json:"error"` // entered in error
}

// Chart is everything about one patient that a chart page draws.
type Chart struct {
	Who         Identity    `json:"who"`
	Joined      []PatientID `json:"joined,omitempty"` // retired records of the same person, whose entries are among these
	Early       Early       `json:"news2"`
	Allergies   AllergyLine `json:"allergies"`
	AllergyList []Allergy   `json:"allergyList"`
	Results     []Result    `json:"results"` // newest first
	Vitals      []VitalSet  `json:"vitals"`  // newest first
	Notes       []Note      `json:"notes"`   // newest first
	Orders      []Order     `json:"orders"`
	Tasks       []Duty      `json:"tasks"`
	Problems    []Problem   `json:"problems,omitempty"` // those that hold first, by rank
	Stays       []Stay      `json:"stays,omitempty"`    // who is here first
	Moves       []Move      `json:"moves,omitempty"`    // newest first
	// Routines are the runs, open ones first; Offers what can be begun.
	Routines []RoutineRun   `json:"routines,omitempty"`
	Offers   []RoutineOffer `json:"offers,omitempty"`

	Reviews   int        `json:"reviews"`
	HeldBack  []HeldBack `json:"heldBack,omitempty"` // not filed, and theirs or perhaps theirs: "no results" may not be said
	AsOf      time.Time  `json:"asOf"`
	FeedDown  bool       `json:"feedDown"` // "no results" may not be said
	Loading   Loading    `json:"loading,omitempty"`
	Emergency *Emergency `json:"emergency,omitempty"`
}

// Emergency is emergency access to one patient's record, while it lasts. The
// chart says so all the while.
type Emergency struct {
	Patient PatientID `json:"patient"`
	Until   time.Time `json:"until"`
	Reason  string    `json:"reason"`
}

// Person is who is signed in, or may sign in.
type Person struct {
	User   string    `json:"user"`
	Name   string    `json:"name"` // "Grace Mensah, nurse"
	Role   string    `json:"role"`
	Wards  []string  `json:"wards"`
	Last   time.Time `json:"last,omitzero"` // last here
	Drafts int       `json:"drafts"`
}

// SessionEnd is why a session ends that its owner did not end here.
type SessionEnd string

// Why a session ends.
const (
	EndedElsewhere SessionEnd = "elsewhere" // by its owner at another computer, or by an administrator
	EndedLong      SessionEnd = "long"      // it lasted as long as one may
)

// OpenSession is a person's session at one computer, as central knows it.
type OpenSession struct {
	Station   string    `json:"station"`
	Place     string    `json:"place"` // what colleagues call the computer
	Wards     []string  `json:"wards"`
	Since     time.Time `json:"since"` // when the PIN was last given there
	Seen      time.Time `json:"seen"`  // when the computer last said so
	How       string    `json:"how"`   // pin, offline, hospital
	Locked    bool      `json:"locked"`
	Here      bool      `json:"here"`
	Connected bool      `json:"connected"` // its link to the server stands
	Ending    bool      `json:"ending"`    // it was ended, and the computer has not said so yet
}

// ErrCodeNeeded says that name and PIN are right, and that the code of a second
// factor is to be given with them.
var ErrCodeNeeded = words.Errorf("This account has a second factor. Give the code that your app shows, or a recovery code.")

// Mistyped is a refusal for the PIN that was given, or for the one that was to be set: it is
// typed anew. It has the words of Err.
type Mistyped struct {
	New bool // it is the PIN that was to be set
	Err error
}

// Error is that of the refusal.
func (m *Mistyped) Error() string { return m.Err.Error() }

// Unwrap is the refusal.
func (m *Mistyped) Unwrap() error { return m.Err }

// Vouched is somebody whom the hospital's sign-in service vouched for, and what they
// still have to give before they are in.
type Vouched struct {
	Name  string `json:"name"`
	PIN   bool   `json:"pin"`   // a PIN to sign in by on this computer
	First bool   `json:"first"` // they have none anywhere
	Code  bool   `json:"code"`  // the code of their second factor
}

// Draft is text that its author has not finished.
type Draft struct {
	Patient PatientID `json:"patient"`
	Kind    string    `json:"kind"` // note, vitals
	Body    string    `json:"body"`
	Saved   time.Time `json:"saved"`
}
