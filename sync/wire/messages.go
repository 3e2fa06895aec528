package wire

import (
	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
)

// Type is a message's number. Numbers are for ever.
type Type uint8

// The message types.
const (
	TypeHello         Type = 1  // station: who I am and where I stand
	TypeWelcome       Type = 2  // central: how we go on
	TypeBatch         Type = 3  // central: a run of the journal, signed
	TypeChunk         Type = 4  // central: a piece of a snapshot, signed
	TypeAskChunk      Type = 5  // station: begin or go on with a snapshot
	TypeApplied       Type = 6  // station: durable up to here
	TypePush          Type = 7  // station: mutations
	TypeReceipts      Type = 8  // central: what became of mutations
	TypeLooks         Type = 9  // station: audit events
	TypeLooksReceived Type = 10 // central: audit events are durable up to here
	TypeStatus        Type = 11 // central: time, head, feeds
	TypePing          Type = 12 // either
	TypePong          Type = 13 // either
	TypeBye           Type = 14 // either: the last message
	TypeAhead         Type = 15 // central: critical results ahead of the cursor, signed
	TypeDoubt         Type = 16 // central: your cursor is not in my journal
	TypeProof         Type = 17 // station: what central signed at my cursor
	TypeGiveBack      Type = 18 // station: a batch of before the restore
	TypeGiven         Type = 19 // central: what became of it
	TypeWait          Type = 20 // central: a snapshot waits for its turn
	TypeAskHeads      Type = 21 // station: what do you hold about these patients?
	TypeHeads         Type = 22 // central: this
	TypeAskRefill     Type = 23 // station: mine differ, send them whole
	TypeDelta         Type = 24 // central: a batch, against what the station holds
	TypeAskWhole      Type = 25 // station: that cannot be put together, send it whole
	TypeAskDocument   Type = 26 // station: a part of a document, please
	TypeDocument      Type = 27 // central: the part
)

var typeNames = [...]string{
	"", "hello", "welcome", "batch", "chunk", "ask-chunk", "applied", "push",
	"receipts", "looks", "looks-received", "status", "ping", "pong", "bye", "ahead",
	"doubt", "proof", "give-back", "given", "wait", "ask-heads", "heads", "ask-refill",
	"delta", "ask-whole", "ask-document", "document",
}

// String is the type's name in the protocol's description.
func (t Type) String() string {
	if t > 0 && int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "unknown"
}

// Message is one of the structs below.
type Message interface{ Type() Type }

// Hello opens a session. A zero Cursor asks for a snapshot; Snapshot and Next
// say how far an interrupted one got.
type Hello struct {
	Capabilities []Capability     `cbor:"1,keyasint" json:"capabilities"`
	Station      record.StationID `cbor:"2,keyasint" json:"station"`
	Cursor       record.Cursor    `cbor:"3,keyasint" json:"cursor"`
	Snapshot     string           `cbor:"4,keyasint,omitempty" json:"snapshot,omitempty"`
	Next         string           `cbor:"5,keyasint,omitempty" json:"next,omitempty"`
	Program      string           `cbor:"6,keyasint,omitempty" json:"program,omitempty"` // "wardlight 0.1.0"
	Wall         int64            `cbor:"7,keyasint" json:"wall"`                        // the station's clock, ms since 1970
	// Dictionaries are those that the station can unpack with (CapPacked).
	Dictionaries []compact.Dictionary `cbor:"8,keyasint,omitempty" json:"dictionaries,omitempty"`
}

// Mode is how a session goes on after Welcome.
type Mode uint8

// The modes.
const (
	ModeTail     Mode = 1 // batches follow from the station's cursor
	ModeSnapshot Mode = 2 // the station asks for chunks; batches follow from the last one
)

// Welcome answers Hello. A station compares Epoch with its cursor's: another
// one, caused by a restore, makes it offer again everything it still has;
// caused by a wipe, it offers nothing again.
type Welcome struct {
	Capabilities []Capability   `cbor:"1,keyasint" json:"capabilities"` // those of both sides
	Epoch        record.Epoch   `cbor:"2,keyasint" json:"epoch"`        // signed
	Head         record.Cursor  `cbor:"3,keyasint" json:"head"`
	Mode         Mode           `cbor:"4,keyasint" json:"mode"`
	Wards        []record.Ward  `cbor:"5,keyasint,omitempty" json:"wards,omitempty"` // the scope that central serves
	Program      string         `cbor:"6,keyasint,omitempty" json:"program,omitempty"`
	PushWindow   uint32         `cbor:"7,keyasint" json:"pushWindow"` // mutations that may wait for a receipt
	Central      record.Central `cbor:"8,keyasint" json:"central"`
	// Epochs is the lineage that led to Epoch, oldest first, each signed; Epoch
	// is its last. A central before CapProof names none.
	Epochs []record.Epoch `cbor:"9,keyasint,omitempty" json:"epochs,omitempty"`
	// Dictionary is what both sides pack with from here on; 0: nothing is packed.
	Dictionary compact.Dictionary `cbor:"10,keyasint,omitempty" json:"dictionary,omitempty"`
}

// Batch carries a record.Batch as the bytes that central signed, so that no
// re-encoding stands between the signature and what it covers.
type Batch struct {
	Body []byte `cbor:"1,keyasint" json:"body"` // record.Batch.SigningBytes
	Sig  []byte `cbor:"2,keyasint" json:"sig"`

	ready *ready // nil: one connection sends it
}

// Chunk carries a record.Chunk as the bytes that central signed. Number is not
// signed: it only orders the chunks of one session.
type Chunk struct {
	Body   []byte `cbor:"1,keyasint" json:"body"` // record.Chunk.SigningBytes
	Sig    []byte `cbor:"2,keyasint" json:"sig"`
	Number uint32 `cbor:"3,keyasint" json:"number"` // counts the chunks since the AskChunk that began, from 0
	// Summed: Sig is over the body's sum (CapSums), not over the body. Never of a
	// snapshot's last chunk.
	Summed bool `cbor:"4,keyasint,omitempty" json:"summed,omitempty"`
}

// Ahead carries critical results, and what is needed to show them rightly,
// before their turn: a record.Batch as the bytes that central signed, whose
// changes are stored and move no cursor. The batches bring them again.
type Ahead struct {
	Body []byte `cbor:"1,keyasint" json:"body"` // record.Batch.SigningBytes; From and To are what central looked through
	Sig  []byte `cbor:"2,keyasint" json:"sig"`
}

// Wait says that a snapshot that was asked for has to wait for its turn. It
// comes again when the number has changed, and every few seconds.
type Wait struct {
	Before uint32 `cbor:"1,keyasint" json:"before"` // stations that are before this one
}

// AskChunk begins a snapshot (Snapshot ""), resumes one at Next, or (More)
// grants further credit on the running one.
type AskChunk struct {
	Snapshot string `cbor:"1,keyasint,omitempty" json:"snapshot,omitempty"`
	Next     string `cbor:"2,keyasint,omitempty" json:"next,omitempty"`
	Credit   uint32 `cbor:"3,keyasint" json:"credit"` // chunks that may be sent
	More     bool   `cbor:"4,keyasint,omitempty" json:"more,omitempty"`
	// First, with CapFirst, is in which order a snapshot that begins is to come.
	First *record.First `cbor:"5,keyasint,omitempty" json:"first,omitempty"`
}

// Applied says that the station holds everything up to Position durably. It is
// cumulative.
type Applied struct {
	Position record.Position `cbor:"1,keyasint" json:"position"`
}

// Push offers mutations, in the station's order. Number counts the pushes of
// one Round from 0; central takes them in order only, and where it could not
// store one it names the round in which everything without a receipt is to be
// offered again.
type Push struct {
	Round     uint32            `cbor:"1,keyasint" json:"round"`
	Number    uint32            `cbor:"2,keyasint" json:"number"`
	Mutations []record.Mutation `cbor:"3,keyasint" json:"mutations"`
}

// Receipts are central's words on mutations. Where Round is not zero,
// mutations without a receipt have not been stored and are to be offered
// again, in that round, after RetryMS milliseconds.
type Receipts struct {
	Receipts []record.Receipt `cbor:"1,keyasint,omitempty" json:"receipts,omitempty"`
	Round    uint32           `cbor:"2,keyasint,omitempty" json:"round,omitempty"`
	RetryMS  uint32           `cbor:"3,keyasint,omitempty" json:"retryMs,omitempty"`
	Why      string           `cbor:"4,keyasint,omitempty" json:"why,omitempty"` // a fault kind's name
	// Digest stands for the receipts' content hashes, which are left out (see
	// Brief).
	Digest []byte `cbor:"5,keyasint,omitempty" json:"digest,omitempty"`
}

// Looks are links of the station's audit chain, in order.
type Looks struct {
	Looks []record.Look `cbor:"1,keyasint" json:"looks"`
}

// LooksReceived says that audit events are durable on central up to UpTo.
// Where RetryMS is not zero nothing more could be stored, and the station
// offers the rest again after that time. At, with CapLooksAt, is where the journal
// stood when they were in it.
type LooksReceived struct {
	UpTo    uint64          `cbor:"1,keyasint" json:"upTo"`
	RetryMS uint32          `cbor:"2,keyasint,omitempty" json:"retryMs,omitempty"`
	At      record.Position `cbor:"3,keyasint,omitempty" json:"at,omitempty"`
}

// Status is what central says about itself every few seconds.
type Status struct {
	Central record.Central `cbor:"1,keyasint" json:"central"`
	// Ask has the station ask at once how it and its people stand (CapAsk).
	Ask bool `cbor:"2,keyasint,omitempty" json:"ask,omitempty"`
}

// Ping asks for a Pong. A station's ping repeats Applied, so that a lost
// Applied stops nothing.
type Ping struct {
	ID      uint64          `cbor:"1,keyasint" json:"id"`
	Wall    int64           `cbor:"2,keyasint" json:"wall"` // the sender's clock, ms since 1970
	Applied record.Position `cbor:"3,keyasint,omitempty" json:"applied,omitempty"`
}

// Pong answers a Ping: the ping's id and clock again, and the answerer's own.
type Pong struct {
	ID   uint64 `cbor:"1,keyasint" json:"id"`
	Wall int64  `cbor:"2,keyasint" json:"wall"` // as in the ping
	Mine int64  `cbor:"3,keyasint" json:"mine"` // the answerer's clock, ms since 1970
}

// Reason is why a session ended.
type Reason uint8

// The reasons. Numbers are for ever; an unknown one is treated as ByeGoing.
const (
	ByeGoing       Reason = 1 // this side stops or restarts; come again
	ByeProtocol    Reason = 2 // a frame could not be understood, or was out of order
	ByeVersion     Reason = 3 // the other side speaks a version that this one does not
	ByeDenied      Reason = 4 // the station is unknown or revoked
	ByeDiverged    Reason = 5 // the station's cursor is not in this journal
	ByeReplaced    Reason = 6 // a newer session of the same station took over
	ByeSlow        Reason = 7 // nothing was acknowledged for too long
	ByeUnavailable Reason = 8 // central cannot read its journal just now
	ByeCloned      Reason = 9 // two machines use one station's identity
)

var reasonNames = [...]string{
	"", "going", "protocol", "version", "denied", "diverged", "replaced", "slow",
	"unavailable", "cloned",
}

// String is the reason's stable name.
func (r Reason) String() string {
	if r > 0 && int(r) < len(reasonNames) {
		return reasonNames[r]
	}
	return "going"
}

// Bye is the last message of a session. Words are for a person: what is safe
// and what to do; never patient data.
type Bye struct {
	Reason Reason `cbor:"1,keyasint" json:"reason"`
	Words  string `cbor:"2,keyasint,omitempty" json:"words,omitempty"`
}

// Type implements Message.
func (*Hello) Type() Type { return TypeHello }

// Type implements Message.
func (*Welcome) Type() Type { return TypeWelcome }

// Type implements Message.
func (*Batch) Type() Type { return TypeBatch }

// Type implements Message.
func (*Chunk) Type() Type { return TypeChunk }

// Type implements Message.
func (*Wait) Type() Type { return TypeWait }

// Type implements Message.
func (*Ahead) Type() Type { return TypeAhead }

// Type implements Message.
func (*AskChunk) Type() Type { return TypeAskChunk }

// Type implements Message.
func (*Applied) Type() Type { return TypeApplied }

// Type implements Message.
func (*Push) Type() Type { return TypePush }

// Type implements Message.
func (*Receipts) Type() Type { return TypeReceipts }

// Type implements Message.
func (*Looks) Type() Type { return TypeLooks }

// Type implements Message.
func (*LooksReceived) Type() Type { return TypeLooksReceived }

// Type implements Message.
func (*Status) Type() Type { return TypeStatus }

// Type implements Message.
func (*Ping) Type() Type { return TypePing }

// Type implements Message.
func (*Pong) Type() Type { return TypePong }

// Type implements Message.
func (*Bye) Type() Type { return TypeBye }

// fresh makes an empty message of a type; nil where the type is not known.
func fresh(t Type) Message {
	switch t {
	case TypeHello:
		return new(Hello)
	case TypeWelcome:
		return new(Welcome)
	case TypeBatch:
		return new(Batch)
	case TypeChunk:
		return new(Chunk)
	case TypeAskChunk:
		return new(AskChunk)
	case TypeApplied:
		return new(Applied)
	case TypePush:
		return new(Push)
	case TypeReceipts:
		return new(Receipts)
	case TypeLooks:
		return new(Looks)
	case TypeLooksReceived:
		return new(LooksReceived)
	case TypeStatus:
		return new(Status)
	case TypePing:
		return new(Ping)
	case TypePong:
		return new(Pong)
	case TypeBye:
		return new(Bye)
	case TypeAhead:
		return new(Ahead)
	case TypeDoubt:
		return new(Doubt)
	case TypeProof:
		return new(Proof)
	case TypeGiveBack:
		return new(GiveBack)
	case TypeWait:
		return new(Wait)
	case TypeGiven:
		return new(Given)
	case TypeAskHeads:
		return new(AskHeads)
	case TypeHeads:
		return new(Heads)
	case TypeAskRefill:
		return new(AskRefill)
	case TypeDelta:
		return new(Delta)
	case TypeAskWhole:
		return new(AskWhole)
	case TypeAskDocument:
		return new(AskDocument)
	case TypeDocument:
		return new(Document)
	}
	return nil
}
