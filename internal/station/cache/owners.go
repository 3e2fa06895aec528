package cache

import (
	"cmp"
	"errors"
	"hash/maphash"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Whose compartment a resource is in says a row of its own (t/), so that it is found
// by its reference alone. To Badger such a row of sixty bytes is nearly as much work
// as one of four hundred, and half of all rows of a first filling were of this kind.
// So a commit that brings many resources says it of all of them in one row (T/), in
// the same commit; and when nobody writes, the rows are written one by one and the
// list goes. Until then owners knows what the lists say.
//
// A list is never wrong: whoever takes resources away, or fills them again, has the
// lists written out before. One that moved has its row in t/ at once, which counts
// before a list.

// owners are the lists in memory: of whose compartment what they name is in. It says
// so of a hash; whether it is the resource that was listed, its own row says, or the
// list (see ownerOf). Readers use it beside the one who writes.
type owners struct {
	mu   sync.RWMutex
	seed maphash.Seed
	of   map[uint64]uint32 // by the reference's hash: in who
	who  []fhir.ID
	at   map[fhir.ID]uint32
}

// maxListed bounds what is listed, and with it the memory: what comes beyond it gets
// its rows at once.
const maxListed = 1 << 17

// listedType is what is listed: nearly all of what comes is results, and nobody goes
// through all of them in order.
const listedType = fhir.TypeObservation

// listFrom is from how many changes on a commit makes a list.
const listFrom = 16

// spreadAfter is how long nobody must have written before the lists are written out.
const spreadAfter = 2 * time.Second

func newOwners() *owners {
	return &owners{seed: maphash.MakeSeed(), of: map[uint64]uint32{}, at: map[fhir.ID]uint32{}}
}

// add notes where a resource is, and says whether there was room.
func (o *owners) add(ref fhir.Ref, p fhir.ID, bound int) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.of) >= bound {
		return false
	}
	n, known := o.at[p]
	if !known {
		n = uint32(len(o.who)) //nolint:gosec // bounded by maxListed
		o.who, o.at[p] = append(o.who, p), n
	}
	o.of[maphash.Comparable(o.seed, ref)] = n
	return true
}

// drop takes back what was not written after all.
func (o *owners) drop(list []owned) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, x := range list {
		delete(o.of, maphash.Comparable(o.seed, x.ref))
	}
}

// find says whose a resource may be. A nil owners knows of nothing.
func (o *owners) find(ref fhir.Ref) (fhir.ID, bool) {
	if o == nil {
		return "", false
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	n, ok := o.of[maphash.Comparable(o.seed, ref)]
	if !ok {
		return "", false
	}
	return o.who[n], true
}

// owned is a resource and whose it is.
type owned struct {
	ref     fhir.Ref
	patient fhir.ID
}

// ownersRow is one list as stored: in each part a patient and the resources of one
// type that follow one another.
type ownersRow struct {
	Parts []ownersPart `cbor:"1,keyasint"`
}

type ownersPart struct {
	Patient fhir.ID   `cbor:"1,keyasint,omitempty"`
	Type    fhir.Type `cbor:"2,keyasint"` // listedType, today
	IDs     []fhir.ID `cbor:"3,keyasint"`
}

func listOf(all []owned) (row ownersRow) {
	for _, x := range all {
		if n := len(row.Parts); n == 0 || row.Parts[n-1].Patient != x.patient || row.Parts[n-1].Type != x.ref.Type {
			row.Parts = append(row.Parts, ownersPart{Patient: x.patient, Type: x.ref.Type})
		}
		last := &row.Parts[len(row.Parts)-1]
		last.IDs = append(last.IDs, x.ref.ID)
	}
	return row
}

func (r ownersRow) all() (list []owned) {
	for _, p := range r.Parts {
		for _, id := range p.IDs {
			list = append(list, owned{fhir.Ref{Type: p.Type, ID: id}, p.Patient})
		}
	}
	return list
}

// lists is what the meta row says of them.
type lists struct {
	Next uint64 `cbor:"1,keyasint"` // number of the next one
	Rows uint64 `cbor:"2,keyasint"` // that are there
}

// eachList yields the lists of a state with their keys.
func (c *Cache) eachList(b *badger.Txn, fn func(key []byte, list []owned) (more bool, err error)) error {
	prefix := join('T', "")
	return c.from(b, prefix, prefix, func(key, plain []byte) (bool, error) {
		var row ownersRow
		if err := record.Decode(plain, &row); err != nil {
			return false, err
		}
		return fn(key, row.all())
	})
}

// ownerOf says whose compartment a resource is in; false: there is none.
func (c *Cache) ownerOf(b *badger.Txn, o *owners, ref fhir.Ref) (fhir.ID, bool, error) {
	_, owner, _, ok, err := c.get(b, keyOwner(ref))
	if err != nil || ok {
		return fhir.ID(owner), ok, err
	}
	p, maybe := o.find(ref)
	if !maybe {
		return "", false, nil
	}
	there, err := c.has(b, keyCurrent(p, ref))
	if err != nil || there {
		return p, there, err
	}
	// Another resource has this hash, this state is from before the list, or the
	// resource is missing: then the list names it.
	err = c.eachList(b, func(_ []byte, list []owned) (bool, error) {
		for _, x := range list {
			if x.ref == ref {
				p, there = x.patient, true
			}
		}
		return !there, nil
	})
	return p, there, err
}

// listed are the resources of a type after an id that are only listed, in order.
func (r Reader) listed(t fhir.Type, after fhir.ID) (out []owned, err error) {
	if t != listedType || r.m.Lists.Rows == 0 {
		return nil, nil
	}
	err = r.c.eachList(r.b, func(_ []byte, list []owned) (bool, error) {
		for _, x := range list {
			if x.ref.ID <= after {
				continue
			}
			there, err := r.c.has(r.b, keyOwner(x.ref))
			if err != nil {
				return false, err
			}
			if !there {
				out = append(out, x)
			}
		}
		return true, nil
	})
	slices.SortFunc(out, func(a, b owned) int { return cmp.Compare(a.ref.ID, b.ref.ID) })
	return out, err
}

// own says whose compartment a new resource is in.
func (t *tx) own(ref fhir.Ref, p fhir.ID) error {
	refills := t.m.Snapshot != nil && t.m.Snapshot.Sweep // ends with a sweep, which needs the rows
	if t.lists != nil && ref.Type == listedType && !refills && t.lists.add(ref, p, maxListed) {
		t.listed = append(t.listed, owned{ref, p})
		t.size += len(ref.Type) + len(ref.ID) + len(p) + 8
		return nil
	}
	_, err := t.put(keyOwner(ref), 0, []byte(p))
	return err
}

// putList writes the list of a commit.
func (t *tx) putList() error {
	if len(t.listed) == 0 {
		return nil
	}
	l := &t.m.Lists
	if err := t.putValue(keyList(l.Next), 0, listOf(t.listed)); err != nil {
		return err
	}
	l.Next++
	l.Rows++
	return nil
}

// makeLists has what follows until endLists list owners. The caller holds c.mu.
func (c *Cache) makeLists(changes int) {
	if changes < listFrom {
		return
	}
	c.listing = true
	if c.owners.Load() != nil {
		return
	}
	c.viewMu.Lock() // who took none has a state from before the first list
	defer c.viewMu.Unlock()
	c.owners.Store(newOwners())
}

func (c *Cache) endLists() { c.listing = false }

// loadOwners reads the lists when the store is opened.
func (c *Cache) loadOwners(b *badger.Txn) error {
	if c.meta.Lists.Rows == 0 {
		return nil
	}
	o, rows := newOwners(), uint64(0)
	err := c.eachList(b, func(_ []byte, list []owned) (bool, error) {
		rows++
		for _, x := range list {
			o.add(x.ref, x.patient, math.MaxInt)
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	if rows != c.meta.Lists.Rows {
		return damaged("cache.open", "T", "the list of records on this computer is not complete")
	}
	c.owners.Store(o)
	return nil
}

// spread writes out all lists. The caller holds c.mu.
func (c *Cache) spread() error {
	for c.meta.Lists.Rows > 0 {
		if err := c.spreadOne(); err != nil {
			return err
		}
	}
	return nil
}

// spreadOne writes out the first list.
func (c *Cache) spreadOne() error {
	t := c.begin()
	t.lists = nil
	var key []byte
	err := c.eachList(t.b, func(k []byte, list []owned) (bool, error) {
		key = k
		for _, x := range list {
			there, err := t.has(keyOwner(x.ref))
			if err != nil {
				return false, err
			}
			if there {
				continue // it moved
			}
			if _, err := t.put(keyOwner(x.ref), 0, []byte(x.patient)); err != nil {
				return false, err
			}
		}
		return false, nil
	})
	if err == nil && key == nil {
		err = damaged("cache.spread", "T", "the list of records on this computer is not complete")
	}
	if err == nil {
		err = t.del(key)
	}
	if err != nil {
		t.discard()
		return err
	}
	t.m.Lists.Rows--
	if err := t.commit(); err != nil {
		return err
	}
	if c.meta.Lists.Rows == 0 {
		c.owners.Store(nil) // the last of them is written out: who has a state has its rows
	}
	return nil
}

// tendLists writes the lists out, one after the other, while nobody else writes.
func (c *Cache) tendLists(now time.Time) {
	if c.owners.Load() == nil || now.UnixNano()-c.lastPut.Load() < int64(spreadAfter) {
		return
	}
	for !c.life.over() && c.tendList() {
	}
}

// tendList writes one out, and says whether there may be more.
func (c *Cache) tendList() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ready("cache.spread") != nil || c.meta.Lists.Rows == 0 || c.space.room("cache.spread", needSnapshot) != nil {
		return false
	}
	return c.spreadOne() == nil // a failure leaves the list for the next time
}

func (c *Cache) has(b *badger.Txn, key []byte) (bool, error) {
	switch _, err := b.Get(key); {
	case err == nil:
		return true, nil
	case errors.Is(err, badger.ErrKeyNotFound):
		return false, nil
	default:
		return false, c.dbFault("cache.read", err)
	}
}
