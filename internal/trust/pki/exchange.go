package pki

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"

	"wardlight/internal/fault"
)

// The words that a station and central exchange when the station joins and
// when somebody signs in. One JSON object a line; at most maxLine bytes.

// JoinRequest is the station's first line on an enrolment connection.
type JoinRequest struct {
	Version int    `json:"version"` // 1
	Station string `json:"station"` // the id that the station chose at random
	CSR     []byte `json:"csr"`     // PKCS #10, signed by the key of the connection
	Place   string `json:"place"`   // the computer's name
	Share   []byte `json:"share"`   // central's half of what opens the station's cache
}

// JoinAnswer is central's line back. Error is set, or everything else.
type JoinAnswer struct {
	Error      string   `json:"error,omitempty"`
	Cert       []byte   `json:"cert,omitempty"` // DER
	CA         []byte   `json:"ca,omitempty"`   // DER
	Wards      []string `json:"wards,omitempty"`
	Place      string   `json:"place,omitempty"`
	JournalKey []byte   `json:"journalKey,omitempty"` // Ed25519 public key: central's word on batches and epochs
	Recovery   string   `json:"recovery,omitempty"`   // age recipient that unsent work is also sealed to
}

// RenewRequest is what a station says of its certificate, a few times a day:
// which authorities it believes, and a request for another certificate of its
// key in case it is time for one.
type RenewRequest struct {
	CSR   []byte   `json:"csr"`   // PKCS #10, signed by the device's key
	Roots []string `json:"roots"` // fingerprints of the authorities it holds
}

// RenewAnswer is central's word on it.
type RenewAnswer struct {
	Cert  []byte   `json:"cert,omitempty"` // DER; absent where the present one is good
	Roots [][]byte `json:"roots"`          // DER of the authorities to believe from now on
}

// SignInRequest asks central whether somebody may use this station.
type SignInRequest struct {
	User string `json:"user"`
	PIN  string `json:"pin"`
	Code string `json:"code,omitempty"` // of a second factor, once central has asked for it
}

// LendRequest asks central for emergency access to somebody whom this station does
// not hold. The station has checked the person's PIN once more.
type LendRequest struct {
	User   string `json:"user"`
	Who    string `json:"who"` // whom: named whole
	Reason string `json:"reason"`
}

// LendAnswer says whose record comes to the station, and until when.
type LendAnswer struct {
	Patient string `json:"patient"`
	Until   int64  `json:"until"` // ms since 1970, by central's clock
}

// NeedCode in a refusal ("need") says that name and PIN were right and that the code
// of a second factor is to be given with them. A station that does not know it shows
// the refusal's words.
const NeedCode = "code"

// ErrCodeNeeded is that refusal, in words for a person.
var ErrCodeNeeded = errors.New("This account has a second factor. Give the code that your app shows, or a recovery code.") //nolint:staticcheck // a person reads it

// SignInAnswer says who they are.
type SignInAnswer struct {
	User  string   `json:"user"`
	Name  string   `json:"name"`
	Role  string   `json:"role"`
	Wards []string `json:"wards"`
	// Second: the account has a second factor, which only central can check; the
	// person signs in nowhere without central.
	Second bool `json:"second,omitempty"`
	// PINID names the account's PIN and says nothing of it: another one is another PIN.
	// "": an older central, or there is none.
	PINID string `json:"pinID,omitempty"`
	// Word is another one once sessions of this person at this computer are to be over that
	// began before it. "": none was ever ended.
	Word string `json:"word,omitempty"`
}

// StandingRequest asks central, every minute, how a station and the people who
// sign in there stand. It is also how a station that is shut out of everything
// else hears that it is to be wiped.
type StandingRequest struct {
	Users   []string `json:"users"`             // who has a slot there
	KeyMade int64    `json:"keyMade,omitempty"` // when the key of its copy was made, ms since 1970
	Looks   *Chain   `json:"looks,omitempty"`   // how long its chain of looks is; nil while its copy is closed
	Log     *LogHeld `json:"log,omitempty"`     // what it holds of central's audit log; nil: it asks for nothing
	Urgent  bool     `json:"urgent,omitempty"`  // it practises a downtime, and asks whether to end it
	// JournalKey names the newest of central's journal keys that it believes; "": its
	// program does not know that one can be handed over.
	JournalKey string `json:"journalKey,omitempty"`
	// Recovery names central's recovery key that it seals to; "": its program does not know
	// that there can be another.
	Recovery string `json:"recovery,omitempty"`
	// Session is who sits there; nil: its program does not say.
	Session *SessionSaid `json:"session,omitempty"`
}

// RecoveryKey is whom stations seal unsent work and first audit keys to, beside
// themselves, with the signature of central's journal key.
type RecoveryKey struct {
	Recipient string `json:"recipient"` // age1…
	Sig       []byte `json:"sig"`
}

// SigningBytes are what is signed.
func (k RecoveryKey) SigningBytes() []byte {
	return []byte("wardlight recovery key v1\x00" + k.Recipient)
}

// LogHeld is how much of central's audit log the checkpoint covers that a station
// holds; 0 events: it holds none.
type LogHeld struct {
	Events int64 `json:"events"`
}

// LogState is how central's audit log stands, and that what the station holds is
// its beginning: audit.Checkpoint, signed, and audit.Log's Proof.
type LogState struct {
	Checkpoint []byte   `json:"checkpoint"`
	Proof      [][]byte `json:"proof,omitempty"`
}

// Chain is the end of a station's chain of looks.
type Chain struct {
	Seq uint64 `json:"seq"`
	MAC []byte `json:"mac,omitempty"`
}

// StandingAnswer is central's word.
type StandingAnswer struct {
	OfflineHours int       `json:"offlineHours"`           // how long a PIN alone is enough
	KeepDays     int       `json:"keepDays"`               // how long the copy is kept without central
	SessionHours int       `json:"sessionHours,omitempty"` // how long a session lasts at most; 0: an older central
	Guessing     *Guessing `json:"guessing,omitempty"`     // how wrong PINs are answered; nil: an older central
	// How many patients one person may print here in an hour and a day; 0: an older central.
	PrintHour  int                     `json:"printHour,omitempty"`
	PrintDay   int                     `json:"printDay,omitempty"`
	People     map[string]SignInAnswer `json:"people"` // whoever is missing may not sign in any more
	Wipe       bool                    `json:"wipe,omitempty"`
	Rekey      int64                   `json:"rekey,omitempty"` // the copy's key must be younger, ms since 1970
	Hospital   *HospitalAccount        `json:"hospital,omitempty"`
	Log        *LogState               `json:"log,omitempty"` // nil: not now
	Urgent     *Urgent                 `json:"urgent,omitempty"`
	JournalKey string                  `json:"journalKey,omitempty"` // names the key that signs now: GET /v1/journal-keys leads to it
	Recovery   *RecoveryKey            `json:"recovery,omitempty"`   // whom to seal to from now on
	// Untold: nobody is set who is told off the screen of an emergency access here. false:
	// somebody is, or an older central.
	Untold bool `json:"untold,omitempty"`
}

// Guessing is how a station answers wrong PINs (keys.Guessing, which the station holds
// within its own bounds). A station that does not know it goes by the ten of always.
type Guessing struct {
	Tries       int `json:"tries"`
	SlowFrom    int `json:"slowFrom"`
	SlowSeconds int `json:"slowSeconds"`
	SlowFactor  int `json:"slowFactor"`
}

// Urgent is how many critical results have come for a station's wards in this run of
// central's. A station that practises a downtime ends it when either is another one than
// at its beginning. An older central leaves it out, and no drill is begun with it.
type Urgent struct {
	Run  string `json:"run"`
	Came uint64 `json:"came"`
}

// UnsentAnswer says how much of a segment of a station's outbox file central
// took; all of it is durable.
type UnsentAnswer struct {
	Taken int `json:"taken"`
}

// WipedRequest says that a station has erased everything, and how many segments
// of its outbox file it could not hand over: they lie there still, sealed to
// central's recovery key alone.
type WipedRequest struct {
	Left int `json:"left"`
}

// ShareAnswer is central's half of what opens the station's cache.
type ShareAnswer struct {
	Share []byte `json:"share"`
}

// WelcomeAnswer says that central knows the station and lets it in, as what, and
// what time it is there (GET /v1/welcome; an older central answers 404).
type WelcomeAnswer struct {
	Time  int64    `json:"time"` // ms since 1970, central
	Place string   `json:"place"`
	Wards []string `json:"wards"`
	// Untold is as in StandingAnswer.
	Untold bool `json:"untold,omitempty"`
}

const maxLine = 64 << 10

// WriteLine sends one JSON object.
func WriteLine(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap("pki.writeline", "", err)
	}
	_, err = w.Write(append(b, '\n'))
	return fault.As(fault.Unavailable, "pki.writeline", "", err)
}

// ReadLine reads one JSON object of at most 64 KiB.
func ReadLine(r io.Reader, v any) error {
	line, err := bufio.NewReaderSize(io.LimitReader(r, maxLine), 4096).ReadBytes('\n')
	if err != nil {
		return fault.As(fault.Unavailable, "pki.readline", "", err)
	}
	return fault.As(fault.Invalid, "pki.readline", "", json.Unmarshal(line, v))
}
