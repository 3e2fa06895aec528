package cache

import (
	"bytes"
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// walk goes through the whole store once after opening and holds every sealed
// count and digest against what is there: Badger reports a damaged block to an
// iterator by ending it early, and a forged log may hold deletions. Until it
// is done nobody is told that a single resource does not exist.
func (c *Cache) walk() {
	defer c.life.calls.Done()
	defer close(c.scrub)
	c.life.tell("cache.walk")
	began := time.Now()
	defer func() { c.walked.Store(max(int64(time.Since(began)), 1)) }()
	b := c.db.NewTransaction(false)
	defer b.Discard()
	if err := c.walkAll(b); err != nil {
		if c.life.over() {
			err = errClosed("cache.walk")
		}
		c.damage.Store(&err)
	}
}

// Checked returns when the walk through the store is done, with what it found:
// nil, or fault.Corrupt. The caller may then SetAside at a good time; what is
// read meanwhile is still right, or refused.
func (c *Cache) Checked() <-chan struct{} { return c.scrub }

func (c *Cache) walkAll(b *badger.Txn) error {
	var m meta
	if ok, err := c.getValue(b, keyMeta, &m); err != nil || !ok {
		return err
	}
	for _, step := range []func(*badger.Txn, meta) error{c.walkCompartments, c.walkOwners, c.walkOwn} {
		if err := step(b, m); err != nil {
			return err
		}
	}
	return nil
}

// walkCompartments compares each compartment with its digest. The rows lie in
// order of patient, so one pass over them and one over the digests do.
func (c *Cache) walkCompartments(b *badger.Txn, m meta) error {
	sums, pace := map[fhir.ID]*digest{}, c.newStride()
	var of fhir.ID // whose rows are read
	var d *digest
	var marks marker
	err := c.scan(b, []byte("c/"), func(item *badger.Item) (bool, error) {
		key := item.Key()
		if p := patientIn(key); d == nil || string(of) != string(p) {
			of = fhir.ID(p)
			if d = sums[of]; d == nil {
				d = new(digest)
				sums[of] = d
			}
		}
		err := item.Value(func(raw []byte) error { d.add(marks.mark(c.box, key, raw)); return nil })
		pace.step(item.EstimatedSize())
		return !c.life.over(), c.dbFault("cache.walk", err)
	})
	if err != nil {
		return err
	}
	patients := uint64(0)
	prefix := keyDigest("")
	err = c.from(b, prefix, prefix, func(key, plain []byte) (bool, error) {
		p := fhir.ID(key[len(prefix):])
		var want digest
		if err := record.Decode(plain, &want); err != nil {
			return false, err
		}
		got := sums[p]
		if got == nil || got.Count != want.Count || got.Sum != want.Sum {
			return false, damaged("cache.walk", "d", "a patient's record on this computer is not complete")
		}
		delete(sums, p)
		if p != "" {
			patients++
		}
		return !c.life.over(), nil
	})
	if err != nil {
		return err
	}
	if c.life.over() {
		return errClosed("cache.walk")
	}
	if len(sums) > 0 || patients != m.Patients {
		return damaged("cache.walk", "d", "the list of patients on this computer is not complete")
	}
	return nil
}

// patientOf reads the first part of a c/ key.
func patientOf(key []byte) fhir.ID { return fhir.ID(patientIn(key)) }

// patientIn is patientOf within the key itself: the walk reads a million of them.
func patientIn(key []byte) []byte {
	for i := 2; i < len(key); i++ {
		if key[i] == '/' {
			return key[2:i]
		}
	}
	return nil
}

// typeIn is refOf's type within a t/ key itself.
func typeIn(key []byte) []byte {
	end := bytes.LastIndexByte(key, '/')
	if end < 0 {
		return nil
	}
	begin := bytes.LastIndexByte(key[:end], '/')
	if begin < 0 {
		return nil
	}
	return key[begin+1 : end]
}

func (c *Cache) walkOwners(b *badger.Txn, m meta) error {
	got, pace := map[fhir.Type]uint64{}, c.newStride()
	var of fhir.Type // whose rows are read, and how many they are
	n := uint64(0)
	err := c.scan(b, []byte("t/"), func(item *badger.Item) (bool, error) {
		pace.step(item.EstimatedSize())
		if t := typeIn(item.Key()); string(of) != string(t) {
			got[of] += n
			of, n = fhir.Type(t), 0
		}
		n++
		return !c.life.over(), nil
	})
	got[of] += n
	if err == nil {
		err = c.walkLists(b, m, got)
	}
	if err != nil {
		return err
	}
	if c.life.over() {
		return errClosed("cache.walk")
	}
	for _, counts := range []map[fhir.Type]uint64{got, m.Current} {
		for t := range counts {
			if got[t] != m.Current[t] {
				return damaged("cache.walk", "t", "the list of records on this computer is not complete")
			}
		}
	}
	return nil
}

// walkLists counts what is listed and has no row of its own.
func (c *Cache) walkLists(b *badger.Txn, m meta, got map[fhir.Type]uint64) error {
	rows := uint64(0)
	err := c.eachList(b, func(_ []byte, list []owned) (bool, error) {
		rows++
		for _, x := range list {
			there, err := c.has(b, keyOwner(x.ref))
			if err != nil {
				return false, err
			}
			if !there {
				got[x.ref.Type]++
			}
		}
		return !c.life.over(), nil
	})
	if err == nil && rows != m.Lists.Rows && !c.life.over() {
		err = damaged("cache.walk", "T", "the list of records on this computer is not complete")
	}
	return err
}

// walkOwn counts older versions, own unsent entries and their fold.
func (c *Cache) walkOwn(b *badger.Txn, m meta) error {
	for prefix, want := range map[string]uint64{"h/": m.History, "o/": m.Unsent, "u/": m.Pending, "l/": m.LookSeq - m.LookForward, "r/": m.Returns.Next - m.Returns.First, "y/": m.Doubtful} {
		n := uint64(0)
		err := c.scan(b, []byte(prefix), func(*badger.Item) (bool, error) {
			n++
			return !c.life.over(), nil
		})
		if err != nil {
			return err
		}
		if c.life.over() {
			return errClosed("cache.walk")
		}
		if n != want {
			return damaged("cache.walk", prefix[:1], "some rows of the cache are missing")
		}
	}
	return nil
}

// Damaged is what the walk found: nil, or nil so far, or fault.Corrupt.
func (c *Cache) Damaged() error {
	if p := c.damage.Load(); p != nil && fault.Is(*p, fault.Corrupt) {
		return *p
	}
	return nil
}
