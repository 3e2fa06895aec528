// Package documents gives out the bytes of documents that resources name: a PDF or
// a picture that came in a message.
//
// How: a resource holds a document's SHA-256, size and type; a note in the journal
// says which message brought it; the bytes are in that message, in the raw inbound
// log, sealed like every message. They lie on central's disk once, outlive the
// journal, and are found again after a restore as soon as the raw log has been
// replayed. The last few that were asked for are kept in memory, bounded, because
// a message is read whole for each.
//
// Promises: what Part gives are bytes of exactly the document that was asked for,
// held against its SHA-256 before any of it is given out; only to a station in
// whose scope a resource is that names it, by the journal as it is now; never more
// than MaxPart at once.
package documents

import (
	"context"
	"crypto/sha256"
	"slices"
	"sync"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// MaxPart bounds one answer.
const MaxPart = 64 << 10

// keep bounds the documents that stay in memory.
const keep = 2 * fhir.MaxDocument

// Scope says whether a resource is in a station's scope. scope.Source is one.
type Scope interface {
	// Shows gives the versions of a resource that a station may have, the one in
	// force first. fault.NotFound: none.
	Shows(ctx context.Context, dev record.Device, ref fhir.Ref) ([]record.Change, error)
}

// Messages is the raw inbound log.
type Messages interface {
	// Message is a message by the SHA-256 of its bytes. fault.NotFound: it never
	// came.
	Message(ctx context.Context, raw record.Hash) ([]byte, error)
}

// Config is what a Store needs. All of it is required.
type Config struct {
	Journal  journal.Journal
	Scope    Scope
	Messages Messages
	// Find finds a document in a message.
	Find func(message []byte, hash [sha256.Size]byte) ([]byte, error)
}

// Store gives out documents. It is safe for concurrent use.
type Store struct {
	cfg Config

	mu   sync.Mutex
	kept []document // the last used first
	size int
}

type document struct {
	hash  record.Hash
	bytes []byte
}

// New makes a Store.
func New(cfg Config) *Store { return &Store{cfg: cfg} }

// Part is at most length bytes of a document after an offset, for a station that
// names a resource in which it is, and the document's size. fault.NotFound: no
// resource in its scope names it so. fault.Invalid: the offset lies behind its
// end.
func (s *Store) Part(ctx context.Context, dev record.Device, ref fhir.Ref, hash record.Hash, offset, length int64) (part []byte, size int64, err error) {
	const op = "documents.part"
	versions, err := s.cfg.Scope.Shows(ctx, dev, ref)
	if err != nil {
		return nil, 0, fault.Wrap(op, ref.String(), err)
	}
	if !slices.ContainsFunc(versions, func(c record.Change) bool { return names(c, hash) }) {
		return nil, 0, fault.New(fault.NotFound, op, ref.String(), "the resource names no such document")
	}
	all, err := s.Whole(ctx, hash)
	if err != nil {
		return nil, 0, err
	}
	size = int64(len(all))
	if offset < 0 || offset > size || length <= 0 {
		return nil, 0, fault.New(fault.Invalid, op, "", "the part lies outside the document")
	}
	end := min(offset+min(length, MaxPart), size)
	return all[offset:end], size, nil
}

func names(c record.Change, hash record.Hash) bool {
	return slices.ContainsFunc(fhir.Documents(c.Body), func(d fhir.Document) bool { return d.Hash == hash })
}

// Whole is a document, for central's own use: whether somebody may have it is for
// the caller to decide. fault.NotFound: it is in no message that was filed.
// Treat it as read-only.
func (s *Store) Whole(ctx context.Context, hash record.Hash) ([]byte, error) {
	if b := s.recent(hash); b != nil {
		return b, nil
	}
	const op = "documents.read"
	from, err := s.source(ctx, hash)
	if err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	message, err := s.cfg.Messages.Message(ctx, from.Raw)
	if err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	b, err := s.cfg.Find(message, hash)
	if err != nil {
		return nil, fault.Wrap(op, "", err)
	}
	if sha256.Sum256(b) != hash {
		return nil, fault.New(fault.Corrupt, op, "", "the document is not the one that was asked for")
	}
	s.remember(hash, b)
	return b, nil
}

func (s *Store) source(ctx context.Context, hash record.Hash) (from record.DocumentSource, err error) {
	err = s.cfg.Journal.View(ctx, func(r journal.Reader) error {
		note, ok, err := r.Note(record.DocumentPrefix + hash.String())
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.NotFound, "documents.source", "", "no message that was filed brought it")
		}
		return record.Decode(note, &from)
	})
	return from, err
}

func (s *Store) recent(hash record.Hash) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.kept, func(d document) bool { return d.hash == hash })
	if i < 0 {
		return nil
	}
	d := s.kept[i]
	s.kept = slices.Insert(slices.Delete(s.kept, i, i+1), 0, d)
	return d.bytes
}

func (s *Store) remember(hash record.Hash, b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.kept, func(d document) bool { return d.hash == hash }) {
		return // somebody was quicker
	}
	s.kept = slices.Insert(s.kept, 0, document{hash, b})
	for s.size += len(b); s.size > keep; {
		last := len(s.kept) - 1
		s.size -= len(s.kept[last].bytes)
		s.kept = slices.Delete(s.kept, last, last+1)
	}
}
