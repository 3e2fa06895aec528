package pki

// A person's own PIN and sessions: what a station asks for somebody who sits at it.

// PINRequest asks central for another PIN, and proves the one that there is.
type PINRequest struct {
	User string `json:"user"`
	PIN  string `json:"pin"`
	New  string `json:"new"`
	Code string `json:"code,omitempty"` // of a second factor
	// EndOthers ends the person's sessions at every other computer in the same step.
	EndOthers bool `json:"endOthers,omitempty"`
}

// SessionSaid is who sits at a station, as it says itself.
type SessionSaid struct {
	User    string `json:"user,omitempty"`    // "": nobody
	Seconds int64  `json:"seconds,omitempty"` // since the PIN was last given, by a clock that nobody sets
	How     string `json:"how,omitempty"`     // one of the Hows
	Locked  bool   `json:"locked,omitempty"`
}

// How somebody signed in.
const (
	HowPIN      = "pin"      // central knew the PIN
	HowOffline  = "offline"  // the PIN opened a slot, with the network out
	HowHospital = "hospital" // the hospital's account
)

// SessionsRequest asks for the open sessions of whoever sits at the station, and ends
// some: those of all other computers, or of one. To end any takes the PIN.
type SessionsRequest struct {
	User string       `json:"user"`
	Said *SessionSaid `json:"said,omitempty"`
	PIN  string       `json:"pin,omitempty"`
	Code string       `json:"code,omitempty"` // of a second factor
	End  string       `json:"end,omitempty"`  // EndOthers, or a station; "": none
}

// EndOthers ends the sessions at all computers but the one that asks.
const EndOthers = "others"

// SessionsAnswer are the open sessions that central knows of.
type SessionsAnswer struct {
	Sessions []Session `json:"sessions"`
	// Word is SignInAnswer.Word of the station that asks, from now on.
	Word string `json:"word,omitempty"`
}

// Session is one person at one computer.
type Session struct {
	User      string   `json:"user"`
	Station   string   `json:"station"`
	Place     string   `json:"place"`
	Wards     []string `json:"wards"`
	Since     int64    `json:"since"` // when the PIN was last given there, ms since 1970, central
	Seen      int64    `json:"seen"`  // when the computer last said so, ms since 1970, central
	How       string   `json:"how"`
	Locked    bool     `json:"locked,omitempty"`
	Here      bool     `json:"here,omitempty"`      // at the computer that asks
	Connected bool     `json:"connected,omitempty"` // its link stands
	Ending    bool     `json:"ending,omitempty"`    // it was ended, and the computer has not said so yet
}
