package submit

import (
	"slices"
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// What a rule sees only beside other entries: an examination after the
// discharge, a second registration of one person, a slot that is taken.

// examined holds what was just done to a patient against a stay that has
// ended: a stay that an examination contradicts counts as going on until a
// person has decided. It returns the review that waits.
func (w *work) examined(a *attempt) (fhir.ID, error) {
	p := compartment(a.m)
	if p == "" || a.exists || !isExamination(a.m) {
		return "", nil
	}
	stays, err := encounters(w, p)
	if err != nil || slices.ContainsFunc(stays, func(c record.Change) bool { return presentStay(c.Body) }) {
		return "", err
	}
	for _, stay := range stays {
		changed, err := w.contest(stay, a.m)
		if err != nil {
			return "", err
		}
		if !changed {
			continue
		}
		opened, err := w.reviews(p, record.Change{Mutation: a.m.ID, Clock: a.m.Clock, Times: a.m.Times})
		if err != nil || len(opened) == 0 {
			return "", err
		}
		return opened[0], nil
	}
	return "", nil
}

// isExamination says whether a mutation records that somebody stood at the
// patient: vital signs. A note or an order may be written from anywhere.
func isExamination(m record.Mutation) bool {
	if m.Ref.Type != fhir.TypeObservation || len(m.Ops) == 0 || m.Ops[0].Kind != record.OpPut {
		return false
	}
	o, err := fhir.View[fhir.Observation](m.Ops[0].Value)
	return err == nil && slices.ContainsFunc(o.Category, func(c fhir.CodeableConcept) bool {
		return c.Has(fhir.SystemObservationCat, fhir.CategoryVitalSigns)
	})
}

// contest holds one act against one stay.
func (w *work) contest(stay record.Change, act record.Mutation) (changed bool, err error) {
	before, ok, err := w.lastHere(stay)
	if err != nil || !ok {
		return false, err
	}
	body, ok := merge.Contest(stay.Body, before, act)
	if !ok {
		return false, nil
	}
	_, err = w.put(record.Change{
		Ref: stay.Ref, Patient: stay.Patient, Wards: stay.Wards, Body: body, Author: central, Mutation: act.ID,
		Clock: act.Clock, Times: act.Times, Reason: "The patient was examined after the stay had ended.",
	})
	return err == nil, err
}

// lastHere is the newest version of a stay in which its patient was here.
func (w *work) lastHere(stay record.Change) (body fhir.Resource, ok bool, err error) {
	for c, err := range w.History(stay.Ref) {
		if err != nil {
			return nil, false, err
		}
		if !c.History && wardOf(c.Body) != "" {
			body, ok = c.Body, true
		}
	}
	return body, ok, nil
}

// ended holds a stay that a message has just ended against what was done to
// the patient: the examination may have come before the discharge did.
func (w *work) ended(fl *filing, patient fhir.ID, ref fhir.Ref) error {
	stay, ok, err := w.Current(ref)
	if err != nil || !ok || presentStay(stay.Body) {
		return err
	}
	newest, err := w.newestExamination(patient)
	if err != nil || newest == nil {
		return err
	}
	changed, err := w.contest(stay, *newest)
	if changed {
		fl.ask(patient)
	}
	return err
}

// newestExamination is the act behind the newest vital sign that a person
// recorded, nil where there is none.
func (w *work) newestExamination(patient fhir.ID) (*record.Mutation, error) {
	var newest *record.Mutation
	for c, err := range w.Compartment(patient) {
		if err != nil {
			return nil, err
		}
		if c.Ref.Type > fhir.TypeObservation {
			break
		}
		m := record.Mutation{
			ID: c.Mutation, Ref: c.Ref, Author: c.Author, Times: c.Times, Clock: c.Clock, Ops: []record.Op{{Kind: record.OpPut, Value: c.Body}},
		}
		if c.Author.User == "" || !isExamination(m) {
			continue
		}
		if newest == nil || newest.Times.Station+newest.Times.Offset.Milliseconds() < m.Times.Station+m.Times.Offset.Milliseconds() {
			newest = &m
		}
	}
	return newest, nil
}

// registeredPrefix is the note of a registration made on a ward: who was
// registered under this name and birth date.
const registeredPrefix = "registered/"

// twins asks whether a record that was just made is somebody's who was
// registered on a ward before, or the other way round: two wards that cannot
// see one another register one person twice.
func (w *work) twins(id fhir.ID, onWard bool) (fhir.ID, error) {
	c, ok, err := w.Current(fhir.Ref{Type: fhir.TypePatient, ID: id})
	if err != nil || !ok {
		return "", err
	}
	p, err := fhir.View[fhir.Patient](c.Body)
	if err != nil {
		return "", nil
	}
	var asked fhir.ID
	for _, other := range w.maybeTheSame(p) {
		review, err := w.askPerson(c, other)
		if err != nil {
			return "", err
		}
		if asked == "" {
			asked = review
		}
	}
	if !onWard {
		return asked, nil
	}
	return asked, w.noteRegistration(p)
}

// maybeTheSame are the records that share an identifier with p, and those that
// were registered on a ward under its name and birth date.
func (w *work) maybeTheSame(p fhir.Patient) []record.Change {
	var ids []fhir.ID
	for _, i := range p.Identifier {
		for ref, err := range w.Find(journal.ByIdentifier, i.System+"|"+i.Value) {
			if err == nil && ref.Type == fhir.TypePatient {
				ids = append(ids, ref.ID)
			}
		}
	}
	for _, key := range registrationKeys(p) {
		if list, ok, err := noteOf[[]fhir.ID](w, key); err == nil && ok {
			ids = append(ids, list...)
		}
	}
	slices.Sort(ids)
	var out []record.Change
	for _, id := range slices.Compact(ids) {
		c, ok, err := w.Current(fhir.Ref{Type: fhir.TypePatient, ID: id})
		if id == p.ID || err != nil || !ok {
			continue
		}
		if v, err := fhir.View[fhir.Patient](c.Body); err == nil && merge.SamePerson(p, v) {
			out = append(out, c)
		}
	}
	return out
}

func registrationKeys(p fhir.Patient) []string {
	var keys []string
	for _, f := range families(&p) {
		if p.BirthDate != "" {
			keys = append(keys, registeredPrefix+shortHash(strings.ToLower(strings.TrimSpace(f)), p.BirthDate))
		}
	}
	return keys
}

// maxRegistered bounds how many registrations of one name and birth date are
// compared.
const maxRegistered = 32

func (w *work) noteRegistration(p fhir.Patient) error {
	for _, key := range registrationKeys(p) {
		list, _, err := noteOf[[]fhir.ID](w, key)
		if err != nil {
			return err
		}
		if slices.Contains(list, p.ID) || len(list) >= maxRegistered {
			continue
		}
		b, err := record.Encode(append(list, p.ID))
		if err != nil {
			return err
		}
		if err := w.SetNote(key, b); err != nil {
			return err
		}
	}
	return nil
}

// askPerson writes the review that asks whether two records are one person's,
// unless they are joined already or it was asked before.
func (w *work) askPerson(a, b record.Change) (fhir.ID, error) {
	joined, err := onePerson(w, a.Ref.ID, b.Ref.ID)
	if err != nil || joined {
		return "", err
	}
	first := min(a.Ref.ID, b.Ref.ID)
	var had []fhir.Resource
	for c, err := range w.Compartment(first) {
		if err != nil {
			return "", err
		}
		if c.Ref.Type == fhir.TypeTask {
			had = append(had, c.Body)
		}
	}
	draft, err := merge.AskPerson(a, b, had)
	if err != nil || draft == nil {
		return "", err
	}
	_, err = w.put(record.Change{
		Ref: fhir.Ref{Type: fhir.TypeTask, ID: draft.ID}, Patient: first, Body: draft.Body, Author: central, Clock: record.HLC{Wall: w.ms()},
	})
	return draft.ID, err
}

// book weighs an appointment against those that were accepted before it: the
// first holds the slot, the other is offered the next.
func (w *work) book(res merge.Result) (merge.Result, error) {
	if res.Body == nil {
		return res, nil
	}
	accepted, err := w.allOf(fhir.TypeAppointment)
	if err != nil {
		return res, err
	}
	slots, err := w.allOf(fhir.TypeSlot)
	if err != nil {
		return res, err
	}
	booked := merge.Book(res.Body, accepted, slots)
	if booked.Outcome == record.Applied {
		return res, nil
	}
	return booked, nil
}

// maxBookings bounds what one booking is weighed against.
const maxBookings = 20_000

func (w *work) allOf(t fhir.Type) ([]fhir.Resource, error) {
	var list []fhir.Resource
	for c, err := range w.All(t, "") {
		if err != nil {
			return nil, err
		}
		if list = append(list, c.Body); len(list) >= maxBookings {
			break
		}
	}
	return list, nil
}
