package ward

import (
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Routine is a ward's checklist as a page shows it: clinical/routine says what its
// words mean.
type Routine struct {
	ID      fhir.ID       `json:"id,omitempty"`
	Version uint64        `json:"version"` // central's; 0: it is not in the record yet
	Number  int           `json:"number"`  // as people count: version 3
	Name    string        `json:"name"`
	Kind    string        `json:"kind"` // admission, discharge, round, other
	Ward    string        `json:"ward"` // "" is the whole site
	Within  int           `json:"within,omitempty"`
	Off     bool          `json:"off,omitempty"`
	Starter string        `json:"starter,omitempty"` // which starter it was made of
	Steps   []RoutineStep `json:"steps"`
	By      string        `json:"by,omitempty"` // of the version in force
	At      time.Time     `json:"at,omitzero"`
	// Counted is up to when central counted its runs, over all patients; zero where only
	// the patients on this computer are counted.
	Counted time.Time `json:"counted,omitzero"`
	Runs    int       `json:"runs"` // how often it was begun, as far as was counted
	// Earlier are the versions before, newest first, as far as this computer was
	// sent them; central keeps all.
	Earlier []RoutineVersion `json:"earlier,omitempty"`
	MayEdit bool             `json:"mayEdit"`
}

// RoutineVersion is an earlier version: who wrote it, when, with which steps.
type RoutineVersion struct {
	Number int           `json:"number"`
	By     string        `json:"by"`
	At     time.Time     `json:"at"`
	Steps  []RoutineStep `json:"steps"` // with their use in this version
	Runs   int           `json:"runs"`  // that were begun from it
}

// RoutineStep is one step of a definition. ID is "" for one that is new.
type RoutineStep struct {
	ID    string     `json:"id,omitempty"`
	Words string     `json:"words"`
	Page  string     `json:"page,omitempty"` // the page that it opens
	Off   bool       `json:"off,omitempty"`
	Use   RoutineUse `json:"use"` // in every version; of an earlier version in that one
}

// RoutineUse is what became of a step in the runs that were counted.
type RoutineUse struct {
	Done      int `json:"done"`
	NotNeeded int `json:"notNeeded"`
	Left      int `json:"left"` // the run was ended with it open
	Open      int `json:"open"` // still to be done
}

// Routines are those of this computer's ward and of the whole site.
type Routines struct {
	Ward     string    `json:"ward"`
	List     []Routine `json:"list"`
	Starters []Routine `json:"starters"` // what may be taken over, and was not yet
	MayEdit  bool      `json:"mayEdit"`  // this ward's
	MaySite  bool      `json:"maySite"`  // the whole site's
	AsOf     time.Time `json:"asOf"`
}

// The states of a step and of a run.
const (
	StepOpen      = "open"
	StepDone      = "done"
	StepNotNeeded = "not-needed"
	RunOpen       = "open"
	RunFinished   = "finished"
	RunLeft       = "left"    // ended although steps were open
	RunMistake    = "mistake" // entered in error
)

// RoutineRun is a routine being done for one patient.
type RoutineRun struct {
	ID      fhir.ID    `json:"id"`
	Routine fhir.ID    `json:"routine"`
	Number  int        `json:"number"` // the version that it was begun from
	Name    string     `json:"name"`
	Kind    string     `json:"kind"`
	State   string     `json:"state"`
	Late    bool       `json:"late"`
	Due     time.Time  `json:"due,omitzero"`
	Started time.Time  `json:"started"`
	By      string     `json:"by"`
	Steps   []StepDoes `json:"steps"`
	Open    int        `json:"open"`           // steps that nobody has answered
	Ended   time.Time  `json:"ended,omitzero"` // finished, left or called a mistake
	EndedBy string     `json:"endedBy,omitempty"`
	Why     string     `json:"why,omitempty"`
	Twice   bool       `json:"twice,omitempty"` // it was begun more than once, apart; this is all of it
	Unsent  bool       `json:"unsent"`
}

// OpenWords says what of a run is still to be done: "Discharge: 2 of 8 steps open: Letter;
// Medicines to take home".
func (r RoutineRun) OpenWords() string {
	var open []string
	for _, s := range r.Steps {
		if s.State == StepOpen {
			open = append(open, s.Words)
		}
	}
	return words.F("%s: %d of %d steps open: %s", r.Name, len(open), len(r.Steps), strings.Join(open, "; "))
}

// StepDoes is one step of a run with what was said of it.
type StepDoes struct {
	ID    string     `json:"id"`
	Words string     `json:"words"`
	Page  string     `json:"page,omitempty"`
	State string     `json:"state"`
	Marks []StepMark `json:"marks,omitempty"` // oldest first
	// Both: one person did it, another called it not needed. It is done.
	Both bool `json:"both,omitempty"`
}

// StepMark is what somebody said of a step.
type StepMark struct {
	Not    bool      `json:"not,omitempty"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
	Mine   bool      `json:"mine"` // the reader's own
}

// RoutineOffer is a routine that can be begun for a patient. Now says that it is
// offered by itself: the patient came to the ward at Came, and nobody has begun it.
type RoutineOffer struct {
	Routine fhir.ID   `json:"routine"`
	Number  int       `json:"number"`
	Name    string    `json:"name"`
	Kind    string    `json:"kind"`
	Steps   int       `json:"steps"`
	Site    bool      `json:"site,omitempty"`
	Now     bool      `json:"now,omitempty"`
	Came    time.Time `json:"came,omitzero"`
}

// SaveRoutine writes a routine's next version, or with no Routine a new one. Version
// is the one that the author saw.
type SaveRoutine struct {
	Routine fhir.ID
	Version uint64
	Name    string
	Kind    string
	Ward    string // "" is the whole site
	Within  int    // minutes until a run is late; 0: never
	Off     bool
	Starter string
	Steps   []RoutineStep
}

// StartRoutine begins a routine for a patient.
type StartRoutine struct {
	Patient PatientID
	Routine fhir.ID
}

// MarkStep says that a step was done, or with Not that it is not needed and why.
type MarkStep struct {
	Patient PatientID
	Run     fhir.ID
	Step    string
	Not     bool
	Reason  string
}

// UnmarkStep takes back what was said of a step: one's own word, or where one said
// nothing, what others said, with a reason.
type UnmarkStep struct {
	Patient PatientID
	Run     fhir.ID
	Step    string
	Reason  string
}

// EndRoutine ends a run although steps are open, with a reason; with Mistake it was
// begun in error, as for the wrong patient, and counts nowhere.
type EndRoutine struct {
	Patient PatientID
	Run     fhir.ID
	Mistake bool
	Reason  string
}

func (SaveRoutine) command()  {}
func (StartRoutine) command() {}
func (MarkStep) command()     {}
func (UnmarkStep) command()   {}
func (EndRoutine) command()   {}
