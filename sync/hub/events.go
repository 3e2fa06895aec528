package hub

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/sync/wire"
)

// Event is something that happened, told to Session.Step.
type Event interface{ event() }

// The events.
type (
	// Wakeup means: the time that Session.Wake named has come.
	Wakeup struct{}
	// Alive means: bytes came in, though no whole frame yet.
	Alive struct{}
	// Got means: a message came in.
	Got struct{ Msg wire.Message }
	// Garbled means: what came in is not the protocol.
	Garbled struct{ Err error }
	// Lost means: the connection is over.
	Lost struct{ Err error }
	// AskSoon means: the station is to ask how it and its people stand.
	AskSoon struct{}
	// Grown means: the journal has grown.
	Grown struct{}
	// Replaced means: a newer connection of the same station took over.
	Replaced struct{}
	// Stopping means: central stops.
	Stopping struct{}
	// Stuck means: nothing has gone out to the station for long, and what waits for
	// it keeps others waiting.
	Stuck struct{}
	// Scarce means: what is being read waits for room, or is less than was asked for,
	// because of all that waits to be sent to other stations.
	Scarce struct{}
	// Fetched answers Fetch, with the batch signed and ready to go.
	Fetched struct {
		To       record.Cursor
		Empty    bool // nothing in scope: only the cursor moves
		Critical bool // holds a critical value
		More     bool // there is more behind it
		Moved    bool // Err, because the journal has begun another epoch since
		Msg      *wire.Batch
		Delta    *wire.Delta // the same in fewer bytes; nil where there is none
		Err      error
	}
	// FetchedChunk answers FetchChunk.
	FetchedChunk struct {
		Others   bool // wait for their snapshots
		At       record.Cursor
		Snapshot string
		Next     string
		Last     bool
		Msg      *wire.Chunk
		Err      error
	}
	// FetchedAhead answers FetchAhead; Msg is nil where nothing is critical.
	FetchedAhead struct {
		To   record.Position
		More bool
		Msg  *wire.Ahead
		Err  error
	}
	// Admitted answers Admit, when the snapshot's turn has come.
	Admitted struct{}
	// Place answers ReadPlace, and Admit where there is a queue: how many are
	// before this session.
	Place struct{ Before uint32 }
	// Submitted answers Submit.
	Submitted struct {
		Mutation record.Mutation
		Receipt  record.Receipt
		Err      error
	}
	// SubmittedRun answers SubmitRun: the receipts of the first mutations, of all
	// where Err is nil.
	SubmittedRun struct {
		Mutations []record.Mutation
		Receipts  []record.Receipt
		Err       error
	}
	// LooksStored answers StoreLooks.
	LooksStored struct {
		UpTo uint64
		At   record.Position // of the journal, afterwards
		Err  error
	}
	// StatusRead answers ReadStatus.
	StatusRead struct{ Central record.Central }
	// Weighed answers Weigh.
	Weighed struct {
		Rollback *Rollback // nil: nothing is proven
		Err      error
	}
	// Begun answers BeginEpoch; nil: the journal is in a restored epoch now.
	Begun struct{ Err error }
	// TookBack answers TakeBack.
	TookBack struct {
		Number uint64
		Err    error
	}
	// DocumentRead answers ReadDocument.
	DocumentRead struct{ Msg *wire.Document }
	// HeadsRead answers ReadHeads.
	HeadsRead struct {
		Heads record.Heads
		Err   error
	}
	// Refilled answers FetchRefill.
	Refilled struct {
		Msg *wire.Batch
		Err error
	}
	// DeviceRead answers CheckDevice.
	DeviceRead struct {
		Device record.Device
		Err    error
	}
)

func (Wakeup) event()       {}
func (Alive) event()        {}
func (Got) event()          {}
func (Garbled) event()      {}
func (Lost) event()         {}
func (AskSoon) event()      {}
func (Grown) event()        {}
func (Replaced) event()     {}
func (Stopping) event()     {}
func (Stuck) event()        {}
func (Scarce) event()       {}
func (Fetched) event()      {}
func (FetchedChunk) event() {}
func (FetchedAhead) event() {}
func (Admitted) event()     {}
func (Place) event()        {}
func (Submitted) event()    {}
func (SubmittedRun) event() {}
func (LooksStored) event()  {}
func (StatusRead) event()   {}
func (DeviceRead) event()   {}
func (HeadsRead) event()    {}
func (DocumentRead) event() {}
func (Refilled) event()     {}
func (Weighed) event()      {}
func (Begun) event()        {}
func (TookBack) event()     {}

// Effect is something that a Session wants done.
type Effect interface{ effect() }

// The effects.
type (
	// Send puts a message on the connection's queue.
	Send struct {
		Msg    wire.Message
		Urgent bool
	}
	// Hangup ends the connection after what was queued.
	Hangup struct{}
	// Fetch reads a batch; Shared, one that other stations of the same wards may
	// have too; Against, as a delta too, packed with this dictionary (0: none).
	Fetch struct {
		From     record.Cursor
		MaxBytes int
		Shared   bool
		Against  compact.Dictionary
	}
	// FetchChunk reads a piece of a snapshot.
	FetchChunk struct {
		From     record.Resume
		Number   uint32
		MaxBytes int
		Summed   bool // sign its sum where that will do
	}
	// FetchAhead reads what is critical after a position.
	FetchAhead struct {
		After    record.Position
		MaxBytes int
	}
	// Admit asks for a turn at reading a snapshot; Patient, that the station can
	// be told to wait.
	Admit struct{ Patient bool }
	// ReadPlace asks how many are before this session.
	ReadPlace struct{}
	// Release gives the turn back.
	Release struct{}
	// Submit hands a mutation on. Several may be under way.
	Submit struct{ Mutation record.Mutation }
	// SubmitRun hands several on, to be stored together.
	SubmitRun struct{ Mutations []record.Mutation }
	// StoreLooks hands audit events on.
	StoreLooks struct{ Looks []record.Look }
	// ReadStatus asks for central's status.
	ReadStatus struct{}
	// CheckDevice asks whether the station still may.
	CheckDevice struct{}
	// Diverged reports a cursor that is not in the journal, where nothing proves
	// that central once signed it.
	Diverged struct{ At record.Cursor }
	// ReadHeads reads what the journal holds about patients.
	ReadHeads struct {
		After    fhir.ID
		Patients []fhir.ID
	}
	// FetchRefill reads whole compartments.
	FetchRefill struct {
		At       record.Cursor
		Patients []fhir.ID
	}
	// ReadDocument reads a part of a document.
	ReadDocument struct{ Ask *wire.AskDocument }
	// Weigh holds a station's proof against the journal.
	Weigh struct{ Proof *wire.Proof }
	// BeginEpoch asks for a restored epoch: this journal was rolled back.
	BeginEpoch struct{ Rollback Rollback }
	// TakeBack hands on a batch that central signed before it was restored.
	TakeBack struct{ Batch *wire.GiveBack }
	// Cloned reports that the station has met its own identity elsewhere.
	Cloned struct{}
	// Spoke reports what the station's hello named, of what this central knows or not.
	Spoke struct{ Capabilities []wire.Capability }
)

func (Send) effect()         {}
func (Hangup) effect()       {}
func (Fetch) effect()        {}
func (FetchChunk) effect()   {}
func (FetchAhead) effect()   {}
func (Admit) effect()        {}
func (ReadPlace) effect()    {}
func (Release) effect()      {}
func (Submit) effect()       {}
func (SubmitRun) effect()    {}
func (StoreLooks) effect()   {}
func (ReadStatus) effect()   {}
func (CheckDevice) effect()  {}
func (Diverged) effect()     {}
func (ReadHeads) effect()    {}
func (FetchRefill) effect()  {}
func (ReadDocument) effect() {}
func (Weigh) effect()        {}
func (BeginEpoch) effect()   {}
func (TakeBack) effect()     {}
func (Cloned) effect()       {}
func (Spoke) effect()        {}
