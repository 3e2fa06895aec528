package desk

import (
	"context"
	"iter"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/station/cache"
)

// Reader reads one consistent state of the cache.
type Reader interface {
	// Current is the resource's current version as central accepted it.
	Current(ref fhir.Ref) (c record.Change, ok bool, err error)
	// LooseCurrent is Current for what belongs to no patient: that there is none of
	// it is known as soon as the store is open.
	LooseCurrent(ref fhir.Ref) (c record.Change, ok bool, err error)
	// Base is an earlier version, kept at least as long as an unsent mutation
	// is based on it.
	Base(ref fhir.Ref, v record.Version) (c record.Change, ok bool, err error)
	// History yields the other versions that this station was sent, oldest
	// first.
	History(ref fhir.Ref) iter.Seq2[record.Change, error]
	// Compartment yields the current version of each of a patient's
	// resources, the Patient included.
	Compartment(patient fhir.ID) iter.Seq2[record.Change, error]
	// Loose yields the current resources that belong to no patient.
	Loose() iter.Seq2[record.Change, error]
	// All yields the current resources of a type after an id, in order of id.
	All(t fhir.Type, after fhir.ID) iter.Seq2[record.Change, error]
	// UnsentFor yields this station's own mutations about a patient that are
	// not yet part of the committed state, oldest first; "" for those without
	// a patient.
	UnsentFor(patient fhir.ID) ([]record.Mutation, error)
	// Own is one of this station's own mutations, for as long as it is kept.
	Own(id record.MutationID) (m record.Mutation, ok bool, err error)
	// Cursor is how far this state holds everything in scope.
	Cursor() record.Cursor
	// Mark is the state of a patient's record, and Briefs what was worked out of
	// the records that still stand so.
	Mark(patient fhir.ID) (cache.Mark, error)
	Briefs() iter.Seq2[cache.Brief, error]
	// Filled is how much of a patient's record a first filling has brought.
	Filled(patient fhir.ID) (cache.Filled, error)
	// Shelved says of each of a patient's documents how far it has come, and
	// Document gives one out that is here whole.
	Shelved(patient fhir.ID) (map[record.Hash]cache.Shelved, error)
	Document(patient fhir.ID, sum record.Hash) ([]byte, error)
	// Patients yields everybody about whom there is anything.
	Patients() iter.Seq2[fhir.ID, error]
	// Receipt is central's word about one of this station's mutations.
	Receipt(id record.MutationID) (r record.Receipt, ok bool, err error)
	// UnsentBetween are the sequences, from first to last, of own mutations
	// without one, in order.
	UnsentBetween(first, last uint64) ([]uint64, error)
}

// Records is the readable half of the cache.
type Records interface {
	View(ctx context.Context, fn func(Reader) error) error
	// Grown returns a channel that is closed at the next commit after the
	// call. Take it before reading, then read, then wait.
	Grown() <-chan struct{}
	// Touched says which patients changed after generation since, whether
	// something without a patient did, and the present generation.
	Touched(since uint64) (patients []fhir.ID, loose bool, gen uint64)
	// Waiting is what waits for whoever has read up to generation since: how many
	// patients changed, and to which of them a critical result came after
	// generation seen; gen is the present one. Where that is too long ago to say,
	// known is false.
	Waiting(since, seen uint64) (changed int, critical []fhir.ID, gen uint64, known bool)
	// Expect says that a patient's record will be read again right after it is read
	// next.
	Expect(patient fhir.ID)
	// KeepBriefs stores what was worked out of records, where they still stand so.
	KeepBriefs(ctx context.Context, list []cache.Brief) error
	// Ask has a document fetched before all others.
	Ask(sum record.Hash)
}

// Outbox is where commands go.
type Outbox interface {
	// NextSeq is a sequence for a mutation, never given twice.
	NextSeq() (uint64, error)
	// Commit stores signed mutations, audit events and facts in one synced
	// commit.
	Commit(ctx context.Context, muts []record.Mutation, looks [][]byte, facts ...cache.Fact) error
	// Unsent yields own mutations without a receipt after a sequence.
	Unsent(after uint64, limit int) ([]record.Mutation, error)
	Count() cache.Counts
}

// Notebook holds unfinished text, sealed to its author.
type Notebook interface {
	SetDraft(ctx context.Context, user record.UserID, key string, body []byte) error
	Drafts(user record.UserID) ([]cache.Draft, error)
	DropDraft(ctx context.Context, user record.UserID, key string) error
}

// Facts are the station's small memories that outlive the program.
type Facts interface {
	SetFact(ctx context.Context, key string, value []byte) error
	Fact(key string) ([]byte, error) // nil where it was never set
}

// Store is what desk needs of the cache; OverCache makes one.
type Store interface {
	Records
	Outbox
	Notebook
	Facts
}

// OverCache is the station's cache as desk's store.
func OverCache(c *cache.Cache) Store { return overCache{c} }

type overCache struct{ *cache.Cache }

func (o overCache) View(ctx context.Context, fn func(Reader) error) error {
	return o.Cache.View(ctx, func(r cache.Reader) error { return fn(r) })
}

// Signer is a device's key.
type Signer interface {
	ID() string
	Sign(msg []byte) ([]byte, error)
}

// Always is a device's key that stays.
func Always(key Signer) func() Signer { return func() Signer { return key } }
