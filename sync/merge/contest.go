package merge

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Contest is what becomes of a stay that was ended although somebody examined
// the patient afterwards: both are kept, the patient counts as here until a
// person has decided, so that nobody loses sight of them. ended is the stay as
// it is, before its last version in which the patient was here, act what was
// done to the patient. ok is false where the two do not contradict one
// another: the act was before the end, or the question is open already.
//
// An act after the end by a clock that is known contradicts it from five
// minutes on; by a clock that is not, at any time after it.
func Contest(ended, before fhir.Resource, act record.Mutation) (body fhir.Resource, ok bool) {
	o, err := fhir.Parse(ended)
	if err != nil || hereStatus[statusOf(o)] {
		return nil, false
	}
	was, err := fhir.Parse(before)
	if err != nil || !hereStatus[statusOf(was)] {
		return nil, false
	}
	_, gone := splitMovement(o)
	_, here := splitMovement(was)
	end, done := movedIn(gone), eventOf(act)
	gap := sureGap.Milliseconds()
	if !done.Sure || !end.Sure {
		gap = 0
	}
	if end.At == 0 || done.At == 0 || done.At-end.At <= gap {
		return nil, false
	}
	p := path{field: movementField}
	d := disputesOf(o)[p]
	if len(d.values) > 0 {
		return nil, false
	}
	m := movementParts(here)
	stamp, err := fhir.Make(moved{At: done.At, ADT: movedIn(here).ADT}.extension())
	if err != nil {
		return nil, false
	}
	m.Ext[extMoved] = []byte(stamp)
	raw, err := fhir.Make(m)
	if err != nil {
		return nil, false
	}
	asked := dispute{path: p, round: d.round, values: []value{{raw: gone, round: d.round}, {raw: string(raw), round: d.round}}}
	return contested(o, asked), true
}

// contested puts a dispute about the movement into a stay, with the value in
// force that says that the patient is here.
func contested(o fhir.Object, d dispute) fhir.Resource {
	sortValues(d.values)
	rest, _ := splitMovement(o)
	joinMovement(rest, encounterPolicy.rule(d.path).inForce(d.values).raw)
	putExtension(rest, d.extension())
	return bodyOf(normal(encounterPolicy, rest, rest))
}
