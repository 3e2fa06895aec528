package ward

import "time"

// InboxKind is why a result is in the inbox.
type InboxKind string

// The kinds, in the order of an inbox.
const (
	InboxCritical  InboxKind = "critical"  // critical, and nobody has it
	InboxCorrected InboxKind = "corrected" // not what it first was, and nobody has had the new value
	InboxHanded    InboxKind = "handed"    // handed to somebody who has yet to act
	InboxTaken     InboxKind = "taken"     // taken, and no action is recorded
	InboxQuiet     InboxKind = "quiet"     // critical, repeats what somebody had taken, and interrupts nobody
	InboxNew       InboxKind = "new"       // nobody has acknowledged it
)

// InboxItem is one result that waits for somebody.
type InboxItem struct {
	Kind      InboxKind   `json:"kind"`
	Who       Identity    `json:"who"`
	Allergies AllergyLine `json:"allergies"`
	Mine      bool        `json:"mine"` // of a patient on the reader's own list, or of a result that the reader has or was handed
	ToMe      bool        `json:"toMe"` // handed to the reader
	Result    Result      `json:"result"`
	Since     time.Time   `json:"since"` // what it says has been available
	Next      *Rung       `json:"next,omitempty"`
	// Left: the patient is on no ward any more, and this ward keeps them until
	// somebody has read or acted on what waits.
	Left *Leaving `json:"left,omitempty"`
}

// InboxLine is the line of an inbox on which a result stands: what is new of one panel
// and was collected and received at the same minute stands on one, everything else has
// its own. Lines are what a page lists and what is counted.
func InboxLine(kind InboxKind, p PatientID, r *Result) string {
	if kind != InboxNew {
		return string(kind) + " " + string(p) + " " + string(r.ID)
	}
	const minute = "2006-01-02T15:04"
	line := "new " + string(p) + " " + r.Panel + " " + r.Collected.UTC().Format(minute) + " " + r.Received.UTC().Format(minute)
	if r.Panel == "" {
		line += string(r.ID)
	}
	return line
}

// Inbox is the results that wait for somebody, worst first.
type Inbox struct {
	Items    []InboxItem `json:"items"`
	AsOf     time.Time   `json:"asOf"`
	FeedDown bool        `json:"feedDown"` // "none" may not be said
}
