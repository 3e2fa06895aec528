// Package rbac decides who may do and see what. It is pure: a Request with all
// that matters goes in, a Decision with its reason in words comes out, and the
// same request always gets the same answer, on central and on a station that
// is cut off.
//
// Promises: what no row of the table allows is refused; an unknown role, action
// or resource type is refused; a rule never widens because something is
// missing from the request. Every refusal says why in words that a person can
// act on, without patient data.
//
// The table is data (see Table), so that a hospital's security officer can read
// it, and so that every row has a test in both directions.
package rbac

import (
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/words"
)

// Role is what a person is on this system.
type Role string

// The roles. They are stored in accounts; the words are for ever.
const (
	Nurse            Role = "nurse"
	ChargeNurse      Role = "charge-nurse"
	Doctor           Role = "doctor"
	WardClerk        Role = "ward-clerk"
	InterfaceManager Role = "interface-manager"
	Administrator    Role = "administrator"
	PrivacyOfficer   Role = "privacy-officer"
	// Computer is a workstation that speaks for itself: it says what it drew.
	// No person holds this role.
	Computer Role = "computer"
)

// Roles are all roles of people, in the order in which they are offered.
func Roles() []Role {
	return []Role{Nurse, ChargeNurse, Doctor, WardClerk, InterfaceManager, Administrator, PrivacyOfficer}
}

// Known says whether r is a role that a person may have.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Action is what is to be done.
type Action string

// The actions. View is reading on a screen; Export takes data out of the
// system; Change covers every further version of a resource that exists;
// Settle decides a review; Manage is accounts, devices and settings; Replay
// files a message that was held back.
const (
	View   Action = "view"
	Create Action = "create"
	Change Action = "change"
	Settle Action = "decide"
	Export Action = "export"
	Manage Action = "manage"
	Replay Action = "replay"
)

// Purpose is why (HL7 v3 PurposeOfUse).
type Purpose string

// The purposes that change a decision. Empty means treatment.
const (
	Treatment  Purpose = "TREAT"
	BreakGlass Purpose = "BTG" // emergency access: reason given, person signed in again, privacy officer told
)

// AnyWard in an account's wards means that the person covers the whole
// hospital: a doctor on call, a site manager.
const AnyWard record.Ward = "*"

// Request is everything that a decision depends on.
type Request struct {
	Role         Role
	Wards        []record.Ward // that the person works on
	DeviceWards  []record.Ward // that the workstation belongs to; nil for central's own commands
	Action       Action
	ResourceType fhir.Type
	PatientWards []record.Ward // where the patient is, or was when it was written; for a resource without a patient: the wards that hold it
	Purpose      Purpose
	Ended        time.Time // when the account or the device was closed; zero: open
	Now          time.Time // when the act took place
}

// Decision is the answer. Why is set in both directions: which row allowed it,
// or what is missing, in English, for the record.
type Decision struct {
	Allow bool
	Why   string
	err   error
}

// Err is why not, for the person who asked: its words are in the language in use
// (words.Say). It is nil where it is allowed.
func (d Decision) Err() error { return d.err }

var (
	errRole   = words.Errorf("the role is not known here; ask the administrator")
	errClosed = words.Errorf("the account or the computer was closed before this was written")
)

// Decide answers a request from the table.
func Decide(r Request) Decision {
	switch {
	case !r.Role.Known() && r.Role != Computer:
		return no(errRole)
	case !r.Ended.IsZero() && !r.Now.Before(r.Ended):
		return no(errClosed)
	}
	row, found := find(r)
	if !found {
		return no(words.Errorf("a %v may not %v %v", inWords{roleKeys[r.Role]}, inWords{actionKeys[r.Action]}, entries(r.ResourceType)))
	}
	return row.scope.decide(r)
}

func find(r Request) (Row, bool) {
	for _, row := range table {
		if slices.Contains(row.Roles, r.Role) && slices.Contains(row.Actions, r.Action) && slices.Contains(row.Types, r.ResourceType) {
			return row, true
		}
	}
	return Row{}, false
}

func no(why error) Decision   { return Decision{Why: why.Error(), err: why} }
func yes(why string) Decision { return Decision{Allow: true, Why: why} }

// roleKeys are the roles as people say them.
var roleKeys = map[Role]words.Key{
	Nurse: words.KC("role", "nurse"), ChargeNurse: words.KC("role", "charge nurse"), Doctor: words.KC("role", "doctor"), WardClerk: words.KC("role", "ward clerk"),
	InterfaceManager: words.KC("role", "interface manager"), Administrator: words.KC("role", "administrator"), PrivacyOfficer: words.KC("role", "privacy officer"),
	Computer: words.KC("role", "computer"),
}

// Words is the role as people say it, in English, for what is kept: "charge nurse".
func (r Role) Words() string {
	if k, ok := roleKeys[r]; ok {
		return k.English()
	}
	return string(r)
}

// Say is the role as people say it, in the language in use.
func (r Role) Say() string {
	if k, ok := roleKeys[r]; ok {
		return k.Say()
	}
	return string(r)
}

// actionKeys are the actions, as in "a nurse may not ...".
var actionKeys = map[Action]words.Key{
	View: words.KC("may not", "view"), Create: words.KC("may not", "create"), Change: words.KC("may not", "change"), Settle: words.KC("may not", "decide on"),
	Export: words.KC("may not", "export"), Manage: words.KC("may not", "manage"), Replay: words.KC("may not", "replay"),
}

func (a Action) words() string { return actionKeys[a].English() }

// inWords is a word of a refusal, see words.Errorf.
type inWords struct{ words.Key }

// Error is the word in English.
func (w inWords) Error() string { return w.English() }

func entries(t fhir.Type) error {
	if t == "" {
		return errThat
	}
	return words.Errorf("%s entries", string(t))
}

var errThat = words.Errorf("that")

func share(a, b []record.Ward) bool {
	for _, w := range a {
		if w != "" && w != AnyWard && slices.Contains(b, w) {
			return true
		}
	}
	return false
}
