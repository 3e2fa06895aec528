package cache

import (
	"bytes"
	"errors"
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// tx is one write transaction. The caller holds c.mu, so there is never more
// than one, and the meta row in memory is what is on the disk.
type tx struct {
	c       *Cache
	b       *badger.Txn
	m       meta
	digests map[fhir.ID]*digest
	touched map[fhir.ID]bool
	urgent  []fhir.ID          // of touched, to whom a critical result came
	moves   map[fhir.ID][]move // of the records that are remembered, see opened
	stayed  map[fhir.ID]bool   // their leaving rows are gone
	size    int                // bytes written so far, roughly
	rows    int
	sealed  []byte // the meta row as it is written
	plain   []byte // of the change that is written, see rendered

	lists  *owners // where owners are listed; nil: each gets its row
	listed []owned

	lookNow   *audit.Ratchet // the key of the next look
	lookBegin bool           // which begins a new one
}

func (c *Cache) begin() *tx {
	var lists *owners
	if c.listing {
		lists = c.owners.Load()
	}
	return &tx{
		lists: lists,
		c:     c, b: c.db.NewTransaction(true), m: c.meta.clone(),
		digests: map[fhir.ID]*digest{}, touched: map[fhir.ID]bool{}, moves: map[fhir.ID][]move{}, stayed: map[fhir.ID]bool{},
		lookNow: c.lookKey.now, lookBegin: c.lookKey.begin,
	}
}

func (t *tx) discard() {
	if len(t.listed) > 0 {
		t.lists.drop(t.listed)
		t.listed = nil
	}
	t.b.Discard()
}

// Half of what one transaction may hold: whoever pours many changes commits
// when it is reached, and there is always room for meta and digests.
const (
	pourBytes = 600 << 10
	pourRows  = 5000
)

func (t *tx) full() bool { return t.size > pourBytes || t.rows > pourRows }

func (t *tx) put(key []byte, version uint64, plain []byte) ([]byte, error) {
	raw := t.c.box.put(key, version, plain)
	t.size += len(key) + len(raw)
	t.rows++
	return raw, t.c.dbFault("cache.write", t.b.Set(key, raw))
}

func (t *tx) putValue(key []byte, version uint64, v any) error {
	plain, err := record.Encode(v)
	if err != nil {
		return err
	}
	_, err = t.put(key, version, plain)
	return err
}

func (t *tx) del(key []byte) error {
	t.size += len(key)
	t.rows++
	return t.c.dbFault("cache.write", t.b.Delete(key))
}

// get returns the row as stored and as opened; ok is false where there is
// none.
func (t *tx) get(key []byte) (raw, plain []byte, version uint64, ok bool, err error) {
	return t.c.get(t.b, key)
}

func (c *Cache) get(b *badger.Txn, key []byte) (raw, plain []byte, version uint64, ok bool, err error) {
	item, err := b.Get(key)
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil, 0, false, nil
	}
	if err != nil {
		return nil, nil, 0, false, c.dbFault("cache.read", err)
	}
	if raw, err = item.ValueCopy(nil); err != nil {
		return nil, nil, 0, false, c.dbFault("cache.read", err)
	}
	version, plain, err = c.box.open(key, raw)
	return raw, plain, version, err == nil, err
}

func (c *Cache) getValue(b *badger.Txn, key []byte, v any) (bool, error) {
	_, plain, _, ok, err := c.get(b, key)
	if err != nil || !ok {
		return false, err
	}
	return true, record.Decode(plain, v)
}

func (t *tx) has(key []byte) (bool, error) {
	return t.c.has(t.b, key)
}

func (t *tx) digest(p fhir.ID) (*digest, error) {
	if d, ok := t.digests[p]; ok {
		return d, nil
	}
	d := new(digest)
	if _, err := t.c.getValue(t.b, keyDigest(p), d); err != nil {
		return nil, err
	}
	t.digests[p] = d
	return d, nil
}

// wrote puts a current resource into its compartment's digest.
func (t *tx) wrote(p fhir.ID, key, raw, plain []byte) error {
	d, err := t.digest(p)
	if err != nil {
		return err
	}
	mark := t.c.box.mark(key, raw)
	d.add(mark)
	if t.c.opened.has(p) {
		t.moves[p] = append(t.moves[p], move{string(key), mark, bytes.Clone(plain)})
	}
	return nil
}

// took takes one out of it.
func (t *tx) took(p fhir.ID, key, raw []byte) error {
	d, err := t.digest(p)
	if err != nil {
		return err
	}
	mark := t.c.box.mark(key, raw)
	d.drop(mark)
	if t.c.opened.has(p) {
		t.moves[p] = append(t.moves[p], move{key: string(key), mark: mark})
	}
	return nil
}

// seal writes the digests and the meta row, and drops the briefs that no longer
// hold and the looks that central has.
func (t *tx) seal() error {
	if err := t.dropBriefs(); err != nil {
		return err
	}
	if err := t.dropHeard(); err != nil {
		return err
	}
	for p, d := range t.digests {
		if !d.dirty {
			continue
		}
		had, err := t.has(keyDigest(p))
		if err != nil {
			return err
		}
		if d.Count == 0 {
			err = t.del(keyDigest(p))
		} else {
			err = t.putValue(keyDigest(p), 0, d)
		}
		if err != nil {
			return err
		}
		if p != "" && had && d.Count == 0 {
			t.m.Patients--
		}
		if p != "" && !had && d.Count > 0 {
			t.m.Patients++
		}
		d.dirty = false
	}
	if err := t.putList(); err != nil {
		return err
	}
	t.m.Format = metaFormat
	if t.m.Lists.Rows > 0 {
		t.m.Format = metaLists
	}
	t.m.Commits++
	t.m.OutboxNext = t.c.out.Next()
	plain, err := record.Encode(t.m)
	if err != nil {
		return err
	}
	t.sealed, err = t.put(keyMeta, t.m.Commits, plain)
	return err
}

// commit makes everything durable, and tells who waits. A commit that failed
// leaves the store unusable: what is on the disk is then unknown until it is
// opened again.
func (t *tx) commit() error {
	defer t.b.Discard()
	if err := t.seal(); err != nil {
		return err
	}
	if err := t.c.commitTxn(t.b); err != nil {
		t.c.fail(fault.As(fault.Unavailable, "cache.commit", "", err))
		return t.c.dbFault("cache.commit", err)
	}
	for p, moves := range t.moves {
		t.c.opened.follow(p, moves, *t.digests[p])
	}
	wrote, went := more(t.c.meta, t.m), t.m.LookForward > t.c.meta.LookForward
	t.c.meta = t.m
	t.c.lookKey.went(t.lookNow, t.lookBegin)
	t.c.newest.Store(&openMeta{raw: t.sealed, m: t.m})
	if went {
		t.c.wentLooks()
	}
	t.c.toSend.are(t.m, t.c.heard.upTo.Load())
	t.c.writes.Add(int64(t.size))
	t.c.lastPut.Store(time.Now().UnixNano())
	t.c.writeCounter(t.m.Commits)
	t.c.note(t.touched, t.urgent, wrote)
	return nil
}

func tooBig(err error) bool { return errors.Is(err, badger.ErrTxnTooBig) }
