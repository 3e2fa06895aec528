// Package merge decides what becomes of concurrent changes: field by field
// against the version that the author saw, by a policy for each resource type.
// Central and every station use it, so there is one merge and one order.
//
// Concurrency is decided by base version, never by a clock. The package is
// pure: the same input gives the same result on every machine, whatever
// arrived first. For every policy but Appointment the merge of states is
// commutative, associative and idempotent; what loses stays in history, and a
// person decides where no rule may.
package merge

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Input is one mutation, the version it was made against, and what is current
// now.
type Input struct {
	Base     fhir.Resource  // the body that the author changed; nil for a create
	Current  fhir.Resource  // the body in force; nil where the resource does not exist
	Stamps   *record.Stamps // of Current, for laboratory results
	Diverged bool           // Current is another version than Base
	Mutation record.Mutation
}

// Result is what the mutation makes of the resource.
type Result struct {
	Outcome record.Outcome
	Body    fhir.Resource    // the new current body; nil: the current one stays
	Loser   fhir.Resource    // kept as a history version; nil: nothing lost
	Field   string           // for Outcome Review: the disputed element
	Sides   [2]fhir.Resource // for Outcome Review: the two bodies, in canonical order of content
	Reason  string           // for Refused and Review, in words for a person
	Flags   []string         // machine-made remarks for the body, such as "status-went-backwards"
}
