package cache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Documents that resources name. When a resource is written that names one, a row
// says so, and the sync client fetches it part by part while nothing else is to be
// done (client.Shelf). Its parts lie under its patient, so that they go when the
// patient goes, and are given out only once all of them together add up to the sum
// that the resource names.

// document is a row about one document of one patient. Noted is when central had
// the resource.
type document struct {
	Ref   fhir.Ref `cbor:"1,keyasint"`
	Size  int64    `cbor:"2,keyasint"`
	Have  int64    `cbor:"3,keyasint,omitempty"`
	Whole bool     `cbor:"4,keyasint,omitempty"`
	Noted int64    `cbor:"5,keyasint,omitempty"`
}

// Bounds of what is fetched unasked. What somebody waits for is fetched whatever
// its size.
const (
	maxUnasked = 4 << 20   // bytes of one document
	maxShelf   = 256 << 20 // bytes of all
)

// maxAsked bounds the documents that somebody waits for at once.
const maxAsked = 256

// notNow is how long a document that central did not give out, or that came
// wrongly, is left alone.
const notNow = 10 * time.Minute

// shelf is what the fetching keeps in memory.
type shelf struct {
	mu      sync.Mutex
	asked   map[record.Hash]bool      // somebody waits for them
	resting map[record.Hash]time.Time // until then
}

func keyDocument(p fhir.ID, h record.Hash) []byte { return join('D', string(p), h.String()) }
func keyParts(p fhir.ID, h record.Hash) []byte    { return join('P', string(p), h.String(), "") }
func keyPart(p fhir.ID, h record.Hash, offset int64) []byte {
	return numbered(keyParts(p, h), uint64(offset)) //nolint:gosec // never negative
}

// noteDocuments writes rows for the documents that a change names and that are not
// known yet.
func (t *tx) noteDocuments(ch record.Change) error {
	if ch.Patient == "" {
		return nil
	}
	for _, d := range fhir.Documents(ch.Body) {
		key := keyDocument(ch.Patient, d.Hash)
		there, err := t.has(key)
		if err != nil || there || d.Size == 0 {
			if err != nil {
				return err
			}
			continue
		}
		if err := t.putValue(key, 0, document{Ref: ch.Ref, Size: d.Size, Noted: ch.Times.Central}); err != nil {
			return err
		}
	}
	return nil
}

// dropDocuments erases a patient's documents, at most max rows; done is false
// where rows are left.
func (t *tx) dropDocuments(p fhir.ID, max int) (done bool, err error) {
	before := t.c.db.NewTransaction(false)
	defer before.Discard()
	start := t.rows
	done = true
	for _, prefix := range [][]byte{join('P', string(p), ""), join('D', string(p), "")} { // the rows that name them last
		err := t.c.scan(before, prefix, func(item *badger.Item) (bool, error) {
			if t.rows-start >= max {
				done = false
				return false, nil
			}
			return true, t.del(item.KeyCopy(nil))
		})
		if err != nil || !done {
			return done, err
		}
	}
	return done, nil
}

// sweepDocuments erases the documents that nothing here names any more, after a
// snapshot: of who left the scope, and of what a central that was emptied does not
// know.
func (c *Cache) sweepDocuments() error {
	var gone []shelved
	err := c.View(context.Background(), func(r Reader) error {
		var all []shelved
		err := r.documents("", func(p fhir.ID, h record.Hash, d document) { all = append(all, shelved{p, h, d.Ref}) })
		for _, one := range all {
			if err != nil {
				return err
			}
			if c.byPatient[one.patient] > 0 {
				continue // unsent work keeps all that is about them
			}
			var named bool
			if named, err = r.named(one); !named {
				gone = append(gone, one)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, one := range gone {
		for _, prefix := range [][]byte{keyParts(one.patient, one.hash), keyDocument(one.patient, one.hash)} {
			if err := c.clearPrefix(prefix); err != nil {
				return err
			}
		}
	}
	return nil
}

// shelved names a document's row.
type shelved struct {
	patient fhir.ID
	hash    record.Hash
	ref     fhir.Ref
}

// named says whether the resource of a row, or an older version of it that is kept,
// still names the document.
func (r Reader) named(one shelved) (bool, error) {
	names := func(ch record.Change) bool {
		return ch.Patient == one.patient && slices.ContainsFunc(fhir.Documents(ch.Body), func(d fhir.Document) bool { return d.Hash == one.hash })
	}
	cur, err := r.c.current(r.b, r.owners, one.ref)
	if err != nil || cur == nil {
		return false, err
	}
	var ch record.Change
	if err := record.Decode(cur.plain, &ch); err != nil || names(ch) {
		return err == nil, err
	}
	for old, err := range r.History(one.ref) {
		if err != nil || names(old) {
			return err == nil, err
		}
	}
	return false, nil
}

// documentKey takes a document's key apart.
func documentKey(key []byte) (p fhir.ID, h record.Hash, ok bool) {
	parts := strings.Split(string(key), "/")
	if len(parts) != 3 {
		return "", h, false
	}
	sum, err := hex.DecodeString(parts[2])
	if err != nil || len(sum) != len(h) {
		return "", h, false
	}
	return fhir.ID(parts[1]), record.Hash(sum), true
}

// Ask has a document fetched before all others, whatever its size.
func (c *Cache) Ask(h record.Hash) {
	c.shelf.mu.Lock()
	defer c.shelf.mu.Unlock()
	if c.shelf.asked == nil || len(c.shelf.asked) >= maxAsked {
		c.shelf.asked = map[record.Hash]bool{} // those of before have come, or wait their turn
	}
	c.shelf.asked[h] = true
	delete(c.shelf.resting, h)
}

// WantedDocument is the document to be fetched next: what somebody waits for, else
// the newest that the disk has room for.
func (c *Cache) WantedDocument() (w record.Wanted, ok bool, err error) {
	err = c.View(context.Background(), func(r Reader) error {
		var total, noted int64
		var choices []record.Wanted
		at := map[record.Hash]int64{}
		err := r.documents("", func(p fhir.ID, h record.Hash, d document) {
			total += d.Have
			if !d.Whole {
				choices = append(choices, record.Wanted{Patient: p, Ref: d.Ref, Hash: h, Size: d.Size, Have: d.Have})
				at[h] = d.Noted
			}
		})
		for _, one := range choices {
			may, first := c.shelf.may(one, total, c.o.Now())
			switch {
			case first:
				w, ok, noted = one, true, 1<<62
			case may && (!ok || at[one.Hash] > noted):
				w, ok, noted = one, true, at[one.Hash]
			}
		}
		return err
	})
	return w, ok, err
}

// may says whether a document may be fetched now, and whether it comes before all
// others.
func (s *shelf) may(w record.Wanted, total int64, now time.Time) (may, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until, rests := s.resting[w.Hash]; rests && now.Before(until) {
		return false, false
	}
	return w.Size <= maxUnasked && total+w.Size-w.Have <= maxShelf, s.asked[w.Hash]
}

// NoDocument leaves a document alone for a while: central did not give it out.
func (c *Cache) NoDocument(w record.Wanted) {
	c.shelf.mu.Lock()
	defer c.shelf.mu.Unlock()
	if c.shelf.resting == nil {
		c.shelf.resting = map[record.Hash]time.Time{}
	}
	if len(c.shelf.resting) >= 4096 {
		clear(c.shelf.resting) // they are asked for once more
	}
	c.shelf.resting[w.Hash] = c.o.Now().Add(notNow)
	delete(c.shelf.asked, w.Hash)
}

// KeepPart stores the part of a document that follows the w.Have bytes that are
// held. With the last part the whole is held against its sum; one that is another
// document is dropped, and fault.Corrupt says so. What is not wanted any more is
// dropped without a word.
func (c *Cache) KeepPart(ctx context.Context, w record.Wanted, part []byte) error {
	const op = "cache.keeppart"
	end, err := c.writingIn(ctx, op)
	if err != nil {
		return err
	}
	defer end()
	if err := c.space.room(op, needSnapshot); err != nil {
		return err
	}
	t := c.begin()
	right, err := t.keepPart(w, part)
	if err != nil {
		t.discard()
		return err
	}
	if err := t.commit(); err != nil {
		return err
	}
	if !right {
		c.NoDocument(w)
		return fault.New(fault.Corrupt, op, "", "a document was not what its resource says; it was dropped")
	}
	return nil
}

func (t *tx) keepPart(w record.Wanted, part []byte) (right bool, err error) {
	key := keyDocument(w.Patient, w.Hash)
	var d document
	there, err := t.c.getValue(t.b, key, &d)
	if err != nil || !there || d.Whole || d.Have != w.Have || len(part) == 0 || d.Have+int64(len(part)) > d.Size {
		return true, err
	}
	if _, err := t.put(keyPart(w.Patient, w.Hash, d.Have), uint64(d.Size), part); err != nil { //nolint:gosec // not negative
		return false, err
	}
	right = true
	if d.Have += int64(len(part)); d.Have == d.Size {
		all, err := t.c.parts(t.b, w.Patient, w.Hash, d.Size)
		if err != nil {
			return false, err
		}
		right = sha256.Sum256(all) == w.Hash
		d.Whole = right
		t.touched[w.Patient] = true
	}
	if !right {
		d.Have = 0
		if err := t.dropParts(w); err != nil {
			return false, err
		}
	}
	return right, t.putValue(key, 0, d)
}

func (t *tx) dropParts(w record.Wanted) error {
	var keys [][]byte
	err := t.c.scan(t.b, keyParts(w.Patient, w.Hash), func(item *badger.Item) (bool, error) {
		keys = append(keys, item.KeyCopy(nil))
		return true, nil
	})
	for _, k := range keys {
		if err == nil {
			err = t.del(k)
		}
	}
	return err
}

// parts puts a document together.
func (c *Cache) parts(b *badger.Txn, p fhir.ID, h record.Hash, size int64) ([]byte, error) {
	all := make([]byte, 0, size)
	for int64(len(all)) < size {
		_, part, _, ok, err := c.get(b, keyPart(p, h, int64(len(all))))
		if err != nil {
			return nil, err
		}
		if !ok || len(part) == 0 {
			return nil, damaged("cache.document", "P", "a part of a document is missing")
		}
		all = append(all, part...)
	}
	return all, nil
}

// documents walks the rows about a patient's documents; "" are everybody's.
func (r Reader) documents(p fhir.ID, fn func(p fhir.ID, h record.Hash, d document)) error {
	prefix := []byte("D/")
	if p != "" {
		prefix = join('D', string(p), "")
	}
	return r.c.from(r.b, prefix, prefix, func(key, plain []byte) (bool, error) {
		owner, h, ok := documentKey(key)
		if !ok {
			return true, nil
		}
		var d document
		if err := record.Decode(plain, &d); err != nil {
			return false, err
		}
		fn(owner, h, d)
		return true, nil
	})
}

// Shelved is how far a document has come to this computer.
type Shelved struct {
	Have, Size int64
	Whole      bool
}

// Shelved says of each of a patient's documents how far it has come.
func (r Reader) Shelved(p fhir.ID) (map[record.Hash]Shelved, error) {
	all := map[record.Hash]Shelved{}
	err := r.documents(p, func(_ fhir.ID, h record.Hash, d document) { all[h] = Shelved{d.Have, d.Size, d.Whole} })
	return all, err
}

// Document gives a document out. fault.NotFound: it is not here, or not whole.
func (r Reader) Document(p fhir.ID, h record.Hash) ([]byte, error) {
	const op = "cache.document"
	var d document
	there, err := r.c.getValue(r.b, keyDocument(p, h), &d)
	if err != nil {
		return nil, err
	}
	if !there || !d.Whole {
		return nil, fault.New(fault.NotFound, op, "", "the document is not on this computer")
	}
	all, err := r.c.parts(r.b, p, h, d.Size)
	if err == nil && sha256.Sum256(all) != h {
		err = damaged(op, "P", "a document is not what its resource says")
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}
