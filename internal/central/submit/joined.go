package submit

import (
	"slices"
	"strings"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// An allergy or a diagnosis has no number of its own at most senders: it is known by its
// patient's number and what it is (interop/v2tofhir). Once two records are one person's,
// its sender speaks of it under the number that survived. Then it is still the one that
// was written under the other: else it would be there twice, and to take it back would
// take back what was never there.

// underTheirOther gives such drafts the id of the entry that they are about.
func (w *work) underTheirOther(drafts []record.Draft, patient fhir.ID, sender string) ([]record.Draft, error) {
	var ids []string
	all, err := linked(w, patient)
	if err != nil || len(all) == 1 {
		return drafts, err
	}
	for _, d := range drafts {
		if d.Ref.Type != fhir.TypeAllergyIntolerance && d.Ref.Type != fhir.TypeCondition || len(d.Ops) == 0 || d.Ops[0].Kind != record.OpPut {
			continue
		}
		if _, there, err := w.Current(d.Ref); err != nil || there {
			if err != nil {
				return nil, err
			}
			continue
		}
		of, err := w.same(d, all[1:], sender)
		if err != nil {
			return nil, err
		}
		if of != "" {
			ids = append(ids, string(d.Ref.ID), string(of))
		}
	}
	if ids == nil {
		return drafts, nil
	}
	return rename(drafts, ids), nil
}

// same is the entry of one of these records that says what a draft does, by the same
// sender; "" for none.
func (w *work) same(d record.Draft, records []fhir.ID, sender string) (fhir.ID, error) {
	says := whatItIs(d.Ref.Type, d.Ops[0].Value)
	for _, one := range records {
		for c, err := range w.Compartment(one) {
			if err != nil {
				return "", err
			}
			if says == "" || c.Ref.Type != d.Ref.Type || whatItIs(c.Ref.Type, c.Body) != says {
				continue
			}
			_, said, err := w.Note(sentNote(sender, c.Ref))
			if err != nil || said {
				return c.Ref.ID, err
			}
		}
	}
	return "", nil
}

// whatItIs is an allergy's substance, or a diagnosis with its stay and number, as one text;
// "" where it names nothing.
func whatItIs(t fhir.Type, body []byte) string {
	words := func(c *fhir.CodeableConcept) string {
		if c == nil {
			return ""
		}
		// No known allergies has a code of ours before the sender's.
		if i := slices.IndexFunc(c.Coding, func(k fhir.Coding) bool { return k.Code != "" }); i >= 0 {
			return c.Coding[i].System + "|" + c.Coding[i].Code
		}
		return strings.ToLower(strings.Join(strings.Fields(c.Text), " "))
	}
	switch t {
	case fhir.TypeAllergyIntolerance:
		if a, err := fhir.View[fhir.AllergyIntolerance](body); err == nil {
			return words(a.Code)
		}
	case fhir.TypeCondition:
		c, err := fhir.View[fhir.Condition](body)
		if err != nil || words(c.Code) == "" || c.Encounter == nil {
			return ""
		}
		number := ""
		if len(c.Identifier) > 0 {
			number = c.Identifier[0].System + "|" + c.Identifier[0].Value
		}
		return strings.Join([]string{words(c.Code), c.Encounter.Reference, number}, "\x00")
	default:
		return ""
	}
	return ""
}
