package submit

import (
	"strconv"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/merge"
)

// Admission messages arrive in any order. What they say counts from the event
// (EVN-6, else EVN-2), so an older event adds what nobody has said since, and
// never undoes a newer place or name. The newest event is kept in a note and
// not only in the version that it wrote: a message that repeats what is known
// writes no version and still makes older ones older.

func eventNote(ref fhir.Ref) string { return "event/" + ref.String() }
func moveNote(ref fhir.Ref) string  { return "move/" + ref.String() }

// inOrder gives a draft of a patient or a stay its event time, and takes away
// what a newer event has said already.
func (w *work) inOrder(fl *filing, m record.Mutation, d record.Draft, cur record.Change) (record.Mutation, error) {
	if d.Event == 0 || d.Ref.Type != fhir.TypeEncounter && d.Ref.Type != fhir.TypePatient {
		return m, nil
	}
	m.Stamps = &record.Stamps{Message: d.Event}
	m.Times.Clinical = stamp(time.UnixMilli(d.Event))
	moves := d.Ref.Type == fhir.TypeEncounter && movesIn(d.Ops)
	older, err := w.newestEvent(eventNote(d.Ref), d.Event)
	if err != nil {
		return m, err
	}
	left := false
	if moves {
		if left, err = w.newestEvent(moveNote(d.Ref), d.Event); err != nil {
			return m, err
		}
	}
	if cur.Body == nil || !older && !left {
		return m, nil
	}
	if left {
		if err := w.oldMove(fl, m, cur); err != nil {
			return m, err
		}
	}
	m.Ops = olderOps(m.Ops, cur.Body, older, left)
	return m, nil
}

// newestEvent moves a note on to an event, or says that the event is older than
// what the note holds.
func (w *work) newestEvent(key string, event int64) (older bool, err error) {
	b, ok, err := w.Note(key)
	if err != nil {
		return false, err
	}
	if ok {
		if held, err := strconv.ParseInt(string(b), 10, 64); err == nil && event <= held {
			return event < held, nil
		}
	}
	return false, w.SetNote(key, strconv.AppendInt(nil, event, 10))
}

// movement are the elements of an Encounter that say where somebody is, and
// whether they are still here.
var movement = map[string]bool{"status": true, "location": true, "period": true, "extension": true}

// movesIn says whether a draft names a place, or ends the stay.
func movesIn(ops []record.Op) bool {
	for _, op := range ops {
		switch {
		case op.Kind == record.OpPut:
			e, err := fhir.View[fhir.Encounter](op.Value)
			if err == nil && (len(e.Location) > 0 || fhir.ExtString(e.Extension, fhir.ExtWard) != "" || e.Status != "" && !presentStay(op.Value)) {
				return true
			}
		case op.Field == "status" || op.Field == "location" || op.Key == fhir.ExtWard:
			return true
		}
	}
	return false
}

// oldMove keeps in history where somebody had been, according to a message
// that came late.
func (w *work) oldMove(fl *filing, m record.Mutation, cur record.Change) error {
	from := cur.Body
	if m.Ops[0].Kind == record.OpPut {
		from = nil
	}
	body, err := merge.ApplyOps(from, m.Ops)
	if err != nil {
		return nil // the merge refuses it in words
	}
	if ref, err := body.Ref(); err != nil || ref != m.Ref {
		return nil
	}
	for v, err := range w.History(m.Ref) {
		if err != nil {
			return err
		}
		if plain(v.Body).Hash() == plain(body).Hash() {
			return nil
		}
	}
	return w.target(fl, record.Change{
		Ref: m.Ref, Patient: m.Patient, Author: m.Author, Mutation: m.ID, Clock: m.Clock, Times: m.Times, Stamps: m.Stamps,
		Body: body, History: true, Reason: "An older movement arrived after a newer one; it is kept in the history.",
	})
}

// olderOps are what an event may still say after a newer one has spoken: where
// a newer one has moved the patient, nothing about the place; and no element
// that is there already. Identifiers only ever join.
func olderOps(ops []record.Op, current fhir.Resource, older, left bool) []record.Op {
	have, err := fhir.Parse(current)
	if err != nil {
		return ops
	}
	ref, err := current.Ref()
	if err != nil {
		return ops
	}
	free := func(field string) bool {
		_, said := have[field]
		switch {
		case field == "resourceType" || field == "id" || field == "identifier":
			return true
		case ref.Type == fhir.TypeEncounter && movement[field]:
			return !left
		}
		return !older || !said
	}
	head, err := fhir.Make(map[string]string{"resourceType": string(ref.Type), "id": string(ref.ID)})
	if err != nil {
		return ops
	}
	out := []record.Op{{Kind: record.OpPut, Value: head}}
	for _, op := range ops {
		switch {
		case op.Kind == record.OpPut:
			o, err := fhir.Parse(op.Value)
			if err != nil {
				return ops
			}
			for field := range o {
				if !free(field) {
					delete(o, field)
				}
			}
			if out[0].Value, err = o.Resource(); err != nil {
				return ops
			}
		case free(op.Field) && (!older || op.Kind == record.OpSet || op.Kind == record.OpAdd):
			out = append(out, op)
		}
	}
	return out
}
