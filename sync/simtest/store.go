package simtest

import (
	"context"
	"crypto/sha256"
	"maps"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Store is a station's store in memory: what a cache promises, and nothing
// else. What it holds is a log of changes to its contents; a crash leaves the
// part of the log that was synced, and of the rest as much of its beginning as
// fate wants (see Crash). Each call is one change, synced when it returns. It
// is not safe for concurrent use; see Locked in the tests that need it.
type Store struct {
	contents
	Station record.StationID

	log    []func(*contents)
	synced int
	lazy   bool // a commit is under way: sync ends it
	full   bool // the disk takes no more results and entries

	resting map[record.Hash]bool       // documents that are left alone
	ahead   map[record.MutationID]bool // of which a receipt was stored that the cursor had not reached
	plant   Plant
}

// contents are what a store holds.
type contents struct {
	Held map[fhir.Ref]record.Change // current versions
	Past map[fhir.Ref]map[record.Version]record.Change

	cursor   record.Cursor
	snapshot string
	next     string
	staged   []record.Change
	muts     []record.Mutation                    // all, in order; sequence i is at i-1
	bases    map[record.MutationID]record.Change  // what an entry without a receipt is based on
	receipts map[record.MutationID]record.Receipt // of muts
	looks    []record.Look
	looksTo  uint64

	archive
	shelf map[shelfKey]shelfRow

	// Early is what came ahead of the cursor, since the last snapshot.
	Early     map[fhir.Ref]record.Change
	overtaken int // all that did
	inOrder   int // chunks of history, behind what a screen shows first
}

func empty() contents {
	return contents{
		Held: map[fhir.Ref]record.Change{}, Past: map[fhir.Ref]map[record.Version]record.Change{},
		bases: map[record.MutationID]record.Change{}, receipts: map[record.MutationID]record.Receipt{},
		Early: map[fhir.Ref]record.Change{}, shelf: map[shelfKey]shelfRow{}, archive: archive{void: map[record.MutationID]bool{}},
	}
}

// NewStore makes an empty store.
func NewStore(s record.StationID) *Store {
	return &Store{Station: s, contents: empty(), ahead: map[record.MutationID]bool{}}
}

// commit makes one change, and syncs it unless that is left to the caller.
func (s *Store) commit(change func(*contents)) {
	change(&s.contents)
	s.log = append(s.log, change)
	if !s.lazy {
		s.sync()
	}
}

// sync makes durable what was committed.
func (s *Store) sync() {
	if s.plant != StationUnsynced {
		s.synced = len(s.log)
	}
}

// crash leaves what was synced and the first keep of the changes after it, as
// a disk does whose cache was lost: a change is there whole or not at all,
// since a torn one fails its check and ends the log.
func (s *Store) crash(keep int) {
	if s.synced == len(s.log) {
		return
	}
	s.log = s.log[:s.synced+min(keep, len(s.log)-s.synced)]
	s.contents = empty()
	for _, change := range s.log {
		change(&s.contents)
	}
	s.synced = len(s.log)
}

// back leaves the first n changes: the disk is an older one.
func (s *Store) back(n int) {
	s.log = s.log[:n]
	s.contents = empty()
	for _, change := range s.log {
		change(&s.contents)
	}
	s.synced = n
}

// Cursor is where the store stands.
func (s *Store) Cursor() (record.Cursor, error) { return s.cursor, nil }

// SnapshotState is how far a snapshot under way has come.
func (s *Store) SnapshotState() (snapshot, next string, ok bool, err error) {
	return s.snapshot, s.next, s.snapshot != "", nil
}

// Land commits batches, each by itself, and receipts with the last.
func (s *Store) Land(_ context.Context, batches []record.Batch, receipts []record.Receipt) error {
	for i, b := range batches {
		var with []record.Receipt
		if i == len(batches)-1 {
			with = receipts
		}
		if err := s.apply(b, with); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) apply(b record.Batch, receipts []record.Receipt) error {
	switch {
	case s.full:
		return fault.New(fault.Full, "simtest.apply", string(s.Station), "the disk is full")
	case b.Epoch != s.cursor.Epoch || b.From != s.cursor.Position:
		return fault.New(fault.Conflict, "simtest.apply", string(s.Station), "the batch does not begin at the cursor")
	}
	s.commit(func(c *contents) {
		before := maps.Clone(c.shelf)
		for _, p := range b.Forget {
			c.forget(p)
		}
		if s.plant == PaperKept {
			maps.Copy(c.shelf, before)
		}
		for _, p := range b.Refill {
			c.forget(p)
		}
		for _, change := range b.Changes {
			c.take(change, s.plant)
		}
		c.cursor = b.Cursor()
		c.keep(b)
		for _, r := range receipts {
			c.receipts[r.Mutation] = r
		}
	})
	return nil
}

// Ahead keeps what overtook. It is kept apart, so that what is held at a
// position stays comparable.
func (s *Store) Ahead(_ context.Context, changes []record.Change) error {
	s.commit(func(c *contents) {
		for _, change := range changes {
			c.Early[change.Ref] = change
			c.overtaken++
		}
	})
	return nil
}

func (c *contents) forget(p fhir.ID) {
	for key := range c.shelf {
		if key.patient == p {
			delete(c.shelf, key)
		}
	}
	for ref, held := range c.Held {
		if held.Patient == p {
			delete(c.Held, ref)
			delete(c.Past, ref)
		}
	}
}

func (c *contents) take(change record.Change, plant Plant) {
	old, ok := c.Held[change.Ref]
	newer := !ok || old.Version < change.Version
	if plant == WallClocks && ok {
		newer = old.Times.Station < change.Times.Station
	}
	if !change.History && newer {
		c.Held[change.Ref] = change
		c.shelve(change)
	}
	if c.Past[change.Ref] == nil {
		c.Past[change.Ref] = map[record.Version]record.Change{}
	}
	c.Past[change.Ref][change.Version] = change
	if plant == ForgetsBase {
		clear(c.bases)
	}
}

// ApplyChunks keeps pieces of a snapshot aside; the last one replaces all that
// was held.
func (s *Store) ApplyChunks(_ context.Context, chunks []record.Chunk) error {
	for _, ch := range chunks {
		if err := s.applyChunk(ch); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) applyChunk(ch record.Chunk) error {
	switch {
	case s.full:
		return fault.New(fault.Full, "simtest.applychunk", string(s.Station), "the disk is full")
	case ch.Index > 0 && ch.Snapshot != s.snapshot:
		return fault.New(fault.Conflict, "simtest.applychunk", string(s.Station), "a chunk of another snapshot")
	}
	s.commit(func(c *contents) { c.chunk(ch, s.plant) })
	return nil
}

func (c *contents) chunk(ch record.Chunk, plant Plant) {
	if ch.Index == 0 {
		c.staged = nil
	}
	c.staged = append(c.staged, ch.Changes...)
	if ch.Part == record.PartHistory && len(ch.Changes) > 0 {
		c.inOrder++
	}
	c.snapshot, c.next = ch.Snapshot, ch.Next
	if !ch.Last {
		return
	}
	c.Held, c.Past = map[fhir.Ref]record.Change{}, map[fhir.Ref]map[record.Version]record.Change{}
	c.Early = map[fhir.Ref]record.Change{}
	for _, change := range c.staged {
		c.take(change, plant)
	}
	c.sweepShelf()
	c.staged, c.snapshot, c.next = nil, "", ""
	c.cursor = ch.At
	c.proof = record.Proof{Body: ch.Signed, Sig: ch.Sig, Chunk: true}
}

// HeldVersion is a version that is held now; older ones are as good as gone.
func (s *Store) HeldVersion(ref fhir.Ref, v record.Version) (fhir.Resource, error) {
	if c := s.Held[ref]; c.Version == v {
		return c.Body, nil
	}
	return nil, nil
}

// Write puts a mutation into the outbox, with the body that it is based on.
func (s *Store) Write(m record.Mutation) {
	s.commit(func(c *contents) {
		c.muts = append(c.muts, m)
		if base, ok := c.Past[m.Ref][m.Base]; ok && m.Base > 0 {
			c.bases[m.ID] = base
		}
	})
}

// NextSeq is the next mutation's sequence.
func (s *Store) NextSeq() uint64 {
	if n := len(s.muts); s.plant == SequenceReused && n > 0 && n%7 == 0 {
		return uint64(n)
	}
	return uint64(len(s.muts)) + 1
}

// Look appends an audit event to the station's chain.
func (s *Store) Look(event []byte) {
	s.commit(func(c *contents) {
		l := record.Look{Station: s.Station, Seq: uint64(len(c.looks)) + 1, Event: event}
		if n := len(c.looks); n > 0 {
			l.Prev = c.looks[n-1].MAC
		}
		l.MAC = sha256.Sum256(append(l.Prev[:], event...))
		c.looks = append(c.looks, l)
	})
}

// Unsent are the mutations without a receipt.
func (s *Store) Unsent(after uint64, limit int) ([]record.Mutation, error) {
	var out []record.Mutation
	for i := after; i < uint64(len(s.muts)) && len(out) < limit; i++ {
		if _, done := s.receipts[s.muts[i].ID]; !done && !s.void[s.muts[i].ID] {
			out = append(out, s.muts[i])
		}
	}
	return out, nil
}

// Receipted stores receipts.
func (s *Store) Receipted(_ context.Context, rs []record.Receipt) error {
	s.commit(func(c *contents) {
		for _, r := range rs {
			c.receipts[r.Mutation] = r
			if r.Position > c.cursor.Position {
				s.ahead[r.Mutation] = true
			}
		}
	})
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
	if upTo > uint64(len(s.looks)) {
		return fault.New(fault.Invalid, "simtest.looksreceived", string(s.Station), "fewer were made here")
	}
	s.commit(func(c *contents) { c.looksTo = max(c.looksTo, upTo) })
	return nil
}

// Reoffer makes everything count as unsent again.
func (s *Store) Reoffer(context.Context) error {
	if s.plant == NeverReoffers {
		return nil
	}
	s.commit(func(c *contents) {
		for id := range c.receipts {
			if !c.void[id] {
				delete(c.receipts, id)
			}
		}
		c.looksTo = 0
	})
	return nil
}

// Waiting counts what central has no receipt for.
func (s *Store) Waiting() (mutations, looks int) {
	return len(s.muts) - len(s.receipts), len(s.looks) - int(s.looksTo) //nolint:gosec // a small number
}

// Receipts are all receipts that are stored.
func (s *Store) Receipts() map[record.MutationID]record.Receipt { return maps.Clone(s.receipts) }
