package cache

import (
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
)

// What somebody can do who gets at Badger's files, key and all.

func (c *Cache) RawGet(key string) (v []byte) {
	_ = c.db.View(func(t *badger.Txn) error {
		item, err := t.Get([]byte(key))
		if err == nil {
			v, _ = item.ValueCopy(nil)
		}
		return err
	})
	return v
}

func (c *Cache) RawSet(key string, v []byte) {
	if err := c.db.Update(func(t *badger.Txn) error { return t.Set([]byte(key), v) }); err != nil {
		panic(err)
	}
}

func (c *Cache) RawDelete(key string) {
	if err := c.db.Update(func(t *badger.Txn) error { return t.Delete([]byte(key)) }); err != nil {
		panic(err)
	}
}

func (c *Cache) RawKeys(prefix string) (keys []string) {
	_ = c.db.View(func(t *badger.Txn) error {
		return c.scan(t, []byte(prefix), func(i *badger.Item) (bool, error) {
			keys = append(keys, string(i.Key()))
			return true, nil
		})
	})
	return keys
}

// PublishOnly does the first two of the three steps of a large batch, as if
// the program were killed before the third.
func (c *Cache) PublishOnly(b record.Batch) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.publish(b)
}

// PlainProfile is Badger without a key.
func PlainProfile(dir string) badger.Options {
	return profile(dir, keys.Key{}).WithEncryptionKey(nil)
}

// FailCommits makes every commit of Badger's fail, as a broken disk does.
func (c *Cache) FailCommits(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commitTxn = func(*badger.Txn) error { return err }
}

func Profile() badger.Options { return profile("x", keys.NewKey()) }

// ForgeLook puts another event into the chain, sealed as every row is, by
// somebody who has every key that the computer has today.
func (c *Cache) ForgeLook(seq uint64, event []byte) {
	_, plain, _, _, err := c.get(c.db.NewTransaction(false), keyLook(seq))
	if err != nil {
		panic(err)
	}
	var l record.Look
	if err := record.Decode(plain, &l); err != nil {
		panic(err)
	}
	l.Event = event
	if plain, err = record.Encode(l); err != nil {
		panic(err)
	}
	c.RawSet(LookKey(seq), c.box.put(keyLook(seq), 0, plain))
}

func LookKey(seq uint64) string { return string(keyLook(seq)) }

// Commits is how many commits there were.
func (c *Cache) Commits() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.meta.Commits
}

// Commits counts the transactions of data so far.
func Commits(c *Cache) uint64 { return c.meta.Commits }

// Folded is how many own entries lie on top of what central sent, and of how
// many it is awaited that they come back.
func Folded(c *Cache) (folded, awaited int) { return int(c.meta.Pending), len(c.awaiting) }

// ForgetOpened drops every record that is remembered, so that the next reader has
// it from the store.
func (c *Cache) ForgetOpened() {
	c.opened.mu.Lock()
	defer c.opened.mu.Unlock()
	c.opened.young, c.opened.old, c.opened.size = nil, nil, 0
}

// OpenedBytes is about how much the remembered records take.
func (c *Cache) OpenedBytes() (n int) {
	c.opened.mu.Lock()
	defer c.opened.mu.Unlock()
	for _, all := range []map[fhir.ID]*openRecord{c.opened.young, c.opened.old} {
		for _, r := range all {
			n += r.size
		}
	}
	return n
}

// MaxOpened is the bound of one generation of them.
const MaxOpened = maxOpened

// Absent is absent, for tests of its bound.
type Absent struct{ absent }

// NewAbsent is that of an empty store.
func NewAbsent() *Absent {
	a := &Absent{}
	a.begin()
	return a
}

// Sure is sure.
func (a *Absent) Sure(ref fhir.Ref) bool { return a.sure(ref) }

// Note is note.
func (a *Absent) Note(ref fhir.Ref) { a.note(ref) }

// LookKeys is what the file of the looks' key holds.
func (c *Cache) LookKeys() (now audit.Ratchet, begun *audit.Ratchet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.lookKey.read()
	if !ok || k.Now == nil {
		panic("the file of the looks' key cannot be read")
	}
	return *k.Now, k.Begun
}

// OnlyBeginLookKey is a crash before the commit of the look that begins a key.
func (c *Cache) OnlyBeginLookKey() {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.begin()
	defer t.discard()
	if _, err := t.nextLook([]byte("{}")); err != nil {
		panic(err)
	}
}

// AfterCommits does something right behind each commit of Badger's.
func (c *Cache) AfterCommits(do func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.commitTxn = func(b *badger.Txn) error {
		err := b.Commit()
		do()
		return err
	}
}

// Spread writes out what is only listed, as the store does when nobody writes.
func (c *Cache) Spread() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spread()
}

// SpreadOne writes out the first list.
func (c *Cache) SpreadOne() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spreadOne()
}

// SameHash has a resource that is not there hash as one that is listed.
func (c *Cache) SameHash(ref fhir.Ref, as fhir.Ref) {
	o := c.owners.Load()
	p, ok := o.find(as)
	if !ok {
		panic("it is not listed")
	}
	o.add(ref, p, maxListed)
}

// Format is the layout's version as it stands in the newest meta row.
func (c *Cache) Format() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.meta.Format
}

// TendLists is what the store does with its lists from time to time.
func (c *Cache) TendLists(now time.Time) { c.tendLists(now) }

// WaitingForTheWalk is how many wait for the walk's end.
func (c *Cache) WaitingForTheWalk() int64 { return c.waiting.Load() }
