// Package client is the station's half of the sync protocol: it keeps the
// station's store level with central's journal and offers central what was
// written here, through any number of broken connections.
//
// It comes in two parts. Machine decides: it is a pure step machine, with no
// goroutine, socket, clock or disk, so that the whole system can be simulated
// from a seed. Client performs what Machine asks for, over the connections
// that Config.Dial makes and the station's Store.
//
// Promises:
//   - The cursor moves only with the data that it stands for, in one commit of
//     the store, and only along one unbroken chain: a batch that does not begin
//     where the station stands, is not signed by central, or belongs to another
//     epoch is never applied.
//   - Every mutation and audit event is offered again, on every connection,
//     until central's receipt is stored. Mutations are offered in the station's
//     order.
//   - A receipt is stored only once the cursor has reached the change that it
//     stands for. So a written value never flickers, and a central that was set
//     back behind a stored receipt does not know the cursor any more either: it
//     is noticed, and the entry is offered again.
//   - A connection that has gone silent is given up within Timing.Dead.
//   - Memory is bounded by windows, whatever central sends.
//   - Nothing here ever stops the ward from writing.
package client

import (
	"context"
	"log/slog"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/sync/wire"
)

// Store is the station's cache, as the client needs it. Calls are made one at
// a time, but for Unsent and UnsentLooks, which may run beside one of the
// others: what they say that is no longer so is offered once more, and that
// changes nothing.
type Store interface {
	// Cursor is where the station stands; zero where it holds nothing.
	Cursor() (record.Cursor, error)
	// Land commits batches that follow one another, each with the cursor after
	// it, durably, and with the last of them the receipts whose changes they bring.
	// fault.Conflict: one does not begin at the cursor. After an error the first of
	// them may be stored.
	Land(ctx context.Context, batches []record.Batch, receipts []record.Receipt) error
	// ApplyChunks commits pieces of a snapshot that follow one another; the last
	// one moves the cursor. Chunk 0 of another snapshot replaces one that was
	// under way. After an error some of them may be stored.
	ApplyChunks(ctx context.Context, chunks []record.Chunk) error
	// Ahead commits critical results that overtook what is under way; it moves
	// no cursor, and an older version never replaces a newer.
	Ahead(ctx context.Context, changes []record.Change) error
	// SnapshotState is how far a snapshot under way has come.
	SnapshotState() (snapshot, next string, ok bool, err error)
	// Unsent are the mutations without a receipt whose sequence is over after,
	// in order.
	Unsent(after uint64, limit int) ([]record.Mutation, error)
	// Receipted stores receipts durably.
	Receipted(ctx context.Context, rs []record.Receipt) error
	// UnsentLooks are the audit events over after that central does not have.
	UnsentLooks(after uint64, limit int) ([]record.Look, error)
	// LooksReceived says that central has all audit events up to upTo.
	// fault.Invalid: fewer were made here, so another computer uses this identity.
	LooksReceived(ctx context.Context, upTo uint64) error
	// Reoffer makes everything in the retention window count as unsent again.
	Reoffer(ctx context.Context) error
}

// Archive keeps central's signed words for the day on which central is not what
// it was. The cache is one. Calls are made one at a time, between those of the
// Store.
type Archive interface {
	// Proof is the signed batch or chunk that moved the cursor to where it
	// stands, with earlier points; ok is false where it was not kept.
	Proof() (p record.Proof, ok bool, err error)
	// NextReturn is the first batch kept in another epoch that central, in this
	// one, has not got back; ok is false where it has them all.
	NextReturn(epoch string) (r record.Return, ok bool, err error)
	// Returned notes durably that central, in this epoch, has everything up to
	// a number.
	Returned(ctx context.Context, epoch string, number uint64) error
	// Wiped forgets durably what could bring back what central was emptied of:
	// the batches, and own work that had its receipt. Unsent work stays.
	Wiped(ctx context.Context) error
}

// Checker compares the store with central, patient by patient. The cache is one.
// Calls are made one at a time, between those of the Store.
type Checker interface {
	// Compare says which patients are not held as central holds them, and keeps
	// durably that their copies are in doubt until a batch refills them. What
	// cannot be compared just now, because the two sides do not stand at
	// comparable places, is passed over.
	Compare(ctx context.Context, h record.Heads) (differ []fhir.ID, err error)
	// Doubtful are the patients whose copies are in doubt.
	Doubtful() ([]fhir.ID, error)
}

// Basis lends out what the store holds, so that central need not send it again.
// The cache is one. Calls are made one at a time, between those of the Store.
type Basis interface {
	// HeldVersion is the body of a version as central sent it; nil where it is not
	// kept.
	HeldVersion(ref fhir.Ref, v record.Version) (fhir.Resource, error)
}

// Shelf keeps documents that resources name. The cache is one. Calls are made one
// at a time, between those of the Store.
type Shelf interface {
	// WantedDocument is the one to be fetched next; ok is false where nothing is.
	WantedDocument() (w record.Wanted, ok bool, err error)
	// KeepPart stores what follows the w.Have bytes that are held. With the last part
	// the whole is held against its sum: fault.Corrupt means that it was dropped.
	KeepPart(ctx context.Context, w record.Wanted, part []byte) error
	// NoDocument says that central does not give it out now.
	NoDocument(w record.Wanted)
}

// Conn is one connection to central that carries frames in order. link.Conn is
// one.
type Conn interface {
	// Read returns the next frame.
	Read(ctx context.Context) ([]byte, error)
	// Write sends one frame.
	Write(ctx context.Context, frame []byte) error
	// Received counts the bytes that have come in, parts of frames included:
	// on a slow line they are the sign of life.
	Received() uint64
	Close() error
}

// Config is what a Client needs. Store, Dial, Verify, Station and Servers are
// required.
type Config struct {
	Station record.StationID
	Servers []string // central's addresses, tried in turn
	Program string   // "wardlight 0.1.0", for central's log
	Store   Store
	// Archive, where set, lets this station prove where it stands and give
	// back what central lost.
	Archive Archive
	// Checker, where set, lets this station compare what it holds with central.
	Checker Checker
	// Basis, where set, lets central send only what differs from what is held.
	Basis Basis
	// Shelf, where set, has documents fetched while nothing else is to be done.
	Shelf Shelf
	// Dial opens a connection to one of Servers, mutually authenticated.
	// fault.Denied or fault.Unknown: the other side is not our central, or
	// does not want this station.
	Dial func(ctx context.Context, server string) (Conn, error)
	// Verify checks central's journal signature.
	Verify wire.Verify
	// VerifyEpoch, where set, checks the signatures of epochs, which a journal key of
	// before may have made; nil: Verify.
	VerifyEpoch wire.Verify
	// Observe, where set, is told every change of the link's state, in order,
	// from one goroutine. It must not block.
	Observe func(LinkState)
	// First, where set, is what the screen needs first of a snapshot. It is asked
	// at the beginning of each session, and must not block.
	First func() record.First
	// Ends says that whoever runs the client declares to central, beside the session, how
	// long the station's chain of looks is.
	Ends bool
	// Now is the wall clock; nil is time.Now.
	Now func() time.Time
	// Seed makes the reconnection's jitter repeatable; 0 takes a random one.
	Seed uint64
	// Timing's zero fields take their defaults.
	Timing Timing
	// Without are capabilities of this program that are not named: for tests of
	// what an older one does.
	Without []wire.Capability
	// Offline starts disconnected, until Connect.
	Offline bool
	Log     *slog.Logger
}

// Timing are the client's intervals.
type Timing struct {
	Heartbeat  time.Duration // between pings; default 2.5 s
	Dead       time.Duration // silence after which a connection is given up; default 8 s
	Greet      time.Duration // for dialling, and for central's welcome; default 8 s
	Stall      time.Duration // without progress on something asked for; default 30 s
	BackoffMin time.Duration // first bound of the jittered wait; default 250 ms
	BackoffMax time.Duration // last bound; default 15 s
	Refused    time.Duration // wait after a refusal that only a person can lift; default 2 min
	Quiet      time.Duration // after a batch, until its patients are compared; default 3 s
	Round      time.Duration // between rounds that compare everybody; default 1 min
	HoldFor    time.Duration // how long a receipt of a central without CapHeldReceipts waits for its change; default 5 s
}

func (t Timing) orDefaults() Timing {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	set(&t.Heartbeat, 2500*time.Millisecond)
	set(&t.Dead, 8*time.Second)
	set(&t.Greet, 8*time.Second)
	set(&t.Stall, 30*time.Second)
	set(&t.BackoffMin, 250*time.Millisecond)
	set(&t.BackoffMax, 15*time.Second)
	set(&t.Refused, 2*time.Minute)
	set(&t.Quiet, 3*time.Second)
	set(&t.Round, time.Minute)
	set(&t.HoldFor, 5*time.Second)
	return t
}

// LinkState is what an observer may know of the link. It is a value.
type LinkState struct {
	Connected bool          // central has welcomed this station and answers
	Off       bool          // disconnected by hand
	Since     int64         // ms since 1970, own clock: when Connected last changed
	Server    string        // the address in use, or tried last
	Offset    time.Duration // central's clock minus this machine's
	Measured  bool          // whether Offset was ever measured
	// Central is what central said last; Heard is when, by the own clock.
	Central record.Central
	Heard   int64
	// Cursor is where the station stands; CaughtUp, that this is all there was
	// when central last spoke.
	Cursor   record.Cursor
	CaughtUp bool
	// Asked counts how often central had this station ask how it stands.
	Asked    uint64
	Snapshot Progress
	// Waiting counts mutations that were offered and have no receipt yet.
	Waiting int
	// Refused says why there is no exchange although there may be a network;
	// zero where nothing but the network is in the way.
	Refused Refusal
}

// Progress is how far a first filling has come.
type Progress struct {
	Active bool
	// Part is what came last; PartUnknown where the snapshot has no order.
	Part  record.Part
	Done  uint64
	Total uint64 // an estimate; 0 where not known
	// Waiting says that central has more to do than it can at once; Before, how
	// many stations are before this one.
	Waiting bool
	Before  uint32
}

// Refusal is a reason that does not go away by itself.
type Refusal struct {
	Reason string // a wire.Reason's name, or "certificate", "signature", "disk", "store"
	Words  string // for a person; no patient data
}
