package hl7

import (
	"maps"
	"slices"
	"strings"
)

// Outcome is what became of a message, as its sender is told.
type Outcome uint8

// The outcomes. An error asks the sender to try again later, a rejection to
// change something first.
const (
	Accepted Outcome = iota
	Errored
	Rejected
)

// String is the outcome's name.
func (o Outcome) String() string {
	return [...]string{"accepted", "error", "rejected"}[min(o, Rejected)]
}

// AckCode is MSA-1 (HL7 v2 table 0008).
type AckCode string

// The codes of table 0008: application answers and commit answers.
const (
	AA AckCode = "AA"
	AE AckCode = "AE"
	AR AckCode = "AR"
	CA AckCode = "CA"
	CE AckCode = "CE"
	CR AckCode = "CR"
)

var ackCodes = map[Outcome]struct{ application, commit AckCode }{
	Accepted: {AA, CA},
	Errored:  {AE, CE},
	Rejected: {AR, CR},
}

// ErrorCode is a code of HL7 v2 table 0357, message error condition codes.
type ErrorCode uint16

// The codes of table 0357.
const (
	ErrNone              ErrorCode = 0
	ErrSequence          ErrorCode = 100
	ErrRequiredField     ErrorCode = 101
	ErrDataType          ErrorCode = 102
	ErrTableValue        ErrorCode = 103
	ErrMessageType       ErrorCode = 200
	ErrEvent             ErrorCode = 201
	ErrProcessingID      ErrorCode = 202
	ErrVersion           ErrorCode = 203
	ErrUnknownKey        ErrorCode = 204
	ErrDuplicateKey      ErrorCode = 205
	ErrRecordLocked      ErrorCode = 206
	ErrApplicationFailed ErrorCode = 207
)

var errorNames = map[ErrorCode]string{
	ErrNone:              "Message accepted",
	ErrSequence:          "Segment sequence error",
	ErrRequiredField:     "Required field missing",
	ErrDataType:          "Data type error",
	ErrTableValue:        "Table value not found",
	ErrMessageType:       "Unsupported message type",
	ErrEvent:             "Unsupported event code",
	ErrProcessingID:      "Unsupported processing id",
	ErrVersion:           "Unsupported version id",
	ErrUnknownKey:        "Unknown key identifier",
	ErrDuplicateKey:      "Duplicate key identifier",
	ErrRecordLocked:      "Application record locked",
	ErrApplicationFailed: "Application internal error",
}

// String is the code's text in table 0357.
func (e ErrorCode) String() string {
	if s, ok := errorNames[e]; ok {
		return s
	}
	return errorNames[ErrApplicationFailed]
}

// Verdict is what a check of a header finds. The zero Verdict is acceptance.
type Verdict struct {
	Outcome Outcome
	Error   ErrorCode
	Field   string // where, such as "MSH-10"
	Reason  string // for people, without field values
}

// OK says whether the header is accepted.
func (v Verdict) OK() bool { return v.Outcome == Accepted }

// Policy is what one channel takes.
type Policy struct {
	ProcessingIDs []string            // MSH-11; empty: only P
	Versions      []string            // MSH-12; empty: Versions
	Types         map[string][]string // MSH-9.1 to its events; no events: all of them; empty: every type
}

// Versions are the HL7 versions that a channel takes unless told otherwise.
var Versions = []string{
	"2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6",
	"2.7", "2.7.1", "2.8", "2.8.1", "2.8.2", "2.9",
}

// Check judges a header: whether the message may be taken at all. Nothing in
// the body is looked at.
func (p Policy) Check(h Header) Verdict {
	switch {
	case !h.CanAnswer():
		return reject(ErrSequence, "MSH-1", "there is no readable MSH segment; begin each message with its header")
	case !h.Readable:
		return reject(ErrDataType, "MSH-2", `the delimiters in MSH-2 cannot be read; send different printable ASCII characters, usually ^~\&`)
	case strings.TrimSpace(h.ControlID) == "" || h.ControlID == null:
		return reject(ErrRequiredField, "MSH-10", "the message control id is empty; give each message its own")
	case h.Type.Code == "":
		return reject(ErrRequiredField, "MSH-9", "the message type is empty; have the sender write it in MSH-9, such as ORU^R01")
	}
	if v := p.checkType(h.Type); !v.OK() {
		return v
	}
	if v := p.checkProcessingID(h.ProcessingID); !v.OK() {
		return v
	}
	return p.checkVersion(h.Version)
}

func (p Policy) checkType(t MessageType) Verdict {
	if len(p.Types) == 0 {
		return Verdict{}
	}
	events, ok := p.Types[t.Code]
	if !ok {
		return reject(ErrMessageType, "MSH-9.1", "this channel does not take this message type, only "+strings.Join(slices.Sorted(maps.Keys(p.Types)), ", ")+"; have the sender or the interface engine leave it out here, and tell the ward's people if they count on what it says")
	}
	if len(events) > 0 && !slices.Contains(events, t.Event) {
		return reject(ErrEvent, "MSH-9.2", "this channel does not take this trigger event, of "+t.Code+" only "+strings.Join(events, ", ")+"; have the sender or the interface engine leave it out here, or send what it says by one of these")
	}
	return Verdict{}
}

func (p Policy) checkProcessingID(id string) Verdict {
	allowed := p.ProcessingIDs
	if len(allowed) == 0 {
		allowed = []string{"P"}
	}
	switch {
	case id == "":
		return reject(ErrRequiredField, "MSH-11", "the processing id is empty; send P for production")
	case !slices.Contains(allowed, id):
		return reject(ErrProcessingID, "MSH-11", "this channel does not take this processing id; training and test messages must not reach production charts")
	}
	return Verdict{}
}

func (p Policy) checkVersion(v string) Verdict {
	versions := p.Versions
	if len(versions) == 0 {
		versions = Versions
	}
	switch {
	case v == "":
		return reject(ErrRequiredField, "MSH-12", "the version id is empty; have the sender write the version that it speaks, such as 2.5.1, in MSH-12")
	case !slices.Contains(versions, v):
		return reject(ErrVersion, "MSH-12", "this channel does not take this version of HL7; have the sender write one of "+strings.Join(versions, ", ")+" in MSH-12")
	}
	return Verdict{}
}

func reject(code ErrorCode, field, reason string) Verdict {
	return Verdict{Outcome: Rejected, Error: code, Field: field, Reason: reason}
}
