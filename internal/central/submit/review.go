package submit

import (
	"bytes"
	"slices"
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
		theirs, err := onePerson(w, patientOf(c), patientOf(task))
		if err != nil {
			return err
		}
		if ok && (theirs || story.Question == merge.QuestionPerson && c.Ref.Type == fhir.TypePatient) {
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
	if p == "" || res.Outcome != record.Review && !phonedEntry(a.m, a.current) && !questionable[a.m.Ref.Type] && !a.settles && !disputed(a.current.Body) {
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

// phonedEntry says whether a mutation is about a phoned result: it may be one of
// several that the laboratory sent, or no longer be asked about.
func phonedEntry(m record.Mutation, current record.Change) bool {
	if m.Ref.Type != fhir.TypeObservation {
		return false
	}
	return phonedBody(current.Body) || len(m.Ops) > 0 && m.Ops[0].Kind == record.OpPut && phonedBody(m.Ops[0].Value)
}

// questionable are the types of which two entries, each fine by itself, may
// contradict one another.
var questionable = map[fhir.Type]bool{
	fhir.TypeAllergyIntolerance: true, fhir.TypeServiceRequest: true, fhir.TypeEncounter: true,
}

// disputed says whether a body holds, or held, an element on which people
// disagree: what changes it may answer the question, or change its sides.
func disputed(body fhir.Resource) bool { return bytes.Contains(body, []byte(fhir.ExtDisputed)) }

// reviews writes the review Tasks that a person's records ask for: new ones,
// ones with another side, and ones that answered themselves. It returns those
// that wait for a person.
func (w *work) reviews(patient fhir.ID, cause record.Change) ([]fhir.ID, error) {
	patient, err := w.survivor(patient)
	if err != nil {
		return nil, err
	}
	list, err := w.questions(patient)
	if err != nil {
		return nil, err
	}
	asked, err := w.phonedStories(patient)
	if err != nil {
		return nil, err
	}
	drafts, err := merge.Reviews(patient, list, asked...)
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
		} else if ok {
			c.Patient = cur.Patient // it stays where it was asked
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

// questions are the versions that a question may be about, from all records of
// a person: all versions of what is disputed and of the questionable types,
// since they tell who said what, and the current ones of Tasks. Results and
// their provenance take part in no question, and there are many of them.
func (w *work) questions(patient fhir.ID) ([]record.Change, error) {
	all, err := linked(w, patient)
	if err != nil {
		return nil, err
	}
	var list []record.Change
	for _, p := range all {
		if list, err = w.appendQuestions(p, list); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (w *work) appendQuestions(patient fhir.ID, list []record.Change) ([]record.Change, error) {
	for c, err := range w.Compartment(patient) {
		if err != nil {
			return nil, err
		}
		switch {
		case disputed(c.Body) || questionable[c.Ref.Type]:
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
	all, err := linked(w, patient)
	if err != nil {
		return "", err
	}
	for _, p := range all {
		for c, err := range w.Compartment(p) {
			if err != nil {
				return "", err
			}
			if c.Ref.Type == fhir.TypeTask && len(taskTags(c.Body)) > 0 && asksAbout(c.Body, ref) {
				return c.Ref.ID, nil
			}
		}
	}
	return "", nil
}

// asksAbout says whether a body is an open review with this resource for a
// side.
func asksAbout(task fhir.Resource, ref fhir.Ref) bool {
	story, err := merge.StoryOf(task)
	if err != nil || !story.Open {
		return false
	}
	return slices.ContainsFunc(story.Sides, func(s merge.Side) bool { return s.Ref == ref })
}

// stamp is an instant as FHIR writes it, in UTC.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
