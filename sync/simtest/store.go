package simtest

import (
	"context"
	"maps"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Store is a station's store in memory: what a cache promises, and nothing
// else. Each call is one commit: a crash happens between calls. It is not safe
// for concurrent use; see Locked in the tests that need it.
type Store struct {
	Station record.StationID
	Held    map[fhir.Ref]record.Change // current versions
	Past    map[fhir.Ref]map[record.Version]record.Change

	cursor   record.Cursor
	snapshot string
	next     string
	staged   []record.Change
	muts     []record.Mutation // all, in order; sequence i is at i-1
	receipts map[record.MutationID]record.Receipt
	looks    []record.Look
	looksTo  uint64

	// Early is what came ahead of the cursor, until the tail has brought it.
	Early map[fhir.Ref]record.Change
}

// NewStore makes an empty store.
func NewStore(s record.StationID) *Store {
	return &Store{
		Station: s, Held: map[fhir.Ref]record.Change{}, Past: map[fhir.Ref]map[record.Version]record.Change{},
		receipts: map[record.MutationID]record.Receipt{}, Early: map[fhir.Ref]record.Change{},
	}
}

// Cursor is where the store stands.
func (s *Store) Cursor() (record.Cursor, error) { return s.cursor, nil }

// SnapshotState is how far a snapshot under way has come.
func (s *Store) SnapshotState() (snapshot, next string, ok bool, err error) {
	return s.snapshot, s.next, s.snapshot != "", nil
}

// Apply commits a batch.
func (s *Store) Apply(_ context.Context, b record.Batch) error {
	if b.Epoch != s.cursor.Epoch || b.From != s.cursor.Position {
		return fault.New(fault.Conflict, "simtest.apply", string(s.Station), "the batch does not begin at the cursor")
	}
	for _, p := range b.Forget {
		s.forget(p)
	}
	for _, c := range b.Changes {
		s.take(c)
	}
	s.cursor = b.Cursor()
	return nil
}

// Ahead keeps what overtook. It is kept apart, so that what is held at a
// position stays comparable.
func (s *Store) Ahead(_ context.Context, changes []record.Change) error {
	for _, c := range changes {
		s.Early[c.Ref] = c
	}
	return nil
}

func (s *Store) forget(p fhir.ID) {
	for ref, c := range s.Held {
		if c.Patient == p {
			delete(s.Held, ref)
			delete(s.Past, ref)
		}
	}
}

func (s *Store) take(c record.Change) {
	if old, ok := s.Held[c.Ref]; !c.History && (!ok || old.Version < c.Version) {
		s.Held[c.Ref] = c
	}
	if s.Past[c.Ref] == nil {
		s.Past[c.Ref] = map[record.Version]record.Change{}
	}
	s.Past[c.Ref][c.Version] = c
}

// ApplyChunk keeps a piece of a snapshot aside; the last one replaces all that
// was held.
func (s *Store) ApplyChunk(_ context.Context, ch record.Chunk) error {
	if ch.Index == 0 {
		s.staged = nil
	} else if ch.Snapshot != s.snapshot {
		return fault.New(fault.Conflict, "simtest.applychunk", string(s.Station), "a chunk of another snapshot")
	}
	s.staged = append(s.staged, ch.Changes...)
	s.snapshot, s.next = ch.Snapshot, ch.Next
	if !ch.Last {
		return nil
	}
	s.Held, s.Past = map[fhir.Ref]record.Change{}, map[fhir.Ref]map[record.Version]record.Change{}
	for _, c := range s.staged {
		s.take(c)
	}
	s.staged, s.snapshot, s.next = nil, "", ""
	s.cursor = ch.At
	return nil
}

// Write puts mutations and looks into the outbox.
func (s *Store) Write(m record.Mutation) { s.muts = append(s.muts, m) }

// NextSeq is the next mutation's sequence.
func (s *Store) NextSeq() uint64 { return uint64(len(s.muts)) + 1 }

// Look appends an audit event to the station's chain.
func (s *Store) Look(event []byte) {
	l := record.Look{Station: s.Station, Seq: uint64(len(s.looks)) + 1, Event: event}
	if n := len(s.looks); n > 0 {
		l.Prev = s.looks[n-1].MAC
	}
	l.MAC[0], l.MAC[1] = byte(l.Seq), byte(l.Seq>>8) //nolint:gosec // a small number
	s.looks = append(s.looks, l)
}

// Unsent are the mutations without a receipt.
func (s *Store) Unsent(after uint64, limit int) ([]record.Mutation, error) {
	var out []record.Mutation
	for i := after; i < uint64(len(s.muts)) && len(out) < limit; i++ {
		if _, done := s.receipts[s.muts[i].ID]; !done {
			out = append(out, s.muts[i])
		}
	}
	return out, nil
}

// Receipted stores receipts.
func (s *Store) Receipted(_ context.Context, rs []record.Receipt) error {
	for _, r := range rs {
		s.receipts[r.Mutation] = r
	}
	return nil
}

// UnsentLooks are the audit events that central does not have.
func (s *Store) UnsentLooks(after uint64, limit int) ([]record.Look, error) {
	from := max(after, s.looksTo)
	if from >= uint64(len(s.looks)) {
		return nil, nil
	}
	rest := s.looks[from:]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}

// LooksReceived says that central has all up to upTo.
func (s *Store) LooksReceived(_ context.Context, upTo uint64) error {
	s.looksTo = max(s.looksTo, upTo)
	return nil
}

// Reoffer makes everything count as unsent again.
func (s *Store) Reoffer(context.Context) error {
	s.receipts = map[record.MutationID]record.Receipt{}
	s.looksTo = 0
	return nil
}

// Waiting counts what central has no receipt for.
func (s *Store) Waiting() (mutations, looks int) {
	return len(s.muts) - len(s.receipts), len(s.looks) - int(s.looksTo) //nolint:gosec // a small number
}

// Receipts are all receipts that are stored.
func (s *Store) Receipts() map[record.MutationID]record.Receipt { return maps.Clone(s.receipts) }
