// Package record is the vocabulary of the record itself: how a change to the
// patient's record is asked for (Mutation), decided (Receipt), kept (Change,
// Entry) and sent on (Batch), and the positions, versions and clocks that
// order all of it. Central and station, journal and cache, merge and wire all
// speak these words; none of them owns the others.
//
// It is pure: no disk, no network, no clock. Everything that is stored or
// signed is encoded by Encode: one version byte, then deterministic CBOR
// (RFC 8949 4.2.1), so that equal values have equal bytes on every machine.
//
// All types are plain values; treat their slices as read-only once shared.
package record

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
)

// Position is a place in central's journal. The first entry is at 1; 0 means
// "before everything". Positions have no gaps.
type Position uint64

// Version counts the accepted bodies of one resource, from 1. 0 means that the
// resource does not exist yet.
type Version uint64

// StationID names a workstation: 's' and 12 characters of a-z and 2-7, random
// at enrolment.
type StationID string

// UserID is a person's sign-in name, in lower case.
type UserID string

// Ward is a ward's code as the hospital writes it, such as "4B".
type Ward string

// Hash is a SHA-256.
type Hash [sha256.Size]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash in hexadecimal, for JSON; CBOR keeps its bytes.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (h *Hash) UnmarshalText(b []byte) error {
	if n, err := hex.Decode(h[:], b); err != nil || n != len(h) {
		return fault.New(fault.Invalid, "record.hash", "", "a hash is 64 hexadecimal digits")
	}
	return nil
}

// IsZero says whether nothing was hashed.
func (h Hash) IsZero() bool { return h == Hash{} }

// MutationID is unique for ever: "<station>-<sequence>" or
// "in-<message hash>-<n>". It is also a valid FHIR id, so that a resource
// made by a mutation may carry the mutation's own id.
type MutationID string

// MutationOf makes the id of a station's seq-th mutation; seq starts at 1.
func MutationOf(s StationID, seq uint64) MutationID {
	return MutationID(string(s) + "-" + strconv.FormatUint(seq, 10))
}

// Station takes the id apart; ok is false for a connector's mutation.
func (m MutationID) Station() (s StationID, seq uint64, ok bool) {
	name, num, found := strings.Cut(string(m), "-")
	if !found || name == "in" {
		return "", 0, false
	}
	seq, err := strconv.ParseUint(num, 10, 64)
	return StationID(name), seq, err == nil && seq > 0
}

// HLC is a hybrid logical clock: milliseconds since 1970 by the clock of
// whoever made it, moved forward by what it has seen, and a counter for events
// in one millisecond. It orders what is shown; it never decides a merge.
type HLC struct {
	Wall    int64  `cbor:"1,keyasint" json:"wall"`
	Counter uint32 `cbor:"2,keyasint" json:"counter"`
}

// maxForward bounds how far a foreign clock may pull ours ahead.
const maxForward = 60 * 1000

// Next is the clock's next reading at local time now (milliseconds).
func (c HLC) Next(now int64) HLC {
	if now > c.Wall {
		return HLC{Wall: now}
	}
	return HLC{Wall: c.Wall, Counter: c.Counter + 1}
}

// Seen merges a reading from elsewhere, at most 60 s ahead of now.
func (c HLC) Seen(other HLC, now int64) HLC {
	if other.Wall > now+maxForward {
		other = HLC{Wall: now + maxForward}
	}
	if other.Compare(c) > 0 {
		return other
	}
	return c
}

// Compare orders two readings: negative, zero or positive.
func (c HLC) Compare(o HLC) int {
	switch {
	case c.Wall != o.Wall:
		if c.Wall < o.Wall {
			return -1
		}
		return 1
	case c.Counter != o.Counter:
		if c.Counter < o.Counter {
			return -1
		}
		return 1
	}
	return 0
}

// Times are the times of one fact. Order never depends on them.
type Times struct {
	Clinical string        `cbor:"1,keyasint,omitempty" json:"clinical,omitempty"` // FHIR dateTime: when it happened to the patient
	Station  int64         `cbor:"2,keyasint,omitempty" json:"station,omitempty"`  // ms since 1970 by the writer's own clock
	Offset   time.Duration `cbor:"3,keyasint,omitempty" json:"offset,omitempty"`   // central's clock minus the writer's, when last measured
	Measured bool          `cbor:"4,keyasint,omitempty" json:"measured,omitempty"` // whether Offset was ever measured
	Central  int64         `cbor:"5,keyasint,omitempty" json:"central,omitempty"`  // ms since 1970 by central's clock, at receipt
}

// Author is who made a change, and from where. Exactly one of User and Sender
// is set.
type Author struct {
	User    UserID    `cbor:"1,keyasint,omitempty" json:"user,omitempty"`
	Name    string    `cbor:"2,keyasint,omitempty" json:"name,omitempty"` // as shown: "Grace Mensah, nurse"
	Role    string    `cbor:"3,keyasint,omitempty" json:"role,omitempty"`
	Station StationID `cbor:"4,keyasint,omitempty" json:"station,omitempty"`
	Sender  string    `cbor:"5,keyasint,omitempty" json:"sender,omitempty"` // a connector's channel and MSH-3/4
	Place   string    `cbor:"6,keyasint,omitempty" json:"place,omitempty"`  // the computer's name as shown: "Ward 4B, computer 4B-02"
}

// OpKind is what one operation does.
type OpKind uint8

// The operations. Numbers are for ever.
const (
	OpPut    OpKind = 1 // Value is the whole resource: a create, or a connector's new version
	OpSet    OpKind = 2 // element Field becomes Value
	OpRemove OpKind = 3 // element Field goes
	OpAdd    OpKind = 4 // list Field gains element Key = Value (or replaces that element)
	OpDrop   OpKind = 5 // list Field loses element Key
)

// Op is one field-level operation. Field is a top-level element's name. Key is
// the identity of a list element, see merge.ElementKey; never an index.
type Op struct {
	Kind  OpKind `cbor:"1,keyasint" json:"kind"`
	Field string `cbor:"2,keyasint,omitempty" json:"field,omitempty"`
	Key   string `cbor:"3,keyasint,omitempty" json:"key,omitempty"`
	Value []byte `cbor:"4,keyasint,omitempty" json:"value,omitempty"` // canonical JSON
}

// Seen names a version that the author had before their eyes.
type Seen struct {
	Ref     fhir.Ref `cbor:"1,keyasint" json:"ref"`
	Version Version  `cbor:"2,keyasint" json:"version"`
}

// Mutation is one change that somebody wants made to one resource.
type Mutation struct {
	ID      MutationID `cbor:"1,keyasint" json:"id"`
	Ref     fhir.Ref   `cbor:"2,keyasint" json:"ref"`
	Patient fhir.ID    `cbor:"3,keyasint,omitempty" json:"patient,omitempty"` // the compartment; "" where the resource has none
	Base    Version    `cbor:"4,keyasint,omitempty" json:"base,omitempty"`    // central's version that was changed; 0: new, or see BaseMut
	BaseMut MutationID `cbor:"5,keyasint,omitempty" json:"baseMut,omitempty"` // an earlier own mutation, not yet receipted
	Clock   HLC        `cbor:"6,keyasint" json:"clock"`
	Author  Author     `cbor:"7,keyasint" json:"author"`
	Reason  string     `cbor:"8,keyasint,omitempty" json:"reason,omitempty"`
	Ops     []Op       `cbor:"9,keyasint" json:"ops"`
	ReadSet []Seen     `cbor:"10,keyasint,omitempty" json:"readSet,omitempty"`
	Times   Times      `cbor:"11,keyasint" json:"times"`
	Stamps  *Stamps    `cbor:"12,keyasint,omitempty" json:"stamps,omitempty"` // connectors only
	KeyID   string     `cbor:"13,keyasint,omitempty" json:"keyId,omitempty"`  // the device key that signed
	Sig     []byte     `cbor:"14,keyasint,omitempty" json:"sig,omitempty"`    // over SigningBytes
	Was     *Was       `cbor:"15,keyasint,omitempty" json:"was,omitempty"`    // its number under an earlier identity of the computer
	Purpose Purpose    `cbor:"16,keyasint,omitempty" json:"purpose,omitempty"`
}

// Purpose is why an entry was made, where that changes what is allowed (HL7 v3
// ActReason). Empty is treatment.
type Purpose string

// Emergency is an entry made under emergency access: for somebody of another
// ward, with a reason on record.
const Emergency Purpose = "BTG"

// Stamps order the versions of one laboratory result: OBR-22 (status change),
// then OBX-19 (analysis), then MSH-7 (message), each an instant in
// milliseconds, 0 where not sent.
type Stamps struct {
	StatusChanged int64 `cbor:"1,keyasint,omitempty" json:"statusChanged,omitempty"`
	Analysed      int64 `cbor:"2,keyasint,omitempty" json:"analysed,omitempty"`
	Message       int64 `cbor:"3,keyasint,omitempty" json:"message,omitempty"`
}

// SigningBytes are the canonical bytes that the device key signs: the mutation
// without its signature and without what central adds.
func (m Mutation) SigningBytes() ([]byte, error) {
	m.Sig = nil
	m.Times.Central = 0
	return Encode(m)
}

// ContentHash is the SHA-256 of SigningBytes: one sequence number with two
// content hashes means that a station's disk was copied.
func (m Mutation) ContentHash() (Hash, error) {
	b, err := m.SigningBytes()
	if err != nil {
		return Hash{}, err
	}
	return sha256.Sum256(b), nil
}

// Check holds a mutation from outside to its bounds.
func (m Mutation) Check() error {
	bad := func(why string) error { return fault.New(fault.Invalid, "record.check", string(m.ID), why) }
	switch {
	case m.ID == "" || len(m.ID) > 64 || !fhir.ID(m.ID).Valid():
		return bad("the mutation id is malformed")
	case m.Ref.Type == "" || !m.Ref.ID.Valid():
		return bad("the resource id is malformed")
	case m.Patient != "" && !m.Patient.Valid():
		return bad("the patient id is malformed")
	case m.Purpose != "" && m.Purpose != Emergency:
		return bad("the purpose is not known")
	case len(m.Ops) == 0 || len(m.Ops) > 256:
		return bad("a mutation has 1 to 256 operations")
	case len(m.ReadSet) > 256 || len(m.Reason) > 4096 || len(m.Author.Name) > 256:
		return bad("a part is too long")
	}
	for _, op := range m.Ops {
		if op.Kind < OpPut || op.Kind > OpDrop {
			return bad(fmt.Sprintf("operation kind %d is not known", op.Kind))
		}
		if op.Kind != OpPut && op.Field == "" {
			return bad("an operation names no element")
		}
	}
	return nil
}

// Outcome is what became of a mutation.
type Outcome uint8

// The outcomes. Numbers are for ever.
const (
	Applied Outcome = 1 // as written
	Merged  Outcome = 2 // together with somebody else's change
	Review  Outcome = 3 // kept; a person must decide
	Refused Outcome = 4 // kept in history, changes nothing; Reason says why
)

var outcomeNames = map[Outcome]string{Applied: "applied", Merged: "merged", Review: "review", Refused: "refused"}

// String is the outcome's stable name.
func (o Outcome) String() string {
	if s, ok := outcomeNames[o]; ok {
		return s
	}
	return "unknown"
}

// Receipt is central's word that a mutation is durable.
type Receipt struct {
	Mutation MutationID `cbor:"1,keyasint" json:"mutation"`
	Content  Hash       `cbor:"2,keyasint" json:"content"`
	Position Position   `cbor:"3,keyasint" json:"position"`
	Outcome  Outcome    `cbor:"4,keyasint" json:"outcome"`
	Version  Version    `cbor:"5,keyasint,omitempty" json:"version,omitempty"` // the resource's version that holds it
	Reason   string     `cbor:"6,keyasint,omitempty" json:"reason,omitempty"`
	Review   fhir.ID    `cbor:"7,keyasint,omitempty" json:"review,omitempty"` // the review Task, where there is one
}

// Change is one accepted version of one resource, as the journal keeps it.
type Change struct {
	Ref      fhir.Ref      `cbor:"1,keyasint" json:"ref"`
	Version  Version       `cbor:"2,keyasint" json:"version"`
	Patient  fhir.ID       `cbor:"3,keyasint,omitempty" json:"patient,omitempty"`
	Wards    []Ward        `cbor:"4,keyasint,omitempty" json:"wards,omitempty"` // only for resources without a patient: who holds them
	Body     fhir.Resource `cbor:"5,keyasint" json:"body"`
	History  bool          `cbor:"6,keyasint,omitempty" json:"history,omitempty"` // true: never became current (a late older version, a loser, a refusal)
	Author   Author        `cbor:"7,keyasint" json:"author"`
	Mutation MutationID    `cbor:"8,keyasint,omitempty" json:"mutation,omitempty"`
	Clock    HLC           `cbor:"9,keyasint" json:"clock"`
	Times    Times         `cbor:"10,keyasint" json:"times"`
	Stamps   *Stamps       `cbor:"11,keyasint,omitempty" json:"stamps,omitempty"`
	Tags     []string      `cbor:"12,keyasint,omitempty" json:"tags,omitempty"` // central's own index marks, see the Tag constants
	Position Position      `cbor:"13,keyasint,omitempty" json:"position,omitempty"`
	Reason   string        `cbor:"14,keyasint,omitempty" json:"reason,omitempty"`
	Origin   *Origin       `cbor:"15,keyasint,omitempty" json:"origin,omitempty"` // given back after a restore
}

// Origin is where a change stood in an epoch that was lost to a restore, before
// a station gave it back.
type Origin struct {
	Epoch    string   `cbor:"1,keyasint" json:"epoch"`
	Position Position `cbor:"2,keyasint" json:"position"`
	Version  Version  `cbor:"3,keyasint" json:"version"`
}

// Tags that submit puts on changes, so that the journal can find them again.
const (
	TagCritical = "critical" // an Observation whose current version holds a critical value
	// TagWasCritical: an Observation of which an earlier version was critical and the
	// current one is not. Who acted on the earlier one has to hear of it.
	TagWasCritical = "was-critical"
	TagReview      = "review" // a review Task
	TagHeldBack    = "held-back"
	// TagCallout: a Task by which somebody is owed a message, not sent yet.
	TagCallout = "callout"
	// TagGiven: a Task by which a patient was handed over.
	TagGiven = "given"
	// TagRoutine, with the id of a definition behind it: a run of that routine.
	TagRoutine = "routine:"
	// TagKept: a List by which a ward keeps somebody who left, see KeptOf.
	TagKept = "kept"
	// TagLent: a List by which a computer is lent a record, see LentTo.
	TagLent = "lent"
)

// Inbound is the journal's row about one message received: exactly one a
// message.
type Inbound struct {
	ID        string     `cbor:"1,keyasint" json:"id"` // the message's identity: channel, MSH-3/4/10, SHA-256 (see v2tofhir)
	Channel   string     `cbor:"2,keyasint" json:"channel"`
	ControlID string     `cbor:"3,keyasint" json:"control_id"`
	Type      string     `cbor:"4,keyasint" json:"type"` // "ORU^R01"
	Sender    string     `cbor:"5,keyasint" json:"sender"`
	Answer    string     `cbor:"6,keyasint" json:"answer"` // AA, AE, AR, CA, CE, CR, or "closed"
	ErrCode   string     `cbor:"7,keyasint,omitempty" json:"err,omitempty"`
	Fate      Fate       `cbor:"8,keyasint" json:"fate"`
	Reason    string     `cbor:"9,keyasint,omitempty" json:"reason,omitempty"` // for a person; no patient data
	Owner     string     `cbor:"10,keyasint,omitempty" json:"owner,omitempty"` // who can act on it
	Raw       Hash       `cbor:"11,keyasint" json:"raw"`                       // SHA-256 of the raw bytes; the key into the raw inbound log
	Size      int        `cbor:"12,keyasint" json:"size"`
	Received  int64      `cbor:"13,keyasint" json:"received"` // ms since 1970, central
	Ward      Ward       `cbor:"14,keyasint,omitempty" json:"ward,omitempty"`
	Refs      []fhir.Ref `cbor:"15,keyasint,omitempty" json:"refs,omitempty"`   // what it wrote
	Notes     []string   `cbor:"16,keyasint,omitempty" json:"notes,omitempty"`  // "control id reused", "charset guessed"
	Copies    int        `cbor:"17,keyasint,omitempty" json:"copies,omitempty"` // how often the same message came again
	Replays   int        `cbor:"18,keyasint,omitempty" json:"replays,omitempty"`
	Settled   string     `cbor:"19,keyasint,omitempty" json:"settled,omitempty"` // why nobody needs to act any more: dismissed by whom and why, or corrected by which message
}

// Fate is what became of an inbound message.
type Fate string

// The fates.
const (
	FateFiled       Fate = "filed"
	FateQuarantined Fate = "quarantined"
	FateRefused     Fate = "refused"   // answered AR or AE: the sender must act; raw bytes kept
	FateDuplicate   Fate = "duplicate" // same content under another control id: no new version
)

// Entry is one transaction of the journal: everything that became durable at
// one position.
type Entry struct {
	Position  Position   `cbor:"1,keyasint" json:"position"`
	Received  int64      `cbor:"2,keyasint" json:"received"` // ms since 1970, central
	Changes   []Change   `cbor:"3,keyasint,omitempty" json:"changes,omitempty"`
	Receipts  []Receipt  `cbor:"4,keyasint,omitempty" json:"receipts,omitempty"`
	Audits    [][]byte   `cbor:"5,keyasint,omitempty" json:"audits,omitempty"` // FHIR AuditEvents, JSON
	Inbound   []Inbound  `cbor:"6,keyasint,omitempty" json:"inbound,omitempty"`
	Mutations []Mutation `cbor:"7,keyasint,omitempty" json:"mutations,omitempty"` // as signed, kept for ever
	Notes     []KV       `cbor:"8,keyasint,omitempty" json:"notes,omitempty"`     // central's own small facts, such as accounts and devices
	Chain     Hash       `cbor:"9,keyasint" json:"chain"`                         // ChainNext(previous chain, this entry)
}

// KV is one of central's own facts: a key and its value; a nil value removes.
type KV struct {
	Key   string `cbor:"1,keyasint" json:"key"`
	Value []byte `cbor:"2,keyasint,omitempty" json:"value,omitempty"`
}

// ChainNext is the journal's chain hash after e: SHA-256 over the previous
// hash and e's encoding without its own Chain.
func ChainNext(prev Hash, e Entry) (Hash, error) {
	e.Chain = Hash{}
	b, err := Encode(e)
	if err != nil {
		return Hash{}, err
	}
	h := sha256.New()
	h.Write(prev[:])
	h.Write(b)
	return Hash(h.Sum(nil)), nil
}

// Cause is why an epoch began.
type Cause string

// The causes. Stations offer again after CauseRestored, never after CauseWiped.
const (
	CauseFirst    Cause = "first"
	CauseRestored Cause = "restored"
	CauseWiped    Cause = "wiped"
)

// Epoch is one incarnation of a journal, signed by central's journal key.
type Epoch struct {
	ID     string   `cbor:"1,keyasint" json:"id"` // 26 random characters
	Parent string   `cbor:"2,keyasint,omitempty" json:"parent,omitempty"`
	Cause  Cause    `cbor:"3,keyasint" json:"cause"`
	At     Position `cbor:"4,keyasint" json:"at"` // restored at this position
	Made   int64    `cbor:"5,keyasint" json:"made"`
	Key    []byte   `cbor:"6,keyasint" json:"key"` // Ed25519 public key
	Sig    []byte   `cbor:"7,keyasint,omitempty" json:"sig,omitempty"`
}

// SigningBytes are what central's journal key signs.
func (e Epoch) SigningBytes() ([]byte, error) {
	e.Sig = nil
	return Encode(e)
}

// Cursor is how far a station holds everything in its scope.
type Cursor struct {
	Epoch    string   `cbor:"1,keyasint" json:"epoch"`
	Position Position `cbor:"2,keyasint" json:"position"`
	Chain    Hash     `cbor:"3,keyasint" json:"chain"` // the journal's chain hash at Position
}

// Feed is how one source of data is doing, as central sees it.
type Feed struct {
	Name string `cbor:"1,keyasint" json:"name"` // "laboratory", "EHR"
	Last int64  `cbor:"2,keyasint" json:"last"` // ms since 1970, central: the last message
	Up   bool   `cbor:"3,keyasint" json:"up"`   // a sender is connected, or needs no line and is not late
}

// Batch is a run of the journal as one station may see it: all changes in its
// scope after From up to To. Applying it and moving the cursor is one commit.
type Batch struct {
	Epoch   string    `cbor:"1,keyasint" json:"epoch"`
	From    Position  `cbor:"2,keyasint" json:"from"`
	To      Position  `cbor:"3,keyasint" json:"to"`
	Chain   Hash      `cbor:"4,keyasint" json:"chain"` // at To
	Changes []Change  `cbor:"5,keyasint,omitempty" json:"changes,omitempty"`
	Forget  []fhir.ID `cbor:"6,keyasint,omitempty" json:"forget,omitempty"` // patients that left the scope
	Time    int64     `cbor:"7,keyasint" json:"time"`                       // central's clock when made
	Station StationID `cbor:"8,keyasint" json:"station"`
	Sig     []byte    `cbor:"9,keyasint,omitempty" json:"sig,omitempty"` // by central's journal key
	// Wards, in order, stand instead of Station in a batch that was made for
	// every station of exactly these wards.
	Wards []Ward `cbor:"10,keyasint,omitempty" json:"wards,omitempty"`
	// Refill names patients whose whole compartments are in Changes: whatever a
	// station holds of them gives way.
	Refill []fhir.ID `cbor:"11,keyasint,omitempty" json:"refill,omitempty"`
	// Signed are the bytes that Sig covers, as they came. They may hold members
	// that this program does not know, and they are no part of the encoding.
	Signed []byte `cbor:"-" json:"-"`
	// Encoded are the changes as they came, beside them (see DecodeBatch).
	Encoded []Encoded `cbor:"-" json:"-"`
}

// SigningBytes are what central's journal key signs.
func (b Batch) SigningBytes() ([]byte, error) {
	b.Sig = nil
	return Encode(b)
}

// Cursor is where a station stands after b.
func (b Batch) Cursor() Cursor { return Cursor{Epoch: b.Epoch, Position: b.To, Chain: b.Chain} }

// Look is one audit event made on a station: a link of the device's own chain.
type Look struct {
	Station StationID `cbor:"1,keyasint" json:"station"`
	Seq     uint64    `cbor:"2,keyasint" json:"seq"`                       // from 1, no gaps
	Prev    Hash      `cbor:"3,keyasint" json:"prev"`                      // the MAC before this one
	Event   []byte    `cbor:"4,keyasint" json:"event"`                     // FHIR AuditEvent, JSON
	MAC     Hash      `cbor:"5,keyasint" json:"mac"`                       // HMAC-SHA256 over Prev, Seq and Event (and what follows) by the device's audit key
	Form    uint8     `cbor:"6,keyasint,omitempty" json:"form,omitempty"`  // 0: one key for all; 1: each look has a key of its own
	Start   []byte    `cbor:"7,keyasint,omitempty" json:"start,omitempty"` // of form 1: a new key begins here, sealed to central
}
