package record

import "wardlight/internal/clinical/fhir"

// Device is an enrolled workstation, as central keeps it under the note
// "device/<station>".
type Device struct {
	Station  StationID `cbor:"1,keyasint" json:"station"`
	Wards    []Ward    `cbor:"2,keyasint" json:"wards"`
	Place    string    `cbor:"3,keyasint" json:"place"`    // as shown: "Ward 4B, computer 4B-02"
	Key      []byte    `cbor:"4,keyasint" json:"key"`      // P-256 public key, SubjectPublicKeyInfo
	KeyID    string    `cbor:"5,keyasint" json:"keyId"`    // first 16 hex digits of SHA-256(Key)
	Enrolled int64     `cbor:"6,keyasint" json:"enrolled"` // ms since 1970, central
	Revoked  int64     `cbor:"7,keyasint,omitempty" json:"revoked,omitempty"`
	Share    []byte    `cbor:"8,keyasint,omitempty" json:"-"`                // central's share of the station's data key, sealed
	Issuer   string    `cbor:"9,keyasint,omitempty" json:"issuer,omitempty"` // fingerprint of the authority of its certificate; "": the first
	Roots    []string  `cbor:"10,keyasint,omitempty" json:"roots,omitempty"` // fingerprints of the authorities that it says it believes
	// Rescoped is where the journal stood when Wards were changed last: what the
	// station holds from before it is of another scope.
	Rescoped Position `cbor:"11,keyasint,omitempty" json:"rescoped,omitempty"`
	Wipe     int64    `cbor:"12,keyasint,omitempty" json:"wipe,omitempty"`    // when its wiping was ordered: it is served nothing but the order
	Wiped    int64    `cbor:"13,keyasint,omitempty" json:"wiped,omitempty"`   // when it said that it had erased everything
	Rekey    int64    `cbor:"14,keyasint,omitempty" json:"rekey,omitempty"`   // its copy's key must be younger than this
	KeyMade  int64    `cbor:"15,keyasint,omitempty" json:"keyMade,omitempty"` // when it made that key, as it says
	// JournalKey names the newest journal key that it believes, as it says; "": its
	// program does not know that one can be handed over.
	JournalKey string `cbor:"16,keyasint,omitempty" json:"journalKey,omitempty"`
	// Spoke are the protocol's capabilities that it has ever named, in ascending order;
	// Lacks those of them that its newest session did not.
	Spoke []uint16 `cbor:"17,keyasint,omitempty" json:"spoke,omitempty"`
	Lacks []uint16 `cbor:"18,keyasint,omitempty" json:"lacks,omitempty"`
	// Silent is since when it is connected and no longer says how long its chain of looks
	// is, though it can; 0: it says so.
	Silent int64 `cbor:"19,keyasint,omitempty" json:"silent,omitempty"`
	// Recovery names central's recovery key that it seals to, as it says; "": its program
	// does not know that there can be another.
	Recovery string `cbor:"20,keyasint,omitempty" json:"recovery,omitempty"`
	// NextKey is a public key that it asked to have certified and has not shown yet: it is
	// let in by either, and Key is NextKey from when it first shows that one.
	NextKey []byte `cbor:"21,keyasint,omitempty" json:"-"`
	// Keyed is since when Key is its key, ms since 1970, central; 0: since it was enrolled.
	Keyed int64 `cbor:"22,keyasint,omitempty" json:"keyed,omitempty"`
}

// KeyNote is the key of the note that holds one of a station's public keys, the present
// one or an earlier one: what it signed stays verifiable.
func KeyNote(s StationID, keyID string) string { return KeyNotes(s) + keyID }

// KeyNotes is what the keys of all such notes of a station begin with.
func KeyNotes(s StationID) string { return "key/" + string(s) + "/" }

// DeviceNote is the key of the note that a device is kept under.
func DeviceNote(s StationID) string { return "device/" + string(s) }

// Account is a local user, as central keeps it under the note "user/<id>".
type Account struct {
	User    UserID `cbor:"1,keyasint" json:"user"`
	Name    string `cbor:"2,keyasint" json:"name"` // "Grace Mensah"
	Role    string `cbor:"3,keyasint" json:"role"` // nurse, doctor, charge-nurse, interface-manager, administrator, privacy-officer
	Wards   []Ward `cbor:"4,keyasint" json:"wards"`
	PINSalt []byte `cbor:"5,keyasint" json:"-"`
	PINHash []byte `cbor:"6,keyasint" json:"-"` // argon2id
	Made    int64  `cbor:"7,keyasint" json:"made"`
	Ended   int64  `cbor:"8,keyasint,omitempty" json:"ended,omitempty"`
	// Rev counts the changes of this account, so that of two of its standings the
	// later one is known without a clock: an older backup must not give back what
	// somebody lost since.
	Rev uint64 `cbor:"9,keyasint,omitempty" json:"rev,omitempty"`
	// Hospital is whom the hospital's sign-in service means by a subject of its own:
	// its issuer, a space and the subject. "": nobody has signed in so yet.
	Hospital string `cbor:"10,keyasint,omitempty" json:"hospital,omitempty"`
	// Second is a second factor, sealed by central; nil: there is none.
	Second []byte `cbor:"11,keyasint,omitempty" json:"-"`
}

// Later says whether a is a later standing of the account that b is. Accounts from
// before they counted their changes are told apart by when they were made or closed.
func (a Account) Later(b Account) bool {
	if a.Rev != b.Rev {
		return a.Rev > b.Rev
	}
	return max(a.Made, a.Ended) > max(b.Made, b.Ended)
}

// Peer is an authenticated station at the other end of a connection: who the
// certificate says it is, with what central knows of it.
type Peer struct {
	Device Device
	Remote string // network address, for the audit
}

// Chunk is one piece of a snapshot: the current state of everything in a
// station's scope. Chunks are numbered from 0; the last one moves the cursor
// to At. Changes committed meanwhile may already be in it; the tail from At
// brings them again, and an older version never replaces a newer.
type Chunk struct {
	Snapshot string    `cbor:"1,keyasint" json:"snapshot"` // names this snapshot, for resuming
	Index    uint32    `cbor:"2,keyasint" json:"index"`
	Next     string    `cbor:"3,keyasint,omitempty" json:"next,omitempty"` // token that asks for the chunk after this one
	Changes  []Change  `cbor:"4,keyasint,omitempty" json:"changes,omitempty"`
	Last     bool      `cbor:"5,keyasint,omitempty" json:"last,omitempty"`
	At       Cursor    `cbor:"6,keyasint" json:"at"`
	Done     uint64    `cbor:"7,keyasint" json:"done"` // resources sent so far, this chunk included
	Total    uint64    `cbor:"8,keyasint,omitempty" json:"total,omitempty"`
	Time     int64     `cbor:"9,keyasint" json:"time"`
	Station  StationID `cbor:"10,keyasint" json:"station"`
	Sig      []byte    `cbor:"11,keyasint,omitempty" json:"sig,omitempty"`
	// Part is where a snapshot with an order has come to. Ready are the patients of
	// whom, with this chunk, everything is there that a screen shows first; Whole,
	// those of whom everything is.
	Part  Part      `cbor:"12,keyasint,omitempty" json:"part,omitempty"`
	Ready []fhir.ID `cbor:"13,keyasint,omitempty" json:"ready,omitempty"`
	Whole []fhir.ID `cbor:"14,keyasint,omitempty" json:"whole,omitempty"`
	// Signed are the bytes that Sig covers, as they came; see Batch.
	Signed []byte `cbor:"-" json:"-"`
	// Encoded are the changes as bytes: what central sends, instead of Changes, and
	// what came, beside them (see DecodeChunk).
	Encoded []Encoded `cbor:"-" json:"-"`
}

// SigningBytes are what central's journal key signs.
func (c Chunk) SigningBytes() ([]byte, error) {
	if len(c.Encoded) > 0 {
		return c.encoded().render()
	}
	c.Sig = nil
	return Encode(c)
}

// Central is what central says about itself from time to time.
type Central struct {
	Time  int64    `cbor:"1,keyasint" json:"time"` // ms since 1970
	Head  Position `cbor:"2,keyasint" json:"head"`
	Feeds []Feed   `cbor:"3,keyasint,omitempty" json:"feeds,omitempty"`
	// Unreached are the wards on none of whose screens a critical result has been
	// shown. A station that does not know the member passes it over.
	Unreached []Unreached `cbor:"4,keyasint,omitempty" json:"unreached,omitempty"`
}

// Unreached is one ward with critical results that none of its screens has
// shown and nobody has taken. It names no patient.
type Unreached struct {
	Ward  Ward   `cbor:"1,keyasint" json:"ward"`
	Count uint32 `cbor:"2,keyasint" json:"count"`
	Since int64  `cbor:"3,keyasint" json:"since"` // ms since 1970, central: of the oldest
}

// MaxUnreached bounds the wards that are told of.
const MaxUnreached = 64
