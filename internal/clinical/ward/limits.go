package ward

import "time"

// RuleLimits are the limits of one rule that this site may set itself.
type RuleLimits struct {
	Version uint64        `json:"version"` // of the record, for SetLimit; 0: nothing was ever set
	Number  int           `json:"number"`  // of the limits in force; 0: the program's own
	Ward    string        `json:"ward"`    // this computer's
	List    []SiteLimit   `json:"list"`
	Changes []LimitChange `json:"changes,omitempty"` // newest first
	MaySite bool          `json:"maySite"`           // who is signed in may set those of the hospital
	MayWard bool          `json:"mayWard"`           // and those of this ward
	Newer   bool          `json:"newer,omitempty"`   // a newer program wrote them: they cannot be read here, and are not written over
	Unsent  bool          `json:"unsent,omitempty"`  // one that was set here has no receipt yet
}

// SiteLimit is one limit: what came with the program, within which it may be set, and
// what is in force.
type SiteLimit struct {
	Edge     string       `json:"edge"` // low, high
	Unit     string       `json:"unit"` // UCUM
	Shown    string       `json:"shown"`
	Ages     string       `json:"ages,omitempty"`
	Own      string       `json:"own"` // the program's; "" none
	Hospital string       `json:"hospital"`
	Here     string       `json:"here"` // on this ward
	Low      string       `json:"low"`  // from which value it may be set
	High     string       `json:"high"`
	WardLow  string       `json:"wardLow"` // for a ward alone
	WardHigh string       `json:"wardHigh"`
	From     string       `json:"from"`              // where the range comes from
	Set      *LimitChange `json:"set,omitempty"`     // the hospital's; nil: the program's own
	WardSet  *LimitChange `json:"wardSet,omitempty"` // this ward's; nil: the hospital's
}

// LimitChange is one time that a limit was set.
type LimitChange struct {
	Number int       `json:"number"`
	Ward   string    `json:"ward,omitempty"`
	Edge   string    `json:"edge"`
	Ages   string    `json:"ages,omitempty"`
	Shown  string    `json:"shown"`           // the unit
	Value  string    `json:"value,omitempty"` // "": back
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// SetLimit sets one limit of an alert rule, for a ward or with no Ward for the whole
// hospital. With no Value it goes back to what stands above it. Version is the one that
// the author saw; Unit is the limit's own, and nothing is converted.
type SetLimit struct {
	Rule    string
	Version uint64
	Ward    string
	Edge    string
	Ages    string
	Unit    string
	Value   string
	Reason  string
}

func (SetLimit) command() {}
