// Package hub is central's half of the sync protocol: it serves each station
// the journal's changes in its scope, takes what was written on the stations
// and hands it to be judged, and answers with receipts.
//
// It comes in two parts. Session decides: a pure step machine for one station's
// connection, with no goroutine, socket, clock or disk, so that the whole
// system can be simulated from a seed. Hub performs what its sessions ask for,
// over Config's Source and Submitter.
//
// Promises:
//   - A batch goes out only after the entries in it are durable, begins where
//     the station stands, and leaves nothing in its scope out.
//   - Mutations of one patient are submitted in the station's order; those of
//     different patients may overtake each other. A receipt goes out only after
//     the Submitter has said that the mutation is durable.
//   - A critical result does not wait behind a snapshot or a long tail: a
//     station that knows Ahead gets it before its turn.
//   - A slow station holds a bounded window and a cursor, nothing else; it
//     slows nobody.
//   - A station that is revoked is cut off within Timing.Recheck, one that has
//     gone silent within Timing.Dead; the newest connection of a station is the
//     only one.
package hub

import (
	"context"
	"log/slog"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/sync/wire"
)

// Source is the journal as one station may see it.
type Source interface {
	// Epoch is the journal's incarnation, signed.
	Epoch() record.Epoch
	// Head is the newest durable position.
	Head() record.Cursor
	// Grown returns a channel that is closed at the next commit after the call.
	Grown() <-chan struct{}
	// Batch is a run of the journal after from, of about maxBytes; more says
	// that it does not reach the head. fault.Conflict: from is not in this
	// journal.
	Batch(ctx context.Context, dev record.Device, from record.Cursor, maxBytes int) (b record.Batch, more bool, err error)
	// Held are versions that a station which has everything up to b.From holds, of
	// the resources that b changes and whose new body has least bytes or more; no
	// more than limit.
	Held(ctx context.Context, dev record.Device, b record.Batch, least, limit int) ([]record.Change, error)
	// Epochs is the lineage that led to Epoch, oldest first, Epoch last.
	Epochs() []record.Epoch
	// Holds says whether a cursor is in this journal.
	Holds(ctx context.Context, at record.Cursor) (bool, error)
	// Stands says whether dev is still what the asker takes it for: nil, or what
	// Batch would answer.
	Stands(ctx context.Context, dev record.Device) error
	// Lent says whether the run of the journal after a position is another for dev
	// than for the stations of its wards: then it shares no batch with them.
	Lent(ctx context.Context, dev record.Device, after record.Position) (bool, error)
	// Chunk is the piece of a snapshot after next, of about maxBytes. snapshot
	// "" begins one. fault.NotFound: it cannot be resumed; begin anew.
	Chunk(ctx context.Context, dev record.Device, from record.Resume, maxBytes int) (record.Chunk, error)
	// Ahead is what is critical now of the journal after a position, with what
	// shows it rightly; more says that it did not look up to the head.
	Ahead(ctx context.Context, dev record.Device, after record.Position, maxBytes int) (b record.Batch, more bool, err error)
}

// Submitter judges and stores what stations wrote.
type Submitter interface {
	// Submit answers every mutation with a receipt, the same one each time. An
	// error means that it is not stored.
	Submit(ctx context.Context, peer record.Peer, m record.Mutation) (record.Receipt, error)
	// Looks stores audit events and says up to which one it has all.
	// fault.Conflict: another computer uses the station's identity.
	Looks(ctx context.Context, peer record.Peer, looks []record.Look) (upTo uint64, err error)
}

// Config is what a Hub needs. Source, Submitter, Status and Sign are required.
type Config struct {
	Source    Source
	Submitter Submitter
	// Status is what central says about itself; it must not block.
	Status func() record.Central
	// Sign is central's journal key.
	Sign wire.Sign
	// Device, where set, says each Timing.Recheck what central knows of a
	// station now: fault.NotFound, fault.Unknown, fault.Denied or a time in
	// Revoked end its session.
	Device func(ctx context.Context, s record.StationID) (record.Device, error)
	// Comparer, where set, lets stations compare what they hold.
	Comparer Comparer
	// Documents, where set, lets stations fetch the documents that resources name.
	Documents Documents
	// Verify checks signatures of central's journal keys, the present one and
	// those of before. With BeginEpoch it lets stations prove that the journal
	// was rolled back.
	Verify wire.Verify
	// BeginEpoch, where set, begins a restored epoch after a proven rollback, or
	// says why it does not. A journal whose epoch is no longer the rollback's is
	// left as it is: somebody was quicker.
	BeginEpoch func(ctx context.Context, r Rollback) error
	// TakeBack, where set, takes what the journal lacks of a batch that central
	// signed before it was restored. fault.Corrupt, fault.Invalid or
	// fault.Denied: it never will.
	TakeBack func(ctx context.Context, peer record.Peer, body, sig []byte) error
	// Diverged, where set, is told of a station whose cursor is not in this
	// journal and who cannot prove that central signed it.
	Diverged func(s record.StationID, at record.Cursor)
	// Cloned, where set, is told of a station that met its own numbers with
	// another content.
	Cloned func(s record.StationID)
	// Spoke, where set, is told what a station's hello named. It must not block.
	Spoke func(s record.StationID, named []wire.Capability)
	// Refused, where set, is told with which word a session was broken off.
	Refused func(s record.StationID, why wire.Reason)
	Program string // "wardlightd 0.1.0"
	// Without are capabilities of this program that are not named: for tests of
	// what an older one does.
	Without []wire.Capability
	// Now is the wall clock; nil is time.Now.
	Now    func() time.Time
	Timing Timing
	Limits Limits
	Log    *slog.Logger
}

// Timing are the hub's intervals; zero fields take their defaults.
type Timing struct {
	Heartbeat time.Duration // between pings; default 2.5 s
	Dead      time.Duration // silence after which a connection is given up; default 8 s
	Greet     time.Duration // for the station's hello; default 8 s
	Status    time.Duration // between status messages without news; default 3 s
	Recheck   time.Duration // between looks at the device's standing; default 1 min
	Stall     time.Duration // without an acknowledgement, plus what the bytes may take; default 30 s
	Idle      time.Duration // how long a cursor may stand still where nothing is in scope; default 1 s
	Retry     time.Duration // after which a station offers again what could not be stored; default 1 s
}

// Limits are the hub's windows; zero fields take their defaults.
type Limits struct {
	Batches  int // batches without acknowledgement; default 8
	Bytes    int // of batch or chunk content, at most; default 192 KiB
	Lanes    int // mutations of one station being submitted at once; default 8
	Push     int // mutations that a station may have waiting; default 256
	Sessions int // stations at once; default 4096
	// Unsent is how many bytes of batches, chunks and documents may wait to be sent
	// to all stations together; default 64 MiB.
	Unsent int
	// Snapshots are read for so many stations at a time, the others wait;
	// default 16.
	Snapshots int
}

func orDefault[T int | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

func (t Timing) orDefaults() Timing {
	orDefault(&t.Heartbeat, 2500*time.Millisecond)
	orDefault(&t.Dead, 8*time.Second)
	orDefault(&t.Greet, 8*time.Second)
	orDefault(&t.Status, 3*time.Second)
	orDefault(&t.Recheck, time.Minute)
	orDefault(&t.Stall, 30*time.Second)
	orDefault(&t.Idle, time.Second)
	orDefault(&t.Retry, time.Second)
	return t
}

func (l Limits) orDefaults() Limits {
	orDefault(&l.Batches, 8)
	orDefault(&l.Bytes, 192<<10)
	orDefault(&l.Lanes, 8)
	orDefault(&l.Push, 256)
	orDefault(&l.Sessions, 4096)
	orDefault(&l.Snapshots, 16)
	orDefault(&l.Unsent, 64<<20)
	return l
}

// Conn is one connection to a station that carries frames in order. link.Conn
// is one.
type Conn interface {
	// Read returns the next frame, which is valid until the next Read.
	Read(ctx context.Context) ([]byte, error)
	// Write sends one frame.
	Write(ctx context.Context, frame []byte) error
	// Received counts the bytes that have come in.
	Received() uint64
	Close() error
}

// Info is what may be known of one session.
type Info struct {
	Station record.StationID `json:"station"`
	Remote  string           `json:"remote"`
	Since   int64            `json:"since"`   // ms since 1970
	Applied record.Position  `json:"applied"` // durable at the station, as it said last
	Filling bool             `json:"filling"` // a snapshot is under way
}
