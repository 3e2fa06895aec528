package cache

import (
	"slices"
	"strings"
	"sync"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// opened remembers whole records that were read, opened and held against their
// digest. A record is read several times for each entry that comes (for its row,
// for the chart that shows it, for what is written next), and all of it but that
// entry is as it was.
//
// What is remembered is known by the record's digest, which is read from the
// store each time and covers the key, the version and the seal of every row: a
// record is given out only in the state in which the reader's own snapshot has
// it. A commit takes along what it changes. Where that does not add up to the
// digest, for whatever reason, the record is read from the store again.
//
// It holds two generations, of which the older goes when the younger is full. A
// record gets in when it is read a second time, so that a walk through everybody
// takes no room from those who are looked at. The zero value is ready.
type opened struct {
	mu         sync.Mutex
	young, old map[fhir.ID]*openRecord
	size       int // of young, roughly, in bytes
	once       map[fhir.ID]bool
}

// Bounds of the memory: of a generation and of one record in it, in bytes, and of
// the records that are remembered to have been read once.
const (
	maxOpened     = 2 << 20
	maxOpenRecord = maxOpened / 4
	maxOnce       = 256
	openRowCost   = 512 // what a row takes besides its body
)

// Expect says that a patient's record will be read again right after it is read next, as
// that of a chart that is being opened: it is then remembered at once.
func (c *Cache) Expect(p fhir.ID) { c.opened.expect(p) }

// openRecord is a record in one state. Nothing in it changes once it is made:
// readers share it.
type openRecord struct {
	sum  digest
	rows []*openRow // in order of key
	size int
}

// openRow is one current resource.
type openRow struct {
	key    string
	mark   record.Hash
	change record.Change
}

func (r *openRow) size() int { return openRowCost + len(r.key) + len(r.change.Body) }

// at is what is remembered of a record in this state; nil for nothing.
func (o *opened) at(p fhir.ID, want digest) *openRecord {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.find(p)
	if r == nil || r.sum.Count != want.Count || r.sum.Sum != want.Sum {
		return nil
	}
	return r
}

// find also moves a record to the young. o.mu is held.
func (o *opened) find(p fhir.ID) *openRecord {
	if r := o.young[p]; r != nil {
		return r
	}
	r := o.old[p]
	if r != nil {
		delete(o.old, p)
		o.add(p, r)
	}
	return r
}

// has says whether a commit that changes this record has something to take along.
func (o *opened) has(p fhir.ID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.young[p] != nil || o.old[p] != nil
}

// expect has a record remembered when it is read next.
func (o *opened) expect(p fhir.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.note(p)
}

// note remembers that a record was read once. o.mu is held.
func (o *opened) note(p fhir.ID) {
	if len(o.once) >= maxOnce || o.once == nil {
		o.once = map[fhir.ID]bool{}
	}
	o.once[p] = true
}

// wants says whether a record that is being read now shall be remembered.
func (o *opened) wants(p fhir.ID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.once[p] || o.young[p] != nil || o.old[p] != nil {
		return true
	}
	o.note(p)
	return false
}

func (o *opened) remember(p fhir.ID, r *openRecord) {
	if r.size > maxOpenRecord {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.old, p)
	o.add(p, r)
}

// add is remember with o.mu held.
func (o *opened) add(p fhir.ID, r *openRecord) {
	if was := o.young[p]; was != nil {
		o.size -= was.size
	}
	if o.young == nil || o.size+r.size > maxOpened {
		o.young, o.old, o.size = map[fhir.ID]*openRecord{}, o.young, 0
	}
	o.young[p] = r
	o.size += r.size
}

// drop forgets one record.
func (o *opened) drop(p fhir.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if was := o.young[p]; was != nil {
		o.size -= was.size
	}
	delete(o.young, p)
	delete(o.old, p)
}

// move is a row that a commit writes or takes away.
type move struct {
	key   string
	mark  record.Hash
	plain []byte // of what is written; nil: taken away
}

// follow takes a commit's moves along, which led to this digest.
func (o *opened) follow(p fhir.ID, moves []move, to digest) {
	o.mu.Lock()
	r := o.find(p)
	o.mu.Unlock()
	if r == nil || r.sum.Count == to.Count && r.sum.Sum == to.Sum {
		return // somebody has read it since
	}
	next := r.after(moves)
	if next == nil || next.sum.Count != to.Count || next.sum.Sum != to.Sum {
		o.drop(p)
		return
	}
	o.remember(p, next)
}

// after is the record with these moves made; nil where they do not fit it.
func (r *openRecord) after(moves []move) *openRecord {
	next := &openRecord{sum: r.sum, rows: slices.Clone(r.rows), size: r.size}
	for _, m := range moves {
		i, there := slices.BinarySearchFunc(next.rows, m.key, func(r *openRow, key string) int { return strings.Compare(r.key, key) })
		if m.plain == nil {
			if !there || next.rows[i].mark != m.mark {
				return nil
			}
			next.take(i)
			continue
		}
		row := &openRow{key: m.key, mark: m.mark}
		if there || record.Decode(m.plain, &row.change) != nil {
			return nil
		}
		next.put(i, row)
	}
	return next
}

func (r *openRecord) take(i int) {
	r.sum.drop(r.rows[i].mark)
	r.size -= r.rows[i].size()
	r.rows = slices.Delete(r.rows, i, i+1)
}

func (r *openRecord) put(i int, row *openRow) {
	r.sum.add(row.mark)
	r.size += row.size()
	r.rows = slices.Insert(r.rows, i, row)
}

// openRecord reads a whole record from the store and holds it against its digest.
func (r Reader) openRecord(p fhir.ID, want digest) (*openRecord, error) {
	all := new(openRecord)
	err := r.c.rowsOf(r.b, p, func(key, plain []byte, mark record.Hash) error {
		row := &openRow{key: string(key), mark: mark}
		if err := record.Decode(plain, &row.change); err != nil {
			return err
		}
		all.put(len(all.rows), row)
		return nil
	})
	if err == nil && (all.sum.Count != want.Count || all.sum.Sum != want.Sum) {
		err = damaged("cache.read", "d", "a patient's record on this computer is not complete")
	}
	return all, err
}
