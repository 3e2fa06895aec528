// Package journal is the contract of central's journal: one append-only,
// gap-free, ordered log of accepted changes, and the current state that
// follows from it. memjournal, badgerjournal and pgjournal implement it and
// pass one suite, journaltest.
//
// Promises of every implementation:
//   - Update is atomic and serial: no other Update runs between what its
//     function reads and what it writes, and when Update returns nil everything
//     is durable (synced to disk) at one position.
//   - Positions start at 1 and have no gaps; an Update that fails uses none.
//     A reader that has seen position P has seen everything at or below P.
//   - The chain hash of an entry is record.ChainNext over its predecessor's.
//   - A View is one consistent snapshot, however long it lasts.
//   - Nothing is ever overwritten: every version of every resource, every
//     receipt and every audit event stays.
//
// Errors are faults: Full when the disk is nearly full (nothing was written),
// Corrupt when stored bytes fail their check, Unavailable when the store is
// closed or its database does not answer.
package journal

import (
	"context"
	"iter"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Journal is one store.
type Journal interface {
	// Epoch is the journal's incarnation, signed.
	Epoch() record.Epoch
	// Epochs is the lineage: every incarnation of which this one holds the
	// beginning, oldest first; the last is Epoch.
	Epochs() []record.Epoch
	// Begin starts a new epoch, whose common past with the one before reaches
	// to at, and returns it when it is durable. No entry is written.
	Begin(ctx context.Context, cause record.Cause, at record.Position) (record.Epoch, error)
	// Head is the newest durable position with its chain hash.
	Head() record.Cursor
	// Update runs fn and commits what it wrote as one entry. fn may run again
	// when the commit could not be made; it must have no other effects. An fn
	// that writes nothing makes no entry, and Update returns the zero Entry.
	Update(ctx context.Context, fn func(Tx) error) (record.Entry, error)
	// View runs fn on a consistent snapshot.
	View(ctx context.Context, fn func(Reader) error) error
	// Grown returns a channel that is closed at the next commit after the
	// call. Take it before reading, then read, then wait.
	Grown() <-chan struct{}
	Close() error
}

// Reader reads one consistent state.
type Reader interface {
	// Head is the snapshot's position and chain hash.
	Head() record.Cursor
	// Current is the resource's current version; ok is false where it never
	// had one.
	Current(ref fhir.Ref) (c record.Change, ok bool, err error)
	// Version is one version, current or not.
	Version(ref fhir.Ref, v record.Version) (c record.Change, ok bool, err error)
	// Encoded is Version as the bytes that are kept.
	Encoded(ref fhir.Ref, v record.Version) (e record.Encoded, ok bool, err error)
	// History yields all versions, oldest first.
	History(ref fhir.Ref) iter.Seq2[record.Change, error]
	// Compartment yields the current version of every resource of a patient,
	// the Patient included, in order of type and id.
	Compartment(patient fhir.ID) iter.Seq2[record.Change, error]
	// Standings yields where each of them stands, after a reference (zero for
	// all), without reading any version.
	Standings(patient fhir.ID, after fhir.Ref) iter.Seq2[Standing, error]
	// All yields the current version of every resource of a type after an id
	// ("" for all; type "" for every type), in order of type and id.
	All(t fhir.Type, after fhir.ID) iter.Seq2[record.Change, error]
	// Find yields what an index holds under key, in order of reference.
	Find(ix Index, key string) iter.Seq2[fhir.Ref, error]
	// Entries yields the entries after a position, in order.
	Entries(after record.Position) iter.Seq2[record.Entry, error]
	// Trail is Entries without their changes, for who asks what was done and not
	// what it says: no version is read.
	Trail(after record.Position) iter.Seq2[record.Entry, error]
	// Receipt is the receipt of a mutation; ok is false for an unknown one.
	Receipt(id record.MutationID) (r record.Receipt, ok bool, err error)
	// Inbound is the row of one message.
	Inbound(id string) (row record.Inbound, ok bool, err error)
	// Inbounds yields all rows in order of receipt.
	Inbounds() iter.Seq2[record.Inbound, error]
	// Note is one of central's own facts; Notes yields those with a prefix, in
	// order of key.
	Note(key string) (value []byte, ok bool, err error)
	Notes(prefix string) iter.Seq2[record.KV, error]
}

// Standing is where a resource stands: which version is in force, and which is
// the newest. Newest 1 means that there is no other; versions have no gaps.
type Standing struct {
	Ref     fhir.Ref
	Newest  record.Version
	Current record.Version
	// At is the position at which Current came, and Critical whether it carries
	// record.TagCritical.
	At       record.Position
	Critical bool
}

// Tx is a Reader that also writes; it reads its own writes.
type Tx interface {
	Reader
	// Put appends a version. Version must be one more than the newest that
	// exists (history versions count); Position is filled in.
	Put(c record.Change) error
	// Receipted keeps a mutation with its receipt; Position is filled in. The
	// same mutation id twice is fault.Exists.
	Receipted(m record.Mutation, r record.Receipt) error
	// Audit appends one AuditEvent.
	Audit(event []byte) error
	// SetInbound writes a message's row: new, or changed since.
	SetInbound(row record.Inbound) error
	// SetNote writes one of central's own facts; an empty value removes it.
	SetNote(key string, value []byte) error
}

// PatientOf is the compartment that a change belongs to: a Patient belongs to
// its own, whether the change says so or not.
func PatientOf(c record.Change) fhir.ID {
	if c.Patient == "" && c.Ref.Type == fhir.TypePatient {
		return c.Ref.ID
	}
	return c.Patient
}

// Index is one way to find current resources other than by id. Entries of an
// index follow from a resource's current version alone (see Keys), so that an
// index can be rebuilt.
type Index string

// The indexes.
const (
	ByIdentifier Index = "identifier" // system|value → Patient, Encounter, …
	ByWard       Index = "ward"       // ward → Encounters that are there now
	ByTag        Index = "tag"        // a record.Tag… → resources that carry it now
	ByFocus      Index = "focus"      // "Type/id" → Tasks about it
)

// Key is one index entry.
type Key struct {
	Index Index
	Key   string
}

// Keys are the index entries of a change that becomes current. Both stores
// call it; neither knows FHIR itself.
func Keys(c record.Change) ([]Key, error) {
	if c.History {
		return nil, nil
	}
	head, err := fhir.ViewOf[indexed](c.Body, "identifier", "status", "extension", "focus")
	if err != nil {
		return nil, err
	}
	var keys []Key
	for _, id := range head.Identifier {
		if id.Value != "" {
			keys = append(keys, Key{ByIdentifier, id.System + "|" + id.Value})
		}
	}
	if c.Ref.Type == fhir.TypeEncounter && present(head.Status) {
		if w := fhir.ExtString(head.Extension, fhir.ExtWard); w != "" {
			keys = append(keys, Key{ByWard, w})
		}
	}
	for _, w := range c.Wards {
		keys = append(keys, Key{ByWard, string(w)})
	}
	for _, t := range c.Tags {
		keys = append(keys, Key{ByTag, t})
	}
	if head.Focus != nil {
		if ref, ok := head.Focus.Ref(); ok {
			keys = append(keys, Key{ByFocus, ref.String()})
		}
	}
	return keys, nil
}

// indexed are the elements that an index looks at.
type indexed struct {
	Identifier []fhir.Identifier `json:"identifier"`
	Status     string            `json:"status"`
	Extension  []fhir.Extension  `json:"extension"`
	Focus      *fhir.Reference   `json:"focus"`
}

// present says whether an Encounter of this status keeps its patient on the
// ward (R4 value set encounter-status).
func present(status string) bool {
	switch status {
	case "arrived", "triaged", "in-progress", "onleave":
		return true
	}
	return false
}
