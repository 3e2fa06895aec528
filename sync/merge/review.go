package merge

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Questions that a review asks (fhir.ParamQuestion).
const (
	QuestionAllergy = "allergy-or-none-known"
	QuestionField   = "two-values"
	QuestionTwice   = "same-test-twice"
	QuestionPart    = "test-in-panel"
	QuestionBeds    = "two-current-beds"
	QuestionPerson  = "same-person"
	QuestionPhoned  = "which-was-phoned"
)

// Choices that are no side's.
const (
	// ChosenNeither is the choice of no side: the person writes a new entry, and
	// until then the safer side stays in force.
	ChosenNeither = "neither"
	// ChosenBoth lets all sides stand. Only questions that offer it take it:
	// it is then the last of the sides.
	ChosenBoth = "both"
)

// Side is one side of a review, with its story.
type Side struct {
	ID       string            `json:"id"` // what Choose is given
	Ref      fhir.Ref          `json:"ref"`
	Words    string            `json:"words"`             // "Allergic: Penicillin, anaphylaxis, severe"
	Note     string            `json:"note,omitempty"`    // the author's own words
	Value    json.RawMessage   `json:"value,omitempty"`   // of a disputed element; none: removed
	InForce  bool              `json:"inForce,omitempty"` // the safer side, in force meanwhile
	Author   record.Author     `json:"author"`
	Times    record.Times      `json:"times"`
	Mutation record.MutationID `json:"mutation,omitempty"`
}

// Story is a review as a person reads it.
type Story struct {
	ID       fhir.ID
	Patient  fhir.ID
	Question string // a Question… constant
	Words    string // the question as a sentence
	Field    string // the disputed element, for QuestionField
	Key      string // and the identity of the list element
	Round    int    // how often it was asked before
	Open     bool
	Sides    []Side
	Chosen   []string // ids of chosen sides, sorted; two: people decided differently
}

// ReviewDraft is a review Task that has to be written.
type ReviewDraft struct {
	ID    fhir.ID
	Body  fhir.Resource
	Close bool // the question answered itself; the open Task is cancelled
}

// ReviewID is the id of a review. It follows from what the review is about, so
// central and every station, and every order of arrival, ask one question once.
// round counts how often the same question was settled and came up again.
func ReviewID(question string, about fhir.Ref, field string, round int) fhir.ID {
	h := sha256.Sum256([]byte(question + "\x00" + about.String() + "\x00" + field + "\x00" + strconv.Itoa(round)))
	return fhir.ID("review-" + hex.EncodeToString(h[:16]))
}

// Reviews says which review Tasks of a patient have to be written: new ones,
// open ones that another side joined, and open ones whose question has answered
// itself. list holds the current version of everything in the compartment (or
// of the resources that may be concerned, with all review Tasks), in any order;
// where records were merged, of all their compartments. Whether two Patients
// are one person is asked elsewhere, see SamePerson.
// For resources with a dispute (see Disputed) it should hold all versions,
// history included: that is where each side's author and times come from.
// asked are further questions, found by rules that need more than the record
// alone; whoever finds them finds them at every call.
func Reviews(patient fhir.ID, list []record.Change, asked ...Story) ([]ReviewDraft, error) {
	q, err := questionsOf(list)
	if err != nil {
		return nil, err
	}
	var drafts []ReviewDraft
	wanted := map[fhir.ID]bool{}
	for _, story := range slices.Concat(q.allergies(), q.fields(), q.twice(), q.parts(), q.beds(), asked) {
		story.Patient = patient
		story.ID = q.free(&story)
		if had, ok := q.reviews[story.ID]; ok {
			story.Patient = had.Patient // a question stays where it was asked
		}
		wanted[story.ID] = true
		body, err := story.task()
		if err != nil {
			return nil, err
		}
		if had, ok := q.reviews[story.ID]; ok && sameSides(had, story) {
			continue
		}
		drafts = append(drafts, ReviewDraft{ID: story.ID, Body: body})
	}
	for id, had := range q.reviews {
		if had.Open && !wanted[id] && had.Question != QuestionPerson {
			body, err := q.closed(id)
			if err != nil {
				return nil, err
			}
			drafts = append(drafts, ReviewDraft{ID: id, Body: body, Close: true})
		}
	}
	slices.SortFunc(drafts, func(a, b ReviewDraft) int { return cmp.Compare(a.ID, b.ID) })
	return drafts, nil
}

// Disputed says whether a body holds an element that a person has to decide.
func Disputed(t fhir.Type, body fhir.Resource) bool {
	o, err := fhir.Parse(body)
	return err == nil && len(openDisputes(t, o)) > 0
}

// openDisputes are the disputes in o that want a person, in order of path.
func openDisputes(t fhir.Type, o fhir.Object) []dispute {
	pol := policyOf(t, o)
	var open []dispute
	for _, d := range disputesOf(o) {
		if len(d.values) > 1 && pol.rule(d.path).decide(d.values) {
			open = append(open, d)
		}
	}
	slices.SortFunc(open, func(a, b dispute) int { return cmp.Compare(a.path.String(), b.path.String()) })
	return open
}

// questions is what Reviews looks at.
type questions struct {
	current  map[fhir.Ref]record.Change
	versions map[fhir.Ref][]record.Change // in order of version, current included
	reviews  map[fhir.ID]Story
}

func questionsOf(list []record.Change) (questions, error) {
	q := questions{current: map[fhir.Ref]record.Change{}, versions: map[fhir.Ref][]record.Change{}, reviews: map[fhir.ID]Story{}}
	for _, c := range list {
		q.versions[c.Ref] = append(q.versions[c.Ref], c)
		if had, ok := q.current[c.Ref]; !c.History && (!ok || had.Version < c.Version) {
			q.current[c.Ref] = c
		}
	}
	for ref, versions := range q.versions {
		slices.SortFunc(versions, func(a, b record.Change) int { return cmp.Compare(a.Version, b.Version) })
		if c, ok := q.current[ref]; ok && ref.Type == fhir.TypeTask {
			story, err := StoryOf(c.Body)
			if err == nil {
				q.reviews[ref.ID] = story
			}
		}
	}
	return q, nil
}

// free finds the round of a question: the first whose Task is not there, or is
// still open. A Task that was decided, while the question stands again, leads
// to the next.
func (q questions) free(s *Story) fhir.ID {
	about := s.Sides[0].Ref
	for {
		id := ReviewID(s.Question, about, path{s.Field, s.Key}.String(), s.Round)
		if had, ok := q.reviews[id]; !ok || had.Open {
			return id
		}
		s.Round++
	}
}

// allergies are the conflicts between allergies and "no known allergies".
func (q questions) allergies() []Story {
	var list []fhir.AllergyIntolerance
	for ref, c := range q.current {
		if ref.Type != fhir.TypeAllergyIntolerance {
			continue
		}
		if a, err := fhir.View[fhir.AllergyIntolerance](c.Body); err == nil {
			list = append(list, a)
		}
	}
	var stories []Story
	for _, c := range Allergies(list).Conflicts {
		s := Story{Question: QuestionAllergy, Words: "Does the patient have this allergy, or no known allergies?"}
		if name := allergyName(c.Allergy); name != "" {
			s.Words = fmt.Sprintf("Is the patient allergic to %s?", name)
		}
		s.Sides = append(s.Sides, q.allergySide(c.Allergy, true))
		for _, none := range c.None {
			s.Sides = append(s.Sides, q.allergySide(none, false))
		}
		stories = append(stories, s)
	}
	return stories
}

// allergySide tells who wrote an entry: its first version, because later ones
// are refinements by others.
func (q questions) allergySide(a fhir.AllergyIntolerance, inForce bool) Side {
	ref := fhir.Ref{Type: fhir.TypeAllergyIntolerance, ID: a.ID}
	c := q.versions[ref][0]
	side := Side{
		ID: ref.String(), Ref: ref, Words: allergyWords(a), InForce: inForce,
		Author: c.Author, Times: c.Times, Mutation: c.Mutation, Note: c.Reason,
	}
	if side.Note == "" && len(a.Note) > 0 {
		side.Note = a.Note[0].Text
	}
	return side
}

// fields are the elements with several values.
func (q questions) fields() []Story {
	var stories []Story
	for ref, c := range q.current {
		o, err := fhir.Parse(c.Body)
		if err != nil {
			continue // what cannot be read cannot be disputed
		}
		open := openDisputes(ref.Type, o)
		if len(open) == 0 {
			continue
		}
		said := q.said(ref, open)
		for _, d := range open {
			s := Story{
				Question: QuestionField, Words: fieldWords(ref.Type, d.path.field),
				Field: d.path.field, Key: d.path.key, Round: d.round,
			}
			force := policyOf(ref.Type, o).rule(d.path).inForce(d.values)
			for _, v := range d.values {
				side := fieldSide(ref, d.path, v, said[d.path])
				side.InForce = v == force
				s.Sides = append(s.Sides, side)
			}
			stories = append(stories, s)
		}
	}
	slices.SortFunc(stories, func(a, b Story) int {
		return cmp.Or(cmp.Compare(a.Sides[0].Ref.String(), b.Sides[0].Ref.String()), cmp.Compare(a.Field+a.Key, b.Field+b.Key))
	})
	return stories
}

// said finds who said each value of these disputes: the author of the first
// version in which it stood alone. Every later body that holds it has it from
// there. Each version is read once, however many values there are.
func (q questions) said(ref fhir.Ref, open []dispute) map[path]map[string]record.Change {
	by := map[path]map[string]record.Change{}
	for _, d := range open {
		by[d.path] = map[string]record.Change{}
	}
	for _, c := range q.versions[ref] {
		o, err := fhir.Parse(c.Body)
		if err != nil {
			continue
		}
		s := stateOf(policyOf(ref.Type, o), o, listFields(o))
		for p, first := range by {
			vs := s.of(p)
			if len(vs) != 1 {
				continue
			}
			if _, known := first[vs[0].raw]; !known {
				first[vs[0].raw] = c
			}
		}
	}
	return by
}

// fieldSide is one value of a dispute with who said it.
func fieldSide(ref fhir.Ref, p path, v value, said map[string]record.Change) Side {
	side := Side{ID: valueID(v.raw), Ref: ref, Words: valueWords(ref.Type, p, v.raw), Value: json.RawMessage(v.raw)}
	if v.raw == "" {
		side.Value = nil
	}
	if c, ok := said[v.raw]; ok {
		side.Author, side.Times, side.Mutation, side.Note = c.Author, c.Times, c.Mutation, c.Reason
	}
	return side
}

// valueID names a value without showing it.
func valueID(raw string) string {
	h := sha256.Sum256([]byte(raw))
	return "value-" + hex.EncodeToString(h[:8])
}

func sameSides(a, b Story) bool {
	return slices.EqualFunc(a.Sides, b.Sides, func(x, y Side) bool {
		return x.ID == y.ID && x.InForce == y.InForce && x.Words == y.Words && bytes.Equal(x.Value, y.Value)
	})
}

// task writes a story as a Task.
func (s Story) task() (fhir.Resource, error) {
	t := fhir.Task{
		ResourceType: fhir.TypeTask, ID: s.ID, Status: "requested", Intent: "order", Priority: "urgent",
		Code: fhir.TaskCode(fhir.TaskReview), Description: s.Words,
		Input: []fhir.TaskParameter{{Type: fhir.Param(fhir.ParamQuestion), ValueString: fhir.Str(s.Question)}},
	}
	if s.Patient != "" {
		to := fhir.To(fhir.Ref{Type: fhir.TypePatient, ID: s.Patient})
		t.For = &to
	}
	focus := fhir.To(s.Sides[0].Ref)
	t.Focus = &focus
	if s.Field != "" {
		t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamField), ValueString: fhir.Str(s.Field)})
	}
	t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(paramRound), ValueInteger: fhir.Int(int64(s.Round))})
	if s.Key != "" {
		t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(paramKey), ValueString: fhir.Str(s.Key)})
	}
	for _, side := range s.Sides {
		to := fhir.Reference{Reference: side.Ref.String(), Display: side.Words}
		t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamSide), ValueReference: &to})
		story, err := fhir.Make(side)
		if err != nil {
			return nil, err
		}
		t.Input = append(t.Input, fhir.TaskParameter{Type: fhir.Param(fhir.ParamSide), ValueString: fhir.Str(string(story))})
	}
	return fhir.Make(t)
}

// Names of parameters that only this file reads (fhir.SystemTaskParam).
const (
	paramRound = "round"
	paramKey   = "key"
)

// closed is the open review id, cancelled because nothing is left to decide.
func (q questions) closed(id fhir.ID) (fhir.Resource, error) {
	reason, err := fhir.Make(fhir.CodeableConcept{Text: "The entries no longer contradict one another."})
	if err != nil {
		return nil, err
	}
	return ApplyOps(q.current[fhir.Ref{Type: fhir.TypeTask, ID: id}].Body, []record.Op{
		{Kind: record.OpSet, Field: "status", Value: []byte(`"cancelled"`)},
		{Kind: record.OpSet, Field: "statusReason", Value: reason},
	})
}
