// Package cache is a station's encrypted store.
package cache

import (
	"context"
	"iter"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// Options say what to open.
type Options struct {
	Dir               string            // the station's folder; the cache makes its own folders in it
	Key               keys.Key          // the data key, out of the slots
	Station           record.StationID  // whose mutations these are
	DeviceSealing     keys.SealIdentity // the station's own identity for the outbox file
	RecoveryRecipient string            // central's recovery recipient, "age1…"; "" before enrolment only
	Reserve           int64             // bytes of the reserve file; 0: 64 MiB
	Retention         time.Duration     // how long receipted work stays; 0: 7 days
	Now               func() time.Time  // nil: time.Now
	Anchor            Anchor            // remembers outside the folder, in the keyring; nil: none
	FreeSpace         func(dir string) (int64, error)
}

// Anchor remembers a few bytes outside the station's folder.
type Anchor interface {
	Load(ctx context.Context) ([]byte, error) // fault.NotFound: nothing yet
	Save(ctx context.Context, b []byte) error
}

// Cache is an open store.
type Cache struct{}

// Fact is one small fact of the station.
type Fact struct {
	Key   string
	Value []byte // nil removes
}

// Draft is what somebody has begun to write.
type Draft struct {
	Key   string
	Body  []byte
	Saved time.Time
}

// Counts are for status lines.
type Counts struct{ Resources, Patients, Unsent, Looks int }

// Reader reads one consistent state.
type Reader struct{}

var errNotYet = fault.New(fault.Unavailable, "cache", "", "not open")

func Open(ctx context.Context, o Options) (*Cache, error) { return nil, errNotYet }
func SetAside(dir string) (newName string, err error)     { return "", errNotYet }

func (c *Cache) Close() error                                          { return errNotYet }
func (c *Cache) Cursor() (record.Cursor, error)                        { return record.Cursor{}, errNotYet }
func (c *Cache) Apply(ctx context.Context, b record.Batch) error       { return errNotYet }
func (c *Cache) ApplyChunk(ctx context.Context, ch record.Chunk) error { return errNotYet }
func (c *Cache) SnapshotState() (snapshot, next string, ok bool, err error) {
	return "", "", false, errNotYet
}
func (c *Cache) Unsent(after uint64, limit int) ([]record.Mutation, error)  { return nil, errNotYet }
func (c *Cache) Receipted(ctx context.Context, rs []record.Receipt) error   { return errNotYet }
func (c *Cache) UnsentLooks(after uint64, limit int) ([]record.Look, error) { return nil, errNotYet }
func (c *Cache) LooksReceived(ctx context.Context, upTo uint64) error       { return errNotYet }
func (c *Cache) Reoffer(ctx context.Context) error                          { return errNotYet }
func (c *Cache) View(ctx context.Context, fn func(Reader) error) error      { return errNotYet }
func (c *Cache) NextSeq() (uint64, error)                                   { return 0, errNotYet }
func (c *Cache) Commit(ctx context.Context, muts []record.Mutation, looks [][]byte, facts ...Fact) error {
	return errNotYet
}
func (c *Cache) Grown() <-chan struct{}                                            { return nil }
func (c *Cache) Touched(since uint64) (patients []fhir.ID, loose bool, gen uint64) { return }
func (c *Cache) SetDraft(ctx context.Context, user record.UserID, key string, body []byte) error {
	return errNotYet
}
func (c *Cache) Draft(user record.UserID, key string) (Draft, bool, error) {
	return Draft{}, false, errNotYet
}
func (c *Cache) Drafts(user record.UserID) ([]Draft, error) { return nil, errNotYet }
func (c *Cache) DropDraft(ctx context.Context, user record.UserID, key string) error {
	return errNotYet
}
func (c *Cache) SetFact(ctx context.Context, key string, value []byte) error { return errNotYet }
func (c *Cache) Fact(key string) ([]byte, error)                             { return nil, errNotYet }
func (c *Cache) Count() Counts                                               { return Counts{} }

func (r Reader) Cursor() record.Cursor { return record.Cursor{} }
func (r Reader) Current(ref fhir.Ref) (record.Change, bool, error) {
	return record.Change{}, false, errNotYet
}
func (r Reader) Base(ref fhir.Ref, v record.Version) (record.Change, bool, error) {
	return record.Change{}, false, errNotYet
}
func (r Reader) History(ref fhir.Ref) iter.Seq2[record.Change, error]           { return nil }
func (r Reader) Compartment(patient fhir.ID) iter.Seq2[record.Change, error]    { return nil }
func (r Reader) Patients() iter.Seq2[fhir.ID, error]                            { return nil }
func (r Reader) Loose() iter.Seq2[record.Change, error]                         { return nil }
func (r Reader) All(t fhir.Type, after fhir.ID) iter.Seq2[record.Change, error] { return nil }
func (r Reader) UnsentFor(patient fhir.ID) ([]record.Mutation, error)           { return nil, errNotYet }
func (r Reader) Receipt(id record.MutationID) (record.Receipt, bool, error) {
	return record.Receipt{}, false, errNotYet
}
