package submit

import (
	"bytes"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// central is the author of what follows from a rule and not from a person.
var central = record.Author{Sender: "wardlight", Name: "Wardlight", Place: "central"}

// settle does what a decided review says to its sides. Each side gets a new
// version by the person who decided; nothing of the other answer is erased.
func (w *work) settle(a *attempt) error {
	task, ok, err := w.Current(a.m.Ref)
	if err != nil || !ok {
		return err
	}
	story, err := merge.StoryOf(task.Body)
	if err != nil {
		return nil // a Task that asks nothing settles nothing
	}
	sides := map[fhir.Ref]fhir.Resource{}
	current := map[fhir.Ref]record.Change{}
	for _, side := range story.Sides {
		c, ok, err := w.Current(side.Ref)
		if err != nil {
			return err
		}
		if ok && patientOf(c) == patientOf(task) {
			sides[side.Ref], current[side.Ref] = c.Body, c
		}
	}
	effects, err := merge.Decide(task.Body, sides)
	if err != nil {
		a.notes = append(a.notes, "the decision could not be carried out; both entries stand")
		return nil
	}
	for _, e := range effects {
		if err := w.effect(a, current[e.Ref], e); err != nil {
			return err
		}
	}
	return nil
}

// effect writes what a decision makes of one side.
func (w *work) effect(a *attempt, c record.Change, e merge.Effect) error {
	if c.Ref.IsZero() {
		return nil
	}
	body, err := merge.ApplyOps(c.Body, e.Ops)
	if err != nil || body.Hash() == c.Body.Hash() {
		return nil
	}
	_, err = w.put(record.Change{
		Ref: c.Ref, Patient: c.Patient, Wards: c.Wards, Body: body, Author: a.author, Mutation: a.m.ID,
		Clock: a.m.Clock, Times: a.m.Times, Stamps: c.Stamps, Reason: e.Reason,
	})
	return err
}

// review looks at the patient's whole compartment where a mutation may have
// made two entries contradict one another. It returns the review that waits
// because of this mutation, "" where none does.
func (w *work) review(a *attempt, res merge.Result) (fhir.ID, error) {
	p := compartment(a.m)
	if p == "" || res.Outcome != record.Review && a.m.Ref.Type != fhir.TypeAllergyIntolerance && !a.settles {
		return "", nil
	}
	opened, err := w.reviews(p, record.Change{Mutation: a.m.ID, Clock: a.m.Clock, Times: a.m.Times})
	switch {
	case err != nil:
		return "", err
	case len(opened) > 0 && (!a.settles || res.Outcome == record.Review):
		return opened[0], nil
	case res.Outcome != record.Review:
		return "", nil
	}
	return w.openReview(p, a.m.Ref)
}

// reviews writes the review Tasks that the compartment asks for: new ones,
// ones with another side, and ones that answered themselves. It returns those
// that wait for a person.
func (w *work) reviews(patient fhir.ID, cause record.Change) ([]fhir.ID, error) {
	list, err := w.questionable(patient)
	if err != nil {
		return nil, err
	}
	drafts, err := merge.Reviews(patient, list)
	if err != nil {
		return nil, nil // an unreadable entry takes part in no question
	}
	var opened []fhir.ID
	for _, d := range drafts {
		c := cause
		c.Ref, c.Patient, c.Body, c.Author = fhir.Ref{Type: fhir.TypeTask, ID: d.ID}, patient, d.Body, central
		if cur, ok, err := w.Current(c.Ref); err != nil {
			return nil, err
		} else if ok && cur.Body.Hash() == d.Body.Hash() {
			continue
		}
		if _, err := w.put(c); err != nil {
			return nil, err
		}
		if !d.Close {
			opened = append(opened, d.ID)
		}
	}
	return opened, nil
}

// questionable are the versions that a question may be about: all versions of
// allergies and of what is disputed, since they tell who said what, and the
// current ones of Tasks. Results and their provenance take part in no
// question, and there are many of them.
func (w *work) questionable(patient fhir.ID) ([]record.Change, error) {
	var list []record.Change
	for c, err := range w.Compartment(patient) {
		if err != nil {
			return nil, err
		}
		disputed := bytes.Contains(c.Body, []byte(fhir.ExtDisputed))
		switch {
		case disputed || c.Ref.Type == fhir.TypeAllergyIntolerance:
			for v, err := range w.History(c.Ref) {
				if err != nil {
					return nil, err
				}
				list = append(list, v)
			}
		case c.Ref.Type == fhir.TypeTask:
			list = append(list, c)
		}
	}
	return list, nil
}

// openReview is a review that waits and has this resource for a side.
func (w *work) openReview(patient fhir.ID, ref fhir.Ref) (fhir.ID, error) {
	for c, err := range w.Compartment(patient) {
		if err != nil {
			return "", err
		}
		if c.Ref.Type != fhir.TypeTask || len(taskTags(c.Body)) == 0 {
			continue
		}
		story, err := merge.StoryOf(c.Body)
		if err != nil || !story.Open {
			continue
		}
		for _, side := range story.Sides {
			if side.Ref == ref {
				return c.Ref.ID, nil
			}
		}
	}
	return "", nil
}

// stamp is an instant as FHIR writes it, in UTC.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
