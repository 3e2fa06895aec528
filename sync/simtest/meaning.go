package simtest

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// asWritten says whether what somebody wrote down as a whole stands in its
// resource's history in the same words: a number alone says nothing of what is
// under it. What stands under another number is held to account there.
func (l *ledger) asWritten(m record.Mutation) bool {
	if _, there := l.current[m.Ref]; !there || m.Ops[0].Kind != record.OpPut || m.Was != nil {
		return true
	}
	want, err := fhir.Parse(m.Ops[0].Value)
	must(err)
	for _, e := range l.entries {
		for _, c := range e.Changes {
			if c.Ref == m.Ref && c.Patient == m.Patient && holds(c.Body, want) {
				return true
			}
		}
	}
	return false
}

// holds says whether a body has all of some elements.
func holds(body fhir.Resource, elements fhir.Object) bool {
	o, err := fhir.Parse(body)
	must(err)
	for name, value := range elements {
		if string(o[name]) != string(value) {
			return false
		}
	}
	return true
}
