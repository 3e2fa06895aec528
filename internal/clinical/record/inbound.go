package record

import "wardlight/internal/clinical/fhir"

// SubjectRef is the reference that a connector writes where it means "the
// person this message is about". submit replaces it once it knows who that is.
const SubjectRef = "Patient/-subject-"

// SubjectID is the id part of SubjectRef.
const SubjectID fhir.ID = "-subject-"

// Subject is what a message says about who it concerns.
type Subject struct {
	Identifiers []fhir.Identifier // system + value + type, in the order sent; never the number alone
	Family      string
	Given       []string
	BirthDate   string // FHIR date with the precision sent, or ""
	Temporary   bool   // PID-31 or an "Unknown" name: identity not confirmed
	MayCreate   bool   // ADT makes patients; results never do
}

// Draft is one resource that a message wants written. Its id is a pure
// function of the message's content, so that a replay writes the same
// resource; the Patient's id is SubjectID.
type Draft struct {
	Ref fhir.Ref
	Ops []Op
	// IfNew are further operations for the case that the resource does not exist
	// yet: what an update may assume about something nobody has spoken of before.
	IfNew  []Op
	Stamps *Stamps
	Times  Times
	// Event orders movements: EVN-6, else EVN-2, else MSH-7, in ms; an older
	// one never undoes a newer location.
	Event int64
	// Within, where set, tells a result of one panel from one of another under the same
	// number (see Within).
	Within *Within
	// Span, where set, is what a message says of when a stay began and ended, where it
	// does not say both.
	Span *Span
	// Undoes marks what takes an event back (A11, A12, A13, A27, A38): where nobody has
	// heard of the stay, there was nothing to take back, and the message's row says so.
	Undoes bool
	// PromoteOnly marks OBX-11 U: an existing preliminary becomes final; where
	// there is none the message is held back.
	PromoteOnly bool
}

// Span is a stay's period as far as a message names it. R4 keeps start and end in one
// element; what is not named stays as it is known.
type Span struct {
	Start string  // "": not named
	End   *string // nil: not named; "": there is none
}

// Within are the ids that a result may have. Its sender's number, test, sub-id and
// specimen identify it; but some senders give all panels of one sample one number, and a
// test that stands in two of them is two results; so are readings of several times under one
// name. Only the record knows whether there are.
type Within struct {
	Report   fhir.ID // of the panel (OBR-4)
	Alone    fhir.ID // by number and test
	InReport fhir.ID // by number, test and panel
	AtTime   fhir.ID // by number, test, panel and time (OBX-14); "": it names no time
	// Unsampled is its id where an earlier version named no specimen; "": it names none.
	Unsampled fhir.ID
}

// Group is what a message says about one person. An ORU may hold several.
type Group struct {
	Subject Subject
	Drafts  []Draft
	Ward    Ward // PV1-3, whom to warn when the group cannot be filed
	// Retired, where set, is another record of the same person (A40): Subject's
	// survives, and what comes for this one goes to it from now on.
	Retired *Subject
	// Renamed says that Subject's numbers take the place of Retired's (A47): they are
	// new, and nobody else has them.
	Renamed bool
	// Apart, where set, is a record that was joined with Subject's and is
	// another person's (A37): the joining is taken back.
	Apart *Subject
}

// Filing is a translated message, ready to be submitted.
type Filing struct {
	Inbound  Inbound
	Groups   []Group
	Problems []Problem
}

// Problem is a reason not to file a message, or a part of it.
type Problem struct {
	Reason string // for a person: what is wrong and what to do; no patient data
	Owner  string // who can act: "interface manager", "registration desk", "laboratory"
	// Partial is true where the rest of the message may still be filed.
	Partial bool
	// About are the resources that are not in the record for it, or not as they
	// should be; none where that is not known. When they come, it is over.
	About []fhir.Ref
}
