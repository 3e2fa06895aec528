package client

import (
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/sync/wire"
)

// Event is something that happened, told to Machine.Step.
type Event interface{ event() }

// The events. Those with a Session belong to one connection; of an older one
// they are ignored.
type (
	// Wakeup means: the time that Machine.Wake named has come.
	Wakeup struct{}
	// Nudge means: something was written that may be sent.
	Nudge struct{}
	// SwitchOn means: the manual switch was turned on.
	SwitchOn struct{}
	// SwitchOff means: it was turned off.
	SwitchOff struct{}
	// Dialled means: the connection asked for stands.
	Dialled struct{ Session uint64 }
	// Lost means: the connection, or the attempt at one, is over.
	Lost struct {
		Session uint64
		Err     error
	}
	// Alive means: bytes came in, though no whole frame yet.
	Alive struct{ Session uint64 }
	// Got means: a message came in; batches and chunks come as GotBatch and GotChunk.
	Got struct {
		Session uint64
		Msg     wire.Message
	}
	// GotBatch means: a batch whose signature is right.
	GotBatch struct {
		Session uint64
		Batch   record.Batch
	}
	// GotDelta means: a batch that is to be put together first.
	GotDelta struct {
		Session uint64
		Delta   *wire.Delta
	}
	// GotChunk means: a chunk whose signature is right.
	GotChunk struct {
		Session uint64
		Number  uint32 // wire.Chunk.Number
		Chunk   record.Chunk
	}
	// GotAhead means: what overtook, and whose signature is right.
	GotAhead struct {
		Session uint64
		Batch   record.Batch
	}
	// Garbled means: what came in cannot be central's word.
	Garbled struct {
		Session uint64
		Err     error
	}
	// Loaded answers Load.
	Loaded struct {
		Session  uint64
		Cursor   record.Cursor
		Snapshot string
		Next     string
		First    record.First // what the screen needs, should there be a snapshot
		Err      error
	}
	// PutTogether answers PutTogetherDelta.
	PutTogether struct {
		Delta *wire.Delta
		Batch record.Batch
		Err   error
	}
	// WantDocuments is told when somebody waits for a document.
	WantDocuments struct{}
	// WantedRead answers ReadWanted.
	WantedRead struct {
		Wanted record.Wanted
		OK     bool
		Err    error
	}
	// PartKept answers KeepPart.
	PartKept struct{ Err error }
	// BatchDone answers Apply.
	BatchDone struct{ Err error }
	// ChunksDone answers ApplyChunks.
	ChunksDone struct{ Err error }
	// AheadDone answers ApplyAhead.
	AheadDone struct{ Err error }
	// Unsent answers ReadUnsent.
	Unsent struct {
		Mutations []record.Mutation
		Err       error
	}
	// ReceiptsDone answers SaveReceipts.
	ReceiptsDone struct{ Err error }
	// UnsentLooks answers ReadLooks.
	UnsentLooks struct {
		Looks []record.Look
		Err   error
	}
	// LooksDone answers SaveLooks.
	LooksDone struct{ Err error }
	// ReofferDone answers Reoffer, and Wipe.
	ReofferDone struct{ Err error }
	// ProofRead answers ReadProof.
	ProofRead struct {
		Session uint64
		Proof   record.Proof
		Err     error
	}
	// ReturnRead answers ReadReturn; without OK there is nothing to give back.
	ReturnRead struct {
		Return record.Return
		OK     bool
		Err    error
	}
	// ReturnDone answers SaveReturned.
	ReturnDone struct{ Err error }
	// Question is asked when somebody wants to know what central holds about these patients.
	Question struct{ Patients []fhir.ID }
	// Compared answers CompareHeads and ReadDoubtful: these are to be refilled.
	Compared struct {
		Differ []fhir.ID
		Err    error
	}
)

func (Wakeup) event()        {}
func (Nudge) event()         {}
func (SwitchOn) event()      {}
func (SwitchOff) event()     {}
func (Dialled) event()       {}
func (Lost) event()          {}
func (Alive) event()         {}
func (Got) event()           {}
func (GotBatch) event()      {}
func (GotDelta) event()      {}
func (WantDocuments) event() {}
func (WantedRead) event()    {}
func (PartKept) event()      {}
func (PutTogether) event()   {}
func (GotChunk) event()      {}
func (GotAhead) event()      {}
func (AheadDone) event()     {}
func (Garbled) event()       {}
func (Loaded) event()        {}
func (BatchDone) event()     {}
func (ChunksDone) event()    {}
func (Unsent) event()        {}
func (ReceiptsDone) event()  {}
func (UnsentLooks) event()   {}
func (LooksDone) event()     {}
func (ReofferDone) event()   {}
func (ProofRead) event()     {}
func (ReturnRead) event()    {}
func (Question) event()      {}
func (Compared) event()      {}
func (ReturnDone) event()    {}

// Effect is something that Machine wants done. Effects on the store are done
// one after another, in order, and each is answered by its event.
type Effect interface{ effect() }

// The effects.
type (
	// Dial opens a connection; answered by Dialled or Lost.
	Dial struct {
		Session uint64
		Server  string
	}
	// Send puts a message on the connection's queue.
	Send struct {
		Session uint64
		Msg     wire.Message
	}
	// Hangup ends the connection, after what was queued, and without an answer.
	Hangup struct{ Session uint64 }
	// Load reads cursor and snapshot state.
	Load struct{ Session uint64 }
	// Apply commits batches that follow one another, and the receipts that the
	// cursor covers once they are stored: one commit instead of two for everything
	// that was written here.
	Apply struct {
		Batches  []record.Batch
		Receipts []record.Receipt
	}
	// PutTogetherDelta makes the batch of a delta, from what the store holds.
	PutTogetherDelta struct {
		Delta      *wire.Delta
		Dictionary compact.Dictionary
	}
	// ReadWanted reads which document is to be fetched next.
	ReadWanted struct{}
	// KeepPart stores a part of a document; with Missing, that there is none to be
	// had.
	KeepPart struct {
		Wanted  record.Wanted
		Part    []byte
		Missing bool
	}
	// ApplyChunks commits chunks that follow one another, together.
	ApplyChunks struct{ Chunks []record.Chunk }
	// ApplyAhead commits what overtook.
	ApplyAhead struct{ Changes []record.Change }
	// ReadUnsent reads mutations to offer.
	ReadUnsent struct {
		After uint64
		Limit int
	}
	// SaveReceipts stores receipts.
	SaveReceipts struct{ Receipts []record.Receipt }
	// ReadLooks reads audit events to offer.
	ReadLooks struct {
		After uint64
		Limit int
	}
	// SaveLooks stores how far central has the audit events.
	SaveLooks struct{ UpTo uint64 }
	// Reoffer makes what was sent count as unsent again.
	Reoffer struct{}
	// Wipe forgets what central was emptied of on purpose.
	Wipe struct{}
	// Answer is what central holds about the patients of a Question, or of a
	// comparison, and where the station stands as it hears it.
	Answer struct {
		Heads  record.Heads
		Cursor record.Cursor
	}
	// CompareHeads holds the store against what central says.
	CompareHeads struct{ Heads record.Heads }
	// ReadDoubtful reads whose copies are in doubt.
	ReadDoubtful struct{}
	// ReadProof reads central's signed word on the cursor.
	ReadProof struct{ Session uint64 }
	// ReadReturn reads the next batch to give back.
	ReadReturn struct{ Epoch string }
	// SaveReturned stores how far central has them.
	SaveReturned struct {
		Epoch  string
		Number uint64
	}
	// Tell hands the observer a new state.
	Tell struct{ State LinkState }
)

func (Dial) effect()             {}
func (Send) effect()             {}
func (Hangup) effect()           {}
func (Load) effect()             {}
func (Apply) effect()            {}
func (ApplyChunks) effect()      {}
func (PutTogetherDelta) effect() {}
func (ReadWanted) effect()       {}
func (KeepPart) effect()         {}
func (ApplyAhead) effect()       {}
func (ReadUnsent) effect()       {}
func (SaveReceipts) effect()     {}
func (ReadLooks) effect()        {}
func (SaveLooks) effect()        {}
func (Reoffer) effect()          {}
func (Wipe) effect()             {}
func (Answer) effect()           {}
func (CompareHeads) effect()     {}
func (ReadDoubtful) effect()     {}
func (ReadProof) effect()        {}
func (ReadReturn) effect()       {}
func (SaveReturned) effect()     {}
func (Tell) effect()             {}
