package merge

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Folded is a resource with a station's own unsent work on top.
type Folded struct {
	Body    fhir.Resource // nil where the resource does not exist
	Results []Result      // of each mutation, in order
	Rough   bool          // a base body was missing; the operations were put on top as they are
}

// Fold puts unsent mutations of one resource, in the order in which they were
// written, on top of the committed body. It is what central will do with them,
// done by the same code, so a station shows what will become of its work as far
// as it can be known: each batch that arrives is a new current, and folding
// again rebases the work on it. A mutation that current holds already changes
// nothing, so it does not matter whether a batch or a receipt comes first.
//
// base finds the committed body of a version.
func Fold(current fhir.Resource, stamps *record.Stamps, base func(record.Version) (fhir.Resource, bool), muts []record.Mutation) Folded {
	f := Folded{Body: current}
	views := map[record.MutationID]fhir.Resource{} // what the author saw after each
	for _, m := range muts {
		from, ok := baseOf(m, base, views)
		if !ok {
			f.Rough = true
			from = f.Body
		}
		if view, err := ApplyOps(from, m.Ops); err == nil {
			views[m.ID] = view
		}
		r := Apply(Input{Base: from, Current: f.Body, Stamps: stamps, Mutation: m})
		f.Results = append(f.Results, r)
		if r.Body != nil {
			f.Body = r.Body
		}
	}
	return f
}

func baseOf(m record.Mutation, base func(record.Version) (fhir.Resource, bool), views map[record.MutationID]fhir.Resource) (fhir.Resource, bool) {
	if m.BaseMut != "" {
		r, ok := views[m.BaseMut]
		return r, ok
	}
	if m.Base == 0 {
		return nil, true
	}
	return base(m.Base)
}
