package submit

import (
	"cmp"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A laboratory declares a result final without sending it again (OBX-11 U, or V without a
// value). Where its value is not here, because the two messages came in the wrong order or
// one was lost, the declaration waits in a note for each result and message:
//
//	promises/<result>/<message>
//
// and its message is filed again once the value has come. Else a result that is final would
// stand as preliminary for ever.

const promisesPrefix = "promises/"

// A declaration also stands for what arrives after it and was said before it: a value that
// came late is final, too. Its stamps stay in a note for each result:
//
//	declared/<result>

func declaredNote(ref fhir.Ref) string { return "declared/" + ref.String() }

// declare remembers the newest declaration about a result.
func (w *work) declare(d record.Draft) error {
	if d.Stamps == nil {
		return nil
	}
	before, known, err := noteOf[record.Stamps](w, declaredNote(d.Ref))
	if err != nil || known && !laterStamps(*d.Stamps, before) {
		return err
	}
	b, err := record.Encode(*d.Stamps)
	if err != nil {
		return err
	}
	return w.SetNote(declaredNote(d.Ref), b)
}

// laterStamps compares as versions of a result are compared: the status, the analyser, the
// message.
func laterStamps(a, b record.Stamps) bool {
	return cmp.Or(cmp.Compare(a.StatusChanged, b.StatusChanged), cmp.Compare(a.Analysed, b.Analysed), cmp.Compare(a.Message, b.Message)) > 0
}

// asDeclared makes final what has just been written as preliminary, where its sender has
// declared it so already; the merge asks whether the declaration is the later word. A
// withdrawal that comes late, of a result that was declared final after it, is told of: the
// laboratory has said both. before is what was current.
func (w *work) asDeclared(fl *filing, group int, patient fhir.ID, gone bool, d record.Draft, before fhir.Resource) error {
	if d.Ref.Type != fhir.TypeObservation || d.PromoteOnly {
		return nil
	}
	said, known, err := noteOf[record.Stamps](w, declaredNote(d.Ref))
	if err != nil || !known {
		return err
	}
	cur, there, err := w.Current(d.Ref)
	if err != nil || !there {
		return err
	}
	o, bad := fhir.View[fhir.Observation](cur.Body)
	if bad != nil || isFinal(cur.Body) || o.Status != "preliminary" && !isFinal(before) {
		return nil
	}
	return w.draft(fl, group, patient, gone, record.Draft{
		Ref: d.Ref, PromoteOnly: true, Stamps: &said, Times: d.Times,
		Ops: []record.Op{{Kind: record.OpSet, Field: "status", Value: []byte(`"final"`)}},
	})
}

// isFinal says whether a result is final, or was and has been corrected.
func isFinal(body fhir.Resource) bool {
	o, err := fhir.View[fhir.Observation](body)
	if err != nil {
		return false
	}
	switch o.Status {
	case "final", "corrected", "amended":
		return true
	}
	return false
}

// holdPromise keeps such a declaration. That the value comes is no correction of it: the
// warning ends with the message itself.
func (w *work) holdPromise(fl *filing, group int, d record.Draft) error {
	if err := w.SetNote(promisesPrefix+d.Ref.String()+"/"+shortHash(fl.row.ID), []byte(fl.row.ID)); err != nil {
		return err
	}
	fl.hold(heldBack{
		group: group, owner: OwnerLaboratory, partial: true, unknown: true,
		why: "the laboratory declares a result final (OBX-11 U or V) whose value is not here; it becomes final by itself when the value comes: ask the laboratory for it",
	})
	return nil
}

// promised gives the messages their turn that wait for the value of a result.
func (w *work) promised(ref fhir.Ref) error {
	if !isResult(ref.Type) {
		return nil
	}
	var waiting []record.KV
	for kv, err := range w.Notes(promisesPrefix + ref.String() + "/") {
		if err != nil {
			return err
		}
		waiting = append(waiting, kv)
	}
	for _, kv := range waiting {
		if err := w.SetNote(kv.Key, nil); err != nil {
			return err
		}
		if err := w.SetNote(turnPrefix+string(kv.Value), []byte{1}); err != nil {
			return err
		}
	}
	return nil
}
