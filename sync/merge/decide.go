package merge

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Errors of reviews.
var (
	ErrNoReview = errors.New("merge: the resource is no review")
	ErrNoSide   = errors.New("merge: the review has no such side")
	ErrDecided  = errors.New("merge: the review has been decided or has settled itself")
)

// Effect is what a decision makes of one side.
type Effect struct {
	Ref    fhir.Ref
	Ops    []record.Op // against the body that Decide was given
	Reason string
}

// StoryOf reads a review Task.
func StoryOf(review fhir.Resource) (Story, error) {
	t, err := fhir.View[fhir.Task](review)
	if err != nil {
		return Story{}, err
	}
	if t.Code == nil || !t.Code.Has(fhir.SystemTaskCode, fhir.TaskReview) {
		return Story{}, ErrNoReview
	}
	s := Story{ID: t.ID, Words: t.Description, Open: taskRanks[t.Status] < taskRanks["entered-in-error"]}
	if t.For != nil {
		if ref, ok := t.For.Ref(); ok {
			s.Patient = ref.ID
		}
	}
	for _, p := range t.Input {
		s.read(p)
	}
	o, err := fhir.Parse(review)
	if err != nil {
		return Story{}, err
	}
	s.Chosen = choicesOf(o)
	return s, nil
}

func (s *Story) read(p fhir.TaskParameter) {
	switch {
	case p.ValueString != nil && p.Type.Has(fhir.SystemTaskParam, fhir.ParamQuestion):
		s.Question = *p.ValueString
	case p.ValueString != nil && p.Type.Has(fhir.SystemTaskParam, fhir.ParamField):
		s.Field = *p.ValueString
	case p.ValueString != nil && p.Type.Has(fhir.SystemTaskParam, paramKey):
		s.Key = *p.ValueString
	case p.ValueInteger != nil && p.Type.Has(fhir.SystemTaskParam, paramRound):
		s.Round = int(*p.ValueInteger)
	case p.ValueString != nil && p.Type.Has(fhir.SystemTaskParam, fhir.ParamSide):
		var side Side
		if json.Unmarshal([]byte(*p.ValueString), &side) == nil {
			s.Sides = append(s.Sides, side)
		}
	}
}

// Choose is the operations by which a person decides a review: the Task is
// completed and holds the choice with who, when and why. chosen is a side's id
// or ChosenNeither. What the decision makes of the sides is Decide's part, done
// where the order of everything is known: by central, in the same commit.
func Choose(review fhir.Resource, chosen string, by record.Author, at, reason string) ([]record.Op, error) {
	s, err := StoryOf(review)
	if err != nil {
		return nil, err
	}
	if !s.Open {
		return nil, ErrDecided
	}
	words := "Neither"
	if i := slices.IndexFunc(s.Sides, func(side Side) bool { return side.ID == chosen }); i >= 0 {
		words = s.Sides[i].Words
	} else if chosen != ChosenNeither {
		return nil, ErrNoSide
	}
	text := "Chosen: " + words
	if reason != "" {
		text += ". " + reason
	}
	author := by.Name
	if author == "" {
		author = string(by.User)
	}
	output, err := fhir.Make(fhir.TaskParameter{Type: fhir.Param(fhir.ParamChosen), ValueString: fhir.Str(chosen)})
	if err != nil {
		return nil, err
	}
	note, err := fhir.Make(fhir.Annotation{AuthorString: author, Time: at, Text: text})
	if err != nil {
		return nil, err
	}
	return []record.Op{
		{Kind: record.OpSet, Field: "status", Value: []byte(`"completed"`)},
		{Kind: record.OpAdd, Field: "output", Key: ElementKey("output", output), Value: output},
		{Kind: record.OpAdd, Field: "note", Key: ElementKey("note", note), Value: note},
	}, nil
}

// Decide is what a decided review makes of its sides, given their current
// bodies. It depends on the set of choices alone: one choice ends the other
// side; two different ones, made apart, put everything back as it was before
// either, and Reviews then asks again. An open review changes nothing, and a
// decision that was carried out already changes nothing twice.
func Decide(review fhir.Resource, sides map[fhir.Ref]fhir.Resource) ([]Effect, error) {
	s, err := StoryOf(review)
	if err != nil || len(s.Chosen) == 0 || len(s.Sides) < 2 {
		return nil, err
	}
	switch s.Question {
	case QuestionAllergy:
		return s.decideAllergy(sides)
	case QuestionTwice, QuestionPart:
		return s.decideOne(revoking, sides)
	case QuestionBeds:
		return s.decideOne(finishing, sides)
	case QuestionPerson:
		return s.decidePerson(sides)
	case QuestionPhoned:
		return nil, nil // which result was phoned follows from the answer wherever it is read
	}
	return s.decideField(sides)
}

// refuting is how a decision ends an allergy, or "no known allergies".
var refuting = ending{
	field:  "verificationStatus",
	to:     json.RawMessage(`{"coding":[{"code":"refuted","system":"` + fhir.SystemAllergyVerified + `"}]}`),
	stands: func(o fhir.Object) bool { return allergyInForce(o) },
}

func allergyInForce(o fhir.Object) bool {
	body, err := o.Resource()
	if err != nil {
		return false
	}
	a, err := fhir.View[fhir.AllergyIntolerance](body)
	return err == nil && inForce(a)
}

func (s Story) decideAllergy(sides map[fhir.Ref]fhir.Resource) ([]Effect, error) {
	allergy := s.Sides[0].ID
	var forAllergy, forNone bool
	for _, chosen := range s.Chosen {
		if chosen == allergy || chosen == ChosenNeither {
			forAllergy = true
		} else {
			forNone = true
		}
	}
	var effects []Effect
	for _, side := range s.Sides {
		ends := forAllergy && !forNone
		reason := "Decided in a review: the patient has the allergy."
		if len(s.Chosen) == 1 && s.Chosen[0] == ChosenNeither {
			reason = "Decided in a review: neither entry is right. The allergy stays in force; a new entry says what is."
		}
		if side.ID == allergy {
			ends = forNone && !forAllergy
			reason = "Decided in a review: the patient has no known allergies."
		}
		if !ends {
			reason = "Two people decided the review differently. Both entries stand until somebody decides again."
		}
		ops, err := s.standOrEnd(sides[side.Ref], refuting, ends)
		if err != nil {
			return nil, err
		}
		if len(ops) > 0 {
			effects = append(effects, Effect{Ref: side.Ref, Ops: ops, Reason: reason})
		}
	}
	return effects, nil
}

// standOrEnd ends an entry for this review, and keeps what stood there before;
// or puts it back.
func (s Story) standOrEnd(body fhir.Resource, how ending, ends bool) ([]record.Op, error) {
	if body == nil {
		return nil, nil
	}
	o, err := fhir.Parse(body)
	if err != nil {
		return nil, err
	}
	mark, marked := fhir.ExtensionOf(extensionsOf(o), extDecided)
	marked = marked && fhir.ExtString(mark.Extension, "review") == string(s.ID)
	switch {
	case ends == marked || ends && !how.stands(o):
		return nil, nil
	case !ends:
		back := record.Op{Kind: record.OpRemove, Field: how.field}
		if before := fhir.ExtString(mark.Extension, "before"); before != "" {
			back = record.Op{Kind: record.OpSet, Field: how.field, Value: []byte(before)}
		}
		return []record.Op{back, {Kind: record.OpDrop, Field: "extension", Key: extDecided}}, nil
	}
	mark = fhir.Extension{URL: extDecided, Extension: []fhir.Extension{{URL: "review", ValueString: fhir.Str(string(s.ID))}}}
	if before := o[how.field]; before != nil {
		mark.Extension = append(mark.Extension, fhir.Extension{URL: "before", ValueString: fhir.Str(string(before))})
	}
	raw, err := fhir.Make(mark)
	if err != nil {
		return nil, err
	}
	return []record.Op{
		{Kind: record.OpSet, Field: how.field, Value: bytes.Clone(how.to)},
		{Kind: record.OpAdd, Field: "extension", Key: extDecided, Value: raw},
	}, nil
}

func (s Story) decideField(sides map[fhir.Ref]fhir.Resource) ([]Effect, error) {
	ref := s.Sides[0].Ref
	if sides[ref] == nil {
		return nil, nil
	}
	o, err := fhir.Parse(sides[ref])
	if err != nil {
		return nil, err
	}
	p := path{s.Field, s.Key}
	var values []value
	chosen := s.chosenSides()
	for _, side := range s.Sides {
		if slices.Contains(chosen, side.ID) {
			values = append(values, value{raw: string(side.Value), round: s.Round + 1})
		}
	}
	d, known := disputesOf(o)[p]
	undecided := known && len(d.values) > 1 && d.round == s.Round
	settled := known && len(d.values) == 0 && d.round == s.Round+1
	switch {
	case len(values) == 1 && undecided:
		return []Effect{{Ref: ref, Ops: setOps(p, values[0].raw), Reason: s.reason()}}, nil
	case len(values) > 1 && (undecided || settled):
		slices.SortFunc(values, compareValues)
		again := dispute{path: p, round: s.Round + 1, values: values}
		ops, err := disputeOps(ref.Type, o, again)
		return []Effect{{Ref: ref, Ops: ops, Reason: "Two people decided the review differently. Both answers stand until somebody decides again."}}, err
	}
	return nil, nil
}

// chosenSides are the chosen sides. Who chose neither leaves in force what is
// safer, and closes the question: what is right instead is a new entry.
func (s Story) chosenSides() []string {
	out := slices.Clone(s.Chosen)
	i := slices.Index(out, ChosenNeither)
	force := slices.IndexFunc(s.Sides, func(side Side) bool { return side.InForce })
	if i >= 0 && force >= 0 {
		out[i] = s.Sides[force].ID
	}
	return out
}

func (s Story) reason() string {
	if slices.Equal(s.Chosen, []string{ChosenNeither}) {
		return "Decided in a review: neither answer is right. The safer one stays in force; a new entry says what is."
	}
	return "Decided in a review."
}

// setOps make p say raw.
func setOps(p path, raw string) []record.Op {
	switch {
	case p.field == movementField && p.key == "":
		return movementOps(raw)
	case p.key == "" && raw == "":
		return []record.Op{{Kind: record.OpRemove, Field: p.field}}
	case p.key == "":
		return []record.Op{{Kind: record.OpSet, Field: p.field, Value: []byte(raw)}}
	case raw == "":
		return []record.Op{{Kind: record.OpDrop, Field: p.field, Key: p.key}}
	}
	return []record.Op{{Kind: record.OpAdd, Field: p.field, Key: p.key, Value: []byte(raw)}}
}

func movementOps(raw string) []record.Op {
	m := movementParts(raw)
	var ops []record.Op
	for _, field := range []string{"location", "period", "status"} {
		ops = append(ops, setOps(path{field: field}, string(m.Fields[field]))...)
	}
	for _, key := range []string{fhir.ExtWard, fhir.ExtBed} {
		ops = append(ops, setOps(path{"extension", key}, string(m.Ext[key]))...)
	}
	return ops
}

// disputeOps make an element disputed again.
func disputeOps(t fhir.Type, o fhir.Object, d dispute) ([]record.Op, error) {
	force := policyOf(t, o).rule(d.path).inForce(d.values)
	raw, err := fhir.Make(d.extension())
	if err != nil {
		return nil, err
	}
	ops := setOps(d.path, force.raw)
	return append(ops, record.Op{Kind: record.OpAdd, Field: "extension", Key: ElementKey("extension", raw), Value: bytes.Clone(raw)}), nil
}
