package submit

import (
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
