// Package audit says who looked at what, and who did what: it makes FHIR R4
// AuditEvents in the form of IHE's Basic Audit Log Patterns (BALP 1.1) and
// reads them again, and it keeps the chain that ties a station's events
// together until central has them.
//
// An event names the user with role, station and network address, the resources
// by reference and version, the patient, the outcome and the purpose. It holds
// no clinical value: no result, no text of a note, no name of a patient. A
// search keeps its words, because what was searched for is the look.
//
// The package is pure. Events are canonical JSON, so that equal events have
// equal bytes. On a station they form a chain of HMACs (Ratchet; of earlier
// programs Next, Verify), whose keys central follows (Checker); on central they are
// part of the journal, whose own chain covers them.
package audit

import (
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Action is what was done.
type Action string

// The actions.
const (
	Read    Action = "read"     // looked at a resource or a chart
	Search  Action = "search"   // looked for something; Query holds the words
	Create  Action = "create"   // wrote something new
	Update  Action = "update"   // changed something
	Export  Action = "export"   // took data out: a file, a print, a list
	Import  Action = "import"   // brought data in: a restore, a recovered outbox
	SignIn  Action = "sign-in"  // also a failed try
	SignOut Action = "sign-out" // also a lock
	Config  Action = "config"   // settings, accounts, devices, clocks
	Break   Action = "break"    // broke the glass: emergency access begins
	Flagged Action = "flagged"  // central says of somebody's look that it stands out
)

// Purpose is why (HL7 v3 ActReason).
type Purpose string

// The purposes.
const (
	Treatment   Purpose = "TREAT"
	Emergency   Purpose = "ETREAT"
	BreakGlass  Purpose = "BTG"
	Operations  Purpose = "HOPERAT"
	Payment     Purpose = "HPAYMT"
	PatientAsks Purpose = "PATRQT"
)

// Outcome is how it ended (R4 value set audit-event-outcome).
type Outcome string

// The outcomes.
const (
	Success Outcome = "0"
	Refused Outcome = "4" // it was not allowed, or made no sense; nothing happened
	Failed  Outcome = "8" // it was allowed and did not work
)

// Who is who did it, and where. Either User or Sender is set.
type Who struct {
	User    record.UserID
	Name    string // as shown: "Grace Mensah"
	Role    string
	Sender  string           // a connector: its channel and MSH-3/4
	Station record.StationID // "" on central itself
	Place   string           // the computer as shown: "Ward 4B, computer 4B-02"
	Address string           // network address
}

// What is one thing that it was done to.
type What struct {
	Ref     fhir.Ref
	Version record.Version // 0: not stated
}

// Event is one event.
type Event struct {
	ID       fhir.ID
	Action   Action
	Recorded time.Time     // by the clock of where it happened
	Offset   time.Duration // central's clock minus that one, where Measured
	Measured bool
	Who      Who
	What     []What
	Patient  fhir.ID // always, where it concerns one
	Query    string  // of a search
	Purpose  Purpose
	Outcome  Outcome // "": Success
	Reason   string  // of a refusal or a failure, or of breaking the glass; no patient data
	Observer string  // which system recorded it; "": the station, else "central"
	Details  []Detail
}

// Detail is a technical fact, such as a message's control id or a setting's
// name. Never a clinical value.
type Detail struct {
	Name  string
	Value string
}
