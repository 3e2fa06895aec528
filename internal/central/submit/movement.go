package submit

import (
	"cmp"
	"slices"
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
// what a newer event has said already. tie says that the event happened in the
// same instant as the newest movement that is known.
func (w *work) inOrder(fl *filing, m record.Mutation, d record.Draft, cur record.Change) (_ record.Mutation, tie bool, err error) {
	if d.Event == 0 || d.Ref.Type != fhir.TypeEncounter && d.Ref.Type != fhir.TypePatient {
		return m, false, nil
	}
	m = at(m, d.Event)
	event, err := w.newestEvent(eventNote(d.Ref), d.Event)
	if err != nil {
		return m, false, err
	}
	move := 1
	if d.Ref.Type == fhir.TypeEncounter && movesIn(d.Ops) {
		if late, done, err := w.lateStatus(m, d, cur); err != nil || done {
			if err == nil {
				late, err = w.older(fl, late, cur, event < 0, false)
			}
			return late, false, err
		}
		if move, err = w.newestMove(moveNote(d.Ref), d.Event, saysStatus(d.Ops)); err != nil {
			return m, false, err
		}
	}
	if cur.Body == nil {
		return m, false, nil
	}
	if move == 0 {
		held, err := w.heldEvent(moveNote(d.Ref))
		return at(m, d.Event+held.Ties), true, err
	}
	m, err = w.older(fl, m, cur, event < 0, move < 0)
	return m, false, err
}

func at(m record.Mutation, event int64) record.Mutation {
	m.Stamps = &record.Stamps{Message: event}
	m.Times.Clinical = stamp(time.UnixMilli(event))
	return m
}

// older takes away what a newer event has said; left means that it has moved
// the patient too.
func (w *work) older(fl *filing, m record.Mutation, cur record.Change, older, left bool) (record.Mutation, error) {
	if left {
		if err := w.oldMove(fl, m, cur); err != nil {
			return m, err
		}
	}
	if older || left {
		m.Ops = olderOps(m.Ops, cur.Body, older, left)
	}
	return m, nil
}

// settleTie orders two movements of one instant, which senders that write whole
// seconds make: an end stays the end, else the later arrival counts, since one
// sender's messages come in order. No person on the ward could know better.
func (w *work) settleTie(fl *filing, m record.Mutation, d record.Draft, cur record.Change) (record.Mutation, error) {
	if !presentStay(cur.Body) && !ends(m.Ops) {
		return w.older(fl, m, cur, false, true)
	}
	held, err := w.heldEvent(moveNote(d.Ref))
	if err != nil {
		return m, err
	}
	held.Ties++
	return at(m, d.Event+held.Ties), w.holdEvent(moveNote(d.Ref), held)
}

// ends says whether a draft ends the stay.
func ends(ops []record.Op) bool {
	for _, op := range ops {
		switch {
		case op.Kind == record.OpPut:
			if e, err := fhir.View[fhir.Encounter](op.Value); err == nil && e.Status != "" && !presentStay(op.Value) {
				return true
			}
		case op.Field == "status":
			return !presentStay([]byte(`{"status":` + string(op.Value) + `}`))
		}
	}
	return false
}

// lastEvent is the newest event that is known, and how many others shared its
// instant: each counts as a millisecond later.
type lastEvent struct {
	At   int64 `cbor:"1,keyasint"`
	Ties int64 `cbor:"2,keyasint,omitempty"`
	// Said is the newest of them that says whether somebody is here; -1: none does, 0: not
	// known, because an earlier program wrote the note. An update (A08) repeats the place and
	// is silent on that.
	Said int64 `cbor:"3,keyasint,omitempty"`
}

// said is Said, and At where it is not known.
func (e lastEvent) said() int64 {
	if e.Said == 0 {
		return e.At
	}
	return e.Said
}

// saysStatus says whether a draft of a stay says that somebody is here, or is not.
func saysStatus(ops []record.Op) bool {
	return slices.ContainsFunc(ops, func(op record.Op) bool { return op.Field == "status" && op.Kind == record.OpSet })
}

// newestMove is newestEvent for movements.
func (w *work) newestMove(key string, event int64, says bool) (int, error) {
	held, err := w.heldEvent(key)
	if err != nil {
		return 0, err
	}
	next := held
	switch {
	case held.At == 0:
		next = lastEvent{At: event, Said: -1}
	case event > held.At:
		next = lastEvent{At: event, Said: held.said()}
	}
	if says && event > next.Said && event >= held.At {
		next.Said = event
	}
	order := 1
	if held.At != 0 && event <= held.At {
		order = cmp.Compare(event, held.At)
	}
	if next == held {
		return order, nil
	}
	return order, w.holdEvent(key, next)
}

// lateStatus takes a discharge, an admission or a cancellation that arrives behind a newer
// update of the same stay. The update said where somebody was, and nothing of whether they
// were still here: what it said stands, and so does what came late. Else whoever was updated
// after their discharge would lie on the ward for ever.
func (w *work) lateStatus(m record.Mutation, d record.Draft, cur record.Change) (record.Mutation, bool, error) {
	held, err := w.heldEvent(moveNote(d.Ref))
	if err != nil || cur.Body == nil || !saysStatus(d.Ops) || d.Event >= held.At || d.Event <= held.said() {
		return m, false, err
	}
	held.Said = d.Event
	held.Ties++
	m = at(m, held.At+held.Ties)
	m.Ops = slices.DeleteFunc(slices.Clone(m.Ops), func(op record.Op) bool {
		return op.Field == "location" || op.Key == fhir.ExtWard || op.Key == fhir.ExtBed
	})
	return m, true, w.holdEvent(moveNote(d.Ref), held)
}

func (w *work) heldEvent(key string) (lastEvent, error) {
	held, _, err := noteOf[lastEvent](w, key)
	return held, err
}

func (w *work) holdEvent(key string, e lastEvent) error {
	b, err := record.Encode(e)
	if err != nil {
		return err
	}
	return w.SetNote(key, b)
}

// newestEvent moves a note on to an event. It says how the event compares with
// what the note held: older (-1), the same instant (0), or newer (1).
func (w *work) newestEvent(key string, event int64) (int, error) {
	held, err := w.heldEvent(key)
	if err != nil {
		return 0, err
	}
	if held.At != 0 && event <= held.At {
		return cmp.Compare(event, held.At), nil
	}
	return 1, w.holdEvent(key, lastEvent{At: event})
}

// movement are the elements of an Encounter that say where somebody is, and
// whether they are still here.
var movement = map[string]bool{"status": true, "location": true, "period": true, "extension": true}

// movesIn says whether a draft names a place, or ends the stay.
func movesIn(ops []record.Op) bool {
	for _, op := range ops {
		if op.Kind == record.OpPut {
			e, err := fhir.View[fhir.Encounter](op.Value)
			if err == nil && (len(e.Location) > 0 || fhir.ExtString(e.Extension, fhir.ExtWard) != "") {
				return true
			}
		}
		if op.Field == "location" || op.Key == fhir.ExtWard {
			return true
		}
	}
	return ends(ops)
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

// choices are the elements of which R4 allows one: who is said to live is not dead as well,
// because an older message said since when.
var choices = map[string][]string{
	"deceasedBoolean": {"deceasedDateTime"}, "deceasedDateTime": {"deceasedBoolean"},
	"multipleBirthBoolean": {"multipleBirthInteger"}, "multipleBirthInteger": {"multipleBirthBoolean"},
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
		for _, other := range choices[field] {
			_, also := have[other]
			said = said || also
		}
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

// withPeriod completes the period of a stay by what is known of it: the half that a
// message names would take the other one away.
func withPeriod(d record.Draft, current fhir.Resource) record.Draft {
	if d.Span == nil {
		return d
	}
	var p fhir.Period
	if e, err := fhir.View[fhir.Encounter](current); err == nil && e.Period != nil {
		p = *e.Period
	}
	if d.Span.Start != "" {
		p.Start = d.Span.Start
	}
	if d.Span.End != nil {
		p.End = *d.Span.End
	}
	if p == (fhir.Period{}) {
		return d
	}
	body, err := fhir.Make(p)
	if err != nil {
		return d
	}
	d.Ops = append(slices.Clone(d.Ops), record.Op{Kind: record.OpSet, Field: "period", Value: body})
	return d
}
