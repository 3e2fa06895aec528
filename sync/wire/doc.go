// Package wire is the language between a station and central: which messages
// there are, and how each looks as bytes. It is pure: no socket, no clock.
//
// A message is a fixed header of eight bytes and a payload, which is
// record.Encode of the message's struct. One websocket message holds one
// frame; a message too big for a frame goes as several, all but the last
// flagged FlagMore (see Split and Assembler). docs/sync-protocol.md is the
// exact form.
//
// Promises: Assembler never panics and never holds more than its limit,
// whatever bytes it is given; the same message has the same bytes on every
// machine; members and optional frame types that this program does not know
// are skipped, everything else that it does not know is an error that says
// so. Errors never quote content.
package wire

import "time"

// Subprotocol is the websocket subprotocol that both sides must name.
const Subprotocol = "wardlight.sync.v1"

// ProtocolVersion is the first byte of every frame. It changes only when
// frames can no longer be told apart; everything smaller is a Capability.
const ProtocolVersion = 1

// The limits. Nothing that crosses the wire is unbounded.
const (
	MaxFrame         = 256 << 10 // bytes of one frame, header included
	MinPiece         = 512       // bytes of a frame that others follow, header included
	MaxToStation     = 64 << 20  // bytes of one message to a station: one patient's whole record at worst
	MaxToCentral     = 8 << 20   // bytes of one message to central
	MaxPush          = 64        // mutations in one Push
	MaxLooks         = 256       // audit events in one Looks
	MaxReceipts      = 256       // receipts in one Receipts
	MaxCapabilities  = 64
	MaxDictionaries  = 16                    // that a hello may offer
	MaxChunkCredit   = 16                    // chunks that a station may ask for ahead
	MaxPushWindow    = 256                   // mutations without a receipt, at most
	MaxWords         = 500                   // bytes of the words in a Bye, and of a program's name
	MaxSnapshotToken = 512                   // bytes of a snapshot's name, and of its token
	MaxFirst         = 8                     // wards, and patients, that a snapshot begins with
	MaxEpochs        = 64                    // of a lineage: the newest ones
	MaxHeads         = 64                    // patients in an AskHeads or a Heads
	MaxRefill        = 16                    // patients in an AskRefill
	MaxTrail         = 64                    // points in a Proof
	MaxSigned        = MaxToCentral - 64<<10 // bytes of a signed body that goes back to central
	MaxBases         = 64                    // versions that a Delta builds on
	MaxPart          = 64 << 10              // bytes of a document in one message
)

// Capability is one numbered thing that a side can do beyond the first
// version. Numbers are for ever. What both sides name is what they use.
type Capability uint16

// The capabilities, in order of date.
const (
	// CapBase (22 November 2026): the messages of docs/sync-protocol.md as
	// first released. Every side names it.
	CapBase Capability = 1
	// CapChunkCredit (22 November 2026): a station asks for several snapshot
	// chunks ahead, and central sends them without being asked again.
	CapChunkCredit Capability = 2
	// CapHeldReceipts (22 November 2026): central moves a station's cursor past
	// every receipt promptly, with an empty batch if need be, so that the
	// station can keep a write folded in until its committed form has arrived.
	CapHeldReceipts Capability = 3
	// CapPieces (28 November 2026): a piece of a longer message may be shorter
	// than a full frame, so that others can go between.
	CapPieces Capability = 4
	// CapAhead (28 November 2026): central sends critical results ahead of the
	// cursor, as messages of their own that overtake.
	CapAhead Capability = 5
	// CapProof (28 November 2026): where a cursor is not in central's journal,
	// central asks for its own signed word on it, and begins a restored epoch
	// when it gets one. Welcome names the lineage of epochs.
	CapProof Capability = 6
	// CapGiveBack (28 November 2026): a station gives the batches that it keeps
	// back to a central that was restored.
	CapGiveBack Capability = 7
	// CapPacked (28 November 2026): payloads may be packed with zstd and a
	// dictionary, which hello offers and welcome chooses (see packed.go).
	CapPacked Capability = 8
	// CapAgain (28 November 2026): a mutation may say under which number it was
	// written before its computer was given a new identity.
	CapAgain Capability = 9
	// CapShared (28 November 2026): a batch may name the wards that it was made
	// for instead of one station, so that central reads and signs it once.
	CapShared Capability = 10
	// CapWait (28 November 2026): central says how many stations are before this
	// one, where a snapshot has to wait for its turn.
	CapWait Capability = 11
	// CapHeads (28 November 2026): the station asks what central holds about
	// each patient, compares, and has one whose copy differs refilled.
	CapHeads Capability = 12
	// CapBrief (28 November 2026): receipts may leave out their content hashes
	// and have one digest over all of them instead.
	CapBrief Capability = 13
	// CapSideways (28 November 2026): a payload that is packed may be turned on
	// its side first (see internal/compact/columns).
	CapSideways Capability = 14
	// CapLooksAt (28 November 2026): looks-received says a position by which
	// central had the events, so that the station can wait for its cursor.
	CapLooksAt Capability = 15
	// CapDelta (28 November 2026): a batch may come as what differs from versions
	// that the station holds; what it cannot put together it asks for whole. Needs
	// CapPacked.
	CapDelta Capability = 16
	// CapFirst (28 November 2026): a station says what its screen needs first, and
	// a snapshot comes in that order; its chunks say which patients are complete.
	CapFirst Capability = 17
	// CapDocuments (28 November 2026): the station asks for the bytes of documents
	// that resources name, part by part, when nothing else is to be done.
	CapDocuments Capability = 18
	// CapSums (28 November 2026): central may sign the SHA-256 of a chunk's body,
	// of every chunk but a snapshot's last.
	CapSums Capability = 19
	// CapEnd (29 November 2026): the station declares, beside the session, how long its
	// chain of looks is while its copy is open. Whoever named it once and says nothing of
	// it any more stands out.
	CapEnd Capability = 20
	// CapAsk (30 November 2026): central may have the station ask at once how it and its
	// people stand, by a member of its status, instead of waiting for the next minute.
	CapAsk Capability = 21
)

// Capabilities are those of this program, in ascending order.
func Capabilities() []Capability {
	return []Capability{
		CapBase, CapChunkCredit, CapHeldReceipts, CapPieces, CapAhead, CapProof, CapGiveBack, CapPacked, CapAgain, CapShared, CapWait, CapHeads,
		CapBrief, CapSideways, CapLooksAt, CapDelta, CapFirst, CapDocuments, CapSums, CapEnd, CapAsk,
	}
}

// Common is what both sides can do, in ascending order.
func Common(a, b []Capability) []Capability {
	has := make(map[Capability]bool, len(b))
	for _, c := range b {
		has[c] = true
	}
	var out []Capability
	for _, c := range a {
		if has[c] {
			out = append(out, c)
		}
	}
	return out
}

// Now is one reading of a side's two clocks. Deadlines use Mono alone, which
// never jumps; Wall is only measured and shown.
type Now struct {
	Mono time.Duration // since an arbitrary start, monotonic
	Wall int64         // ms since 1970 by this machine's own clock
}
