package cache

import (
	"bytes"
	"errors"
	"maps"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// metaFormat is the layout's version, and metaLists that of a store in which lists of
// owners wait to be written out (see owners): a program that does not know them would
// not find what they name, and refuses it. A newer one is refused.
const (
	metaFormat = 1
	metaLists  = 2
)

// meta is the one row that every commit rewrites: where the store stands, and
// how much of everything it must hold.
type meta struct {
	Format   int                  `cbor:"1,keyasint"`
	Station  record.StationID     `cbor:"2,keyasint"`
	Commits  uint64               `cbor:"3,keyasint"`
	Cursor   record.Cursor        `cbor:"4,keyasint"`
	Current  map[fhir.Type]uint64 `cbor:"5,keyasint"` // current resources by type
	Patients uint64               `cbor:"6,keyasint"` // digest rows, the one without a patient left out
	History  uint64               `cbor:"7,keyasint"` // h/ rows
	Unsent   uint64               `cbor:"8,keyasint"` // o/ rows
	Pending  uint64               `cbor:"9,keyasint"` // u/ rows
	Opened   uint64               `cbor:"10,keyasint"`

	LastSeq     uint64      `cbor:"11,keyasint"` // the highest own sequence ever used
	LookSeq     uint64      `cbor:"12,keyasint"`
	LookMAC     record.Hash `cbor:"13,keyasint"`
	LookForward uint64      `cbor:"14,keyasint"` // looks up to here are at central
	OutboxNext  uint64      `cbor:"15,keyasint"` // how far the outbox file must reach

	Snapshot   *snapshot `cbor:"16,keyasint,omitempty"`
	Staged     uint64    `cbor:"17,keyasint,omitempty"` // pieces of a published batch that is not moved in yet
	Reoffering bool      `cbor:"18,keyasint,omitempty"`

	Returns  returns `cbor:"19,keyasint,omitempty"`
	Doubtful uint64  `cbor:"20,keyasint,omitempty"` // y/ rows
	Lists    lists   `cbor:"21,keyasint,omitempty"`
}

// snapshot is one that has begun and not ended.
type snapshot struct {
	Name    string        `cbor:"1,keyasint"`
	Next    string        `cbor:"2,keyasint"` // token for the chunk after the last one applied
	Index   uint32        `cbor:"3,keyasint"` // the chunk that must come next
	At      record.Cursor `cbor:"4,keyasint"`
	Sweep   bool          `cbor:"5,keyasint"`           // the cache held something: what the snapshot lacks must go
	Replace bool          `cbor:"6,keyasint"`           // another epoch: version numbers of before mean nothing
	Owner   fhir.ID       `cbor:"7,keyasint,omitempty"` // of the last resource, where it comes patient by patient
}

func (m meta) clone() meta {
	m.Current = maps.Clone(m.Current)
	if m.Current == nil {
		m.Current = map[fhir.Type]uint64{}
	}
	if m.Snapshot != nil {
		s := *m.Snapshot
		m.Snapshot = &s
	}
	return m
}

func (m meta) total() (n uint64) {
	for _, c := range m.Current {
		n += c
	}
	return n
}

// openMeta is the meta row of the newest commit, sealed and open. Every reader
// needs it, and nearly every reader reads the newest state. Nothing in it changes.
type openMeta struct {
	raw []byte
	m   meta
}

// metaOf reads the meta row of a state: out of memory where it is, to the last byte
// of its seal, the newest commit's. It is zero where there is none.
func (c *Cache) metaOf(b *badger.Txn) (m meta, err error) {
	item, err := b.Get(keyMeta)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return m, nil
	}
	if err != nil {
		return m, c.dbFault("cache.read", err)
	}
	err = item.Value(func(raw []byte) error {
		if n := c.newest.Load(); n != nil && bytes.Equal(n.raw, raw) {
			m = n.m
			return nil
		}
		_, plain, err := c.box.open(keyMeta, raw)
		if err != nil {
			return err
		}
		return record.Decode(plain, &m)
	})
	return m, c.dbFault("cache.read", err)
}
