// Package routine holds a ward's routines: the checklists of admission, discharge
// and an observation round that a site writes itself, and what becomes of them for
// one patient.
//
// A definition is a FHIR R4 PlanDefinition of type workflow-definition, because that
// is R4's word for steps in an order that are stated once and done for many; its
// steps are PlanDefinition.action, known by their id. A run is a Task that
// instantiates it. A CarePlan would be the other choice; a Task was taken because
// a Task's outputs merge as a set, because central's table of rights and every
// computer of an earlier release know Tasks and carry one whose code they do not
// know, and because a run is something to be done and is then over.
//
// A run holds its own copy of the steps as they were when it began: a definition
// that changes on Tuesday changes nothing that was begun on Monday, and a patient
// who goes to another ward keeps their list.
//
// The rules are pure: the same arguments give the same answer, and where the time
// matters it is an argument. The package has no clinical threshold of its own; how
// soon a routine should be finished is the site's word in the definition.
package routine

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/words"
)

// Kind is what a routine is for.
type Kind string

// The kinds. They stand in the record; the words are for ever.
const (
	Admission Kind = "admission"
	Discharge Kind = "discharge"
	Round     Kind = "round" // an observation round
	Other     Kind = "other"
)

// Kinds lists them in the order in which they are offered.
func Kinds() []Kind { return []Kind{Admission, Discharge, Round, Other} }

// Page is a page of Wardlight that a step opens. An unknown one is kept and opens
// nothing: a newer program may know it.
type Page string

// The pages.
const (
	NoPage       Page = ""
	Allergies    Page = "allergies"
	Observations Page = "observations"
	Results      Page = "results"
	Orders       Page = "orders"
	Notes        Page = "notes"
	Tasks        Page = "tasks"
	Handover     Page = "handover"
)

// Pages lists them in the order in which they are offered.
func Pages() []Page {
	return []Page{NoPage, Allergies, Observations, Results, Orders, Notes, Tasks, Handover}
}

// The bounds. A list that is longer than this is not gone through, and a step that
// is longer is not read.
const (
	MaxSteps   = 40
	MaxWords   = 160 // characters of a step
	MaxName    = 60  // characters of a name
	MaxReason  = 300 // characters of a reason
	MaxWithin  = 14 * 24 * time.Hour
	MaxMarks   = 400 // ticks of one run that are read
	maxStepID  = 16
	maxVersion = 1_000_000
)

// Step is one step of a definition.
type Step struct {
	ID    string // within the routine; never used again for another step
	Words string
	Page  Page
	Off   bool // stays in the list, and in no run that is begun
}

// Routine is a definition.
type Routine struct {
	ID      fhir.ID
	Number  int // its version, from 1
	Name    string
	Kind    Kind
	Ward    string        // "" is the whole site
	Within  time.Duration // a run that is open for longer is late; 0: never
	Off     bool          // is not offered and not begun
	Starter string        // which starter it was made of; "" for none
	Steps   []Step
}

// Check says in words why this cannot be a routine, or nil. The words are for the
// person who writes it.
func (r Routine) Check() error {
	switch {
	case !clean(r.Name, MaxName):
		return words.Errorf("give it a name of up to %d characters on one line", MaxName)
	case !slices.Contains(Kinds(), r.Kind):
		return words.Errorf("say what it is for: admission, discharge, observation round or other")
	case len(r.Ward) > 64 || len(r.Starter) > 64:
		return words.Errorf("the ward's name is too long")
	case r.Within < 0 || r.Within > MaxWithin || r.Within%time.Minute != 0:
		return words.Errorf("the time until it is late is 0 to 14 days, in whole minutes")
	case r.Number < 1 || r.Number > maxVersion:
		return words.Errorf("its version is not a number from 1")
	}
	return checkSteps(r.Steps)
}

func checkSteps(steps []Step) error {
	if len(steps) == 0 || len(steps) > MaxSteps {
		return words.Errorf("a routine has 1 to %d steps", MaxSteps)
	}
	seen, on := map[string]bool{}, 0
	for i, s := range steps {
		switch {
		case !clean(s.Words, MaxWords):
			return words.Errorf("step %d needs words, up to %d characters on one line", i+1, MaxWords)
		case !stepID(s.ID) || seen[s.ID]:
			return words.Errorf("step %d has no name of its own in the record", i+1)
		case len(s.Page) > 32 || strings.ContainsAny(string(s.Page), " \n"):
			return words.Errorf("step %d opens no page that there is", i+1)
		}
		seen[s.ID] = true
		if !s.Off {
			on++
		}
	}
	if on == 0 {
		return words.Errorf("every step is switched off: switch the routine off instead")
	}
	return nil
}

// On are the steps of a run that begins now.
func (r Routine) On() []Step {
	var out []Step
	for _, s := range r.Steps {
		if !s.Off {
			out = append(out, s)
		}
	}
	return out
}

// NewStepID is the id of a step that is new in version number: it names the version,
// so that a step that went and a later one are never counted as one.
func NewStepID(steps []Step, number int) string {
	for n := 1; ; n++ {
		id := fmt.Sprintf("v%d-%d", number, n)
		if !slices.ContainsFunc(steps, func(s Step) bool { return s.ID == id }) {
			return id
		}
	}
}

// clean says whether s is one line of words of at most so many characters.
func clean(s string, most int) bool {
	if s == "" || s != strings.TrimSpace(s) || !utf8.ValidString(s) || utf8.RuneCountInString(s) > most {
		return false
	}
	return !strings.ContainsFunc(s, unicode.IsControl)
}

func stepID(id string) bool {
	if id == "" || len(id) > maxStepID {
		return false
	}
	return !strings.ContainsFunc(id, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' })
}
