// Package merge decides what becomes of concurrent changes: field by field
// against the version that the author saw, by a policy for each resource type.
// Central and every station use it, so there is one merge and one order.
//
// Concurrency is decided by base version, never by a clock. The package is
// pure: the same input gives the same result on every machine, whatever
// arrived first. For every policy but Appointment the merge of states is
// commutative, associative and idempotent; what loses stays in history, and a
// person decides where no rule may.
//
// The ways in:
//   - Diff makes the operations of a mutation out of a body before and after;
//     ApplyOps performs them; AuthorView is what the author had on screen.
//   - Apply is what one mutation makes of the resource in force.
//   - Three is the merge of two states that grew from one base.
//   - Fold puts a station's own unsent work on top of what is committed.
//   - Allergies and Reviews look at a patient's whole compartment: entries that
//     are each fine and contradict one another. Choose, Decide settle them.
package merge

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Input is one mutation, what it was made against, and what is current now.
type Input struct {
	// Base is what the author had before their eyes; nil for a create. Where
	// the mutation names an earlier one (BaseMut), it is AuthorView over that
	// earlier one's base, not what central made of it: the author had not seen
	// the other side of the merge. A connector has seen nothing; its Base is
	// ignored.
	Base     fhir.Resource
	Current  fhir.Resource  // the body in force; nil where the resource does not exist
	Stamps   *record.Stamps // of Current, for laboratory results
	Diverged bool           // Current is another version than Base; a hint, the bodies decide
	Mutation record.Mutation
}

// Result is what the mutation makes of the resource.
type Result struct {
	Outcome  record.Outcome
	Body     fhir.Resource    // the new current body; nil: the current one stays
	Loser    fhir.Resource    // kept as a history version; nil: nothing lost
	Stamps   *record.Stamps   // of Body, for laboratory results
	Field    string           // for Outcome Review: the disputed element
	Sides    [2]fhir.Resource // for Outcome Review: the two bodies, in canonical order of content
	Reason   string           // for Refused and Review, in words for a person
	Flags    []string         // machine-made remarks, already in Body as extension fhir.ExtFlag
	HeldBack bool             // Refused because what it builds on is not here: a connector's message is held back
}

// Machine-made remarks on a resource (extension fhir.ExtFlag).
const (
	FlagStatusBackwards = "status-went-backwards" // a newer version has an earlier status
	FlagNoEarlierFinal  = "no-earlier-final"      // a correction of a final that was never seen
	FlagSameStamp       = "same-stamp"            // two versions carry the same stamps and status
	FlagRevokedTooLate  = "revoked-too-late"      // an order was revoked after it had been carried out
)
