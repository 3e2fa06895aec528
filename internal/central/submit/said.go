package submit

import (
	"encoding/json"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// What a sender says again, late, or takes back of things that people change, too:
// allergies and diagnoses.

// repeated says whether a sender says again what it said before, word for
// word, about something that people may have changed since: an allergy that
// was refuted here does not come back because the next admission message
// repeats the list. Results, patients and stays have orders of their own.
func (w *work) repeated(fl *filing, d record.Draft) (bool, error) {
	switch d.Ref.Type {
	case fhir.TypeObservation, fhir.TypeDiagnosticReport, fhir.TypePatient, fhir.TypeEncounter, fhir.TypeProvenance:
		return false, nil
	default: // what people change, too
	}
	b, err := record.Encode(d.Ops)
	if err != nil {
		return false, nil
	}
	key := sentNote(fl.author.Sender, d.Ref)
	said := []byte(shortHash(string(b)))
	before, ok, err := w.Note(key)
	if err != nil || ok && string(before) == string(said) {
		return ok, err
	}
	return false, w.SetNote(key, said)
}

// overtaken says whether a message about a diagnosis or an allergy came later than a
// newer one of the same: a delayed admission does not bring back what a later message
// took back, nor the admitting diagnosis over the final one. It is kept among the earlier versions.
func (w *work) overtaken(fl *filing, m record.Mutation, d record.Draft, exists bool) (bool, error) {
	if d.Ref.Type != fhir.TypeCondition && d.Ref.Type != fhir.TypeAllergyIntolerance || d.Event == 0 || len(m.Ops) == 0 || m.Ops[0].Kind != record.OpPut {
		return false, nil
	}
	order, err := w.newestEvent(eventNote(d.Ref), d.Event)
	if err != nil || order >= 0 || !exists {
		return false, err
	}
	fl.note(map[fhir.Type]string{
		fhir.TypeCondition:          "an older message about a diagnosis came after a newer one",
		fhir.TypeAllergyIntolerance: "an older message about an allergy came after a newer one",
	}[d.Ref.Type])
	c := record.Change{Ref: m.Ref, Patient: m.Patient, Author: m.Author, Mutation: m.ID, Clock: m.Clock, Times: m.Times}
	return true, w.loser(fl, c, merge.Result{Loser: m.Ops[0].Value, Reason: "an older message, which came after a newer one"})
}

// sentNote holds what a sender said last about something.
func sentNote(sender string, ref fhir.Ref) string { return "sent/" + shortHash(sender, ref.String()) }

// stamps are those of the newest message that said what is current: a repeated
// result moves them on without making a new version.
func (w *work) stamps(cur record.Change) (*record.Stamps, error) {
	if !isResult(cur.Ref.Type) {
		return cur.Stamps, nil
	}
	s, ok, err := noteOf[record.Stamps](w, stampsNote(cur.Ref))
	if err != nil || !ok {
		return cur.Stamps, err
	}
	return &s, nil
}

// undoneBy is what a message about an allergy is laid on. Where its sender had called the
// allergy a mistake and names it again, its own word is taken back with it: else what was
// deleted and added anew would stay deleted. What a person has said here stands.
func (fl *filing) undoneBy(d record.Draft, cur record.Change) fhir.Resource {
	if d.Ref.Type != fhir.TypeAllergyIntolerance || cur.Body == nil || cur.Author.Sender != fl.author.Sender || !calledMistake(cur.Body) {
		return cur.Body
	}
	if len(d.Ops) != 1 || d.Ops[0].Kind != record.OpPut || calledMistake(d.Ops[0].Value) {
		return cur.Body
	}
	o, err := fhir.Parse(cur.Body)
	if err != nil {
		return cur.Body
	}
	delete(o, "verificationStatus")
	out, err := o.Resource()
	if err != nil {
		return cur.Body
	}
	return out
}

// calledMistake says whether an allergy's or a diagnosis's verification status is
// entered-in-error.
func calledMistake(body []byte) bool {
	o, err := fhir.Parse(body)
	var c fhir.CodeableConcept
	return err == nil && json.Unmarshal(o["verificationStatus"], &c) == nil &&
		slices.ContainsFunc(c.Coding, func(k fhir.Coding) bool { return k.Code == "entered-in-error" })
}

// withoutCourse takes the clinical status off an allergy or a diagnosis that its sender
// calls a mistake: what never was is neither active nor over (R4 invariants ait-2, con-5).
func withoutCourse(t fhir.Type, body fhir.Resource) fhir.Resource {
	if t != fhir.TypeAllergyIntolerance && t != fhir.TypeCondition {
		return body
	}
	o, err := fhir.Parse(body)
	if err != nil || o["clinicalStatus"] == nil || !calledMistake(body) {
		return body
	}
	delete(o, "clinicalStatus")
	out, err := o.Resource()
	if err != nil {
		return body
	}
	return out
}
