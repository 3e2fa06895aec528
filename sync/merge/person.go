package merge

import (
	"cmp"
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Two records of one person. One survives and the other is retired: it is no
// longer active and says by whom it was replaced (R4 value set link-type).
// Nothing else changes: every row keeps the patient under whom it was written,
// so that a merge can be taken back exactly.

// Words of the link between two records.
const (
	linkReplacedBy = "replaced-by"
	linkReplaces   = "replaces"
)

// Retire is how retired becomes a part of survivor: operations on each, given
// their current bodies. A link that is there already is not made again.
func Retire(retired, survivor fhir.Resource) (onRetired, onSurvivor []record.Op, err error) {
	r, s, err := bothRefs(retired, survivor)
	if err != nil {
		return nil, nil, err
	}
	o, err := fhir.Parse(retired)
	if err != nil {
		return nil, nil, err
	}
	if onRetired, err = addLink(retired, s, linkReplacedBy); err != nil {
		return nil, nil, err
	}
	if len(onRetired) > 0 {
		before := "absent"
		if raw := o["active"]; raw != nil {
			before = string(raw)
		}
		mark, err := fhir.Make(fhir.Extension{URL: extActive, ValueString: &before})
		if err != nil {
			return nil, nil, err
		}
		onRetired = append(onRetired,
			record.Op{Kind: record.OpSet, Field: "active", Value: []byte("false")},
			record.Op{Kind: record.OpAdd, Field: "extension", Key: extActive, Value: mark})
	}
	onSurvivor, err = addLink(survivor, r, linkReplaces)
	return onRetired, onSurvivor, err
}

// Restore takes Retire back: what "active" said before is said again.
func Restore(retired, survivor fhir.Resource) (onRetired, onSurvivor []record.Op, err error) {
	r, s, err := bothRefs(retired, survivor)
	if err != nil {
		return nil, nil, err
	}
	o, err := fhir.Parse(retired)
	if err != nil {
		return nil, nil, err
	}
	if hasLink(retired, s, linkReplacedBy) {
		active := record.Op{Kind: record.OpSet, Field: "active", Value: []byte("true")}
		switch before := fhir.ExtString(extensionsOf(o), extActive); before {
		case "":
		case "absent":
			active = record.Op{Kind: record.OpRemove, Field: "active"}
		default:
			active.Value = []byte(before)
		}
		onRetired = []record.Op{
			{Kind: record.OpDrop, Field: "link", Key: s.String()},
			active,
			{Kind: record.OpDrop, Field: "extension", Key: extActive},
		}
	}
	if hasLink(survivor, r, linkReplaces) {
		onSurvivor = []record.Op{{Kind: record.OpDrop, Field: "link", Key: r.String()}}
	}
	return onRetired, onSurvivor, nil
}

func bothRefs(a, b fhir.Resource) (x, y fhir.Ref, err error) {
	if x, err = a.Ref(); err != nil {
		return x, y, err
	}
	y, err = b.Ref()
	return x, y, err
}

func hasLink(patient fhir.Resource, to fhir.Ref, kind string) bool {
	p, err := fhir.View[fhir.Patient](patient)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(p.Link, func(l fhir.PatientLink) bool {
		ref, ok := l.Other.Ref()
		return ok && ref == to && l.Type == kind
	})
}

func addLink(patient fhir.Resource, to fhir.Ref, kind string) ([]record.Op, error) {
	if hasLink(patient, to, kind) {
		return nil, nil
	}
	raw, err := fhir.Make(fhir.PatientLink{Other: fhir.To(to), Type: kind})
	if err != nil {
		return nil, err
	}
	return []record.Op{{Kind: record.OpAdd, Field: "link", Key: ElementKey("link", raw), Value: raw}}, nil
}

// AskPerson is the review that asks whether two records are one person's, nil
// where it was asked already and is open. had are the reviews there are.
func AskPerson(a, b record.Change, had []fhir.Resource) (*ReviewDraft, error) {
	if a.Ref.ID > b.Ref.ID {
		a, b = b, a
	}
	q := questions{reviews: map[fhir.ID]Story{}, versions: map[fhir.Ref][]record.Change{a.Ref: {a}, b.Ref: {b}}}
	for _, body := range had {
		if s, err := StoryOf(body); err == nil {
			q.reviews[s.ID] = s
		}
	}
	s := Story{Question: QuestionPerson, Words: "Are these two records one person's?", Patient: a.Ref.ID, Key: string(b.Ref.ID)}
	for _, c := range []record.Change{a, b} {
		s.Sides = append(s.Sides, Side{
			ID: c.Ref.String(), Ref: c.Ref, Words: "One person; keep " + personWords(c.Body), Author: c.Author, Times: c.Times, Mutation: c.Mutation,
		})
	}
	s.Sides = append(s.Sides, bothSide(s.Sides, "Two different people"))
	if q.accepted(s) {
		return nil, nil
	}
	s.ID = q.free(&s)
	if _, open := q.reviews[s.ID]; open {
		return nil, nil
	}
	body, err := s.task()
	if err != nil {
		return nil, err
	}
	return &ReviewDraft{ID: s.ID, Body: body}, nil
}

// personWords tells two records apart in a line.
func personWords(body fhir.Resource) string {
	p, err := fhir.View[fhir.Patient](body)
	if err != nil {
		return "the record that cannot be read"
	}
	var words []string
	for _, n := range p.Name {
		if n.Family != "" {
			words = append(words, strings.TrimSuffix(strings.ToUpper(n.Family)+", "+strings.Join(n.Given, " "), ", "))
			break
		}
	}
	if p.BirthDate != "" {
		words = append(words, "born "+p.BirthDate)
	}
	number := ""
	for _, id := range p.Identifier {
		number = cmp.Or(number, id.Value)
	}
	if number != "" {
		words = append(words, "number "+number)
	}
	return cmp.Or(strings.Join(words, ", "), "the record without a name")
}

// decidePerson: the chosen record survives and the other is retired; two
// different choices, or two different people, leave two records.
func (s Story) decidePerson(sides map[fhir.Ref]fhir.Resource) ([]Effect, error) {
	a, b := s.Sides[0].Ref, s.Sides[1].Ref
	if sides[a] == nil || sides[b] == nil {
		return nil, nil
	}
	survivor := fhir.Ref{}
	if len(s.Chosen) == 1 && s.Chosen[0] != ChosenBoth && s.Chosen[0] != ChosenNeither {
		survivor = a
		if s.Chosen[0] == b.String() {
			survivor = b
		}
	}
	var effects []Effect
	for _, pair := range [][2]fhir.Ref{{a, b}, {b, a}} {
		kept, gone := pair[0], pair[1]
		joined, reason := kept == survivor, "Decided in a review: the two records are one person's."
		change := Retire
		if !joined {
			change, reason = Restore, "Two people decided differently whether the two records are one person's. They stay apart until somebody decides again."
		}
		onGone, onKept, err := change(sides[gone], sides[kept])
		if err != nil {
			return nil, err
		}
		if len(onGone) > 0 {
			effects = append(effects, Effect{Ref: gone, Ops: onGone, Reason: reason})
		}
		if len(onKept) > 0 {
			effects = append(effects, Effect{Ref: kept, Ops: onKept, Reason: reason})
		}
	}
	return effects, nil
}
