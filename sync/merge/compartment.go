package merge

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// AllergyState is what a patient's allergy list says as a whole.
type AllergyState struct {
	InForce     []fhir.AllergyIntolerance // worst first
	NoneKnown   bool                      // "no known allergies" stands, and nothing contradicts it
	NotRecorded bool                      // nobody has asked
	Conflicts   []Conflict
}

// Conflict is an allergy in force beside "no known allergies". The allergy
// stays in force.
type Conflict struct {
	Allergy fhir.AllergyIntolerance
	None    []fhir.AllergyIntolerance // in order of id
}

// Questions that a review asks (fhir.ParamQuestion).
const (
	QuestionAllergy = "allergy-or-none-known"
	QuestionField   = "two-values"
)

// ChosenNeither is the choice of no side: the person writes a new entry.
const ChosenNeither = "neither"

// Side is one side of a review, with its story.
type Side struct {
	ID       string        `json:"id"` // what Choose is given
	Ref      fhir.Ref      `json:"ref"`
	Words    string        `json:"words"`             // "Allergic: Penicillin, anaphylaxis, severe"
	Note     string        `json:"note,omitempty"`    // the author's own words
	Value    []byte        `json:"value,omitempty"`   // of a disputed element, canonical JSON; none: removed
	InForce  bool          `json:"inForce,omitempty"` // the safer side, in force meanwhile
	Author   record.Author `json:"author"`
	Times    record.Times  `json:"times"`
	Mutation string        `json:"mutation,omitempty"`
}

// Story is a review as a person reads it.
type Story struct {
	ID       fhir.ID
	Patient  fhir.ID
	Question string // a Question… constant
	Words    string // the question as a sentence
	Field    string // the disputed element, for QuestionField
	Open     bool
	Sides    []Side
	Chosen   []string // ids of chosen sides; two: people decided differently
}

// ReviewDraft is a review Task that has to be written.
type ReviewDraft struct {
	ID    fhir.ID
	Body  fhir.Resource
	Close bool // the question answered itself; the open Task is cancelled
}

// Effect is what a decision makes of one side.
type Effect struct {
	Ref    fhir.Ref
	Ops    []record.Op
	Reason string
}

// Folded is a resource with a station's own unsent work on top.
type Folded struct {
	Body    fhir.Resource // nil where the resource does not exist
	Results []Result      // of each mutation, in order
	Rough   bool          // a base body was missing; the operations were put on top as they are
}

/* signatures to come in this package, in their final shape:

func Apply(in Input) Result
func ElementKey(field string, element []byte) string
func Diff(base, edited fhir.Resource) ([]record.Op, error)
func ApplyOps(base fhir.Resource, ops []record.Op) (fhir.Resource, error)
func AuthorView(base fhir.Resource, chain []record.Mutation) (fhir.Resource, error)
func Three(t fhir.Type, base, a, b fhir.Resource) (merged fhir.Resource, disputed []string, err error)
func Fold(current fhir.Resource, stamps *record.Stamps, base func(record.Version) (fhir.Resource, bool), muts []record.Mutation) Folded
func Allergies(list []fhir.AllergyIntolerance) AllergyState
func ReviewID(question string, about fhir.Ref, field string, round int) fhir.ID
func Reviews(patient fhir.ID, list []record.Change) ([]ReviewDraft, error)
func StoryOf(review fhir.Resource) (Story, error)
func Choose(review fhir.Resource, chosen string, by record.Author, at, reason string) ([]record.Op, error)
func Decide(review fhir.Resource, sides map[fhir.Ref]fhir.Resource) ([]Effect, error)
*/
