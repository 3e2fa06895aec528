package cache

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// Brief is what was worked out of one patient's record, kept so that a start
// need not read every record again. It is never the record: it can be thrown
// away at any time, and it counts only while the record stands as it stood when
// the brief was made. Three things see to that. The commit that changes anything
// about a patient deletes the brief; a brief is stored only if nothing about the
// patient was committed since the record was read; and it is given out only if
// the compartment's digest is the one that it was made of, so that a deletion
// that got lost does no harm. While own work waits to come back from central
// there is none.
type Brief struct {
	Patient fhir.ID
	Mark    Mark
	Body    []byte
}

// Mark says at which state a patient's record was read.
type Mark struct {
	gen uint64
	sum digest
}

// storedBrief is a Brief as a row.
type storedBrief struct {
	Count uint64      `cbor:"1,keyasint"`
	Sum   record.Hash `cbor:"2,keyasint"`
	Body  []byte      `cbor:"3,keyasint"`
}

// Mark is the state that this Reader has of a patient's record.
func (r Reader) Mark(p fhir.ID) (Mark, error) {
	m := Mark{gen: r.gen}
	_, err := r.c.getValue(r.b, keyDigest(p), &m.sum)
	return m, err
}

// KeepBriefs stores briefs; those whose record has changed since are left out.
func (c *Cache) KeepBriefs(ctx context.Context, list []Brief) error {
	const op = "cache.keepbriefs"
	if len(list) == 0 {
		return nil
	}
	if err := c.life.enter(op); err != nil {
		return err
	}
	defer c.life.leave()
	oldest := slices.MinFunc(list, func(a, b Brief) int { return cmp.Compare(a.Mark.gen, b.Mark.gen) }).Mark.gen
	for len(list) > 0 {
		n, err := c.keepSome(ctx, op, list, oldest)
		if err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// keepSome stores as many briefs as one transaction takes.
func (c *Cache) keepSome(ctx context.Context, op string, list []Brief, oldest uint64) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := inTime(ctx, op); err != nil {
		return 0, err
	}
	if err := c.ready(op); err != nil {
		return 0, err
	}
	if err := c.space.room(op, needSnapshot); err != nil {
		return 0, err
	}
	touched, _, _, known := c.news.since(oldest) // nothing is committed while mu is held
	if !known {
		return len(list), nil
	}
	t := c.begin()
	for n < len(list) && !t.full() {
		b := list[n]
		n++
		if touched[b.Patient] > b.Mark.gen || b.Patient == "" {
			continue
		}
		s := storedBrief{Count: b.Mark.sum.Count, Sum: b.Mark.sum.Sum, Body: b.Body}
		if err := t.putValue(keyBrief(b.Patient), 0, s); err != nil {
			t.discard()
			return n, err
		}
	}
	return n, t.commit()
}

// dropBriefs deletes the briefs of everybody whom this commit touches.
func (t *tx) dropBriefs() error {
	for p := range t.touched {
		if p == "" || p == quiet {
			continue
		}
		if err := t.dropRow(true, keyBrief(p)); err != nil {
			return err
		}
	}
	return nil
}

// Briefs yields the briefs that still hold, in order of patient. One that cannot
// be read is passed over: it is as good as none.
func (r Reader) Briefs() iter.Seq2[Brief, error] {
	return func(yield func(Brief, error) bool) {
		sums, err := r.sums()
		if err == nil {
			err = r.c.scan(r.b, []byte("p/"), func(item *badger.Item) (bool, error) {
				key := item.KeyCopy(nil)
				b := Brief{Patient: fhir.ID(key[2:])}
				want, settled := sums[b.Patient]
				if !settled || !r.brief(item, key, want, &b) {
					return true, nil
				}
				b.Mark = Mark{gen: r.gen, sum: want}
				return yield(b, nil), nil
			})
		}
		if err != nil {
			yield(Brief{}, err)
		}
	}
}

// brief opens one row; false where it does not fit the record.
func (r Reader) brief(item *badger.Item, key []byte, want digest, b *Brief) bool {
	var s storedBrief
	err := item.Value(func(raw []byte) error {
		_, plain, err := r.c.box.open(key, raw)
		if err != nil {
			return err
		}
		return record.Decode(plain, &s)
	})
	b.Body = s.Body
	return err == nil && s.Count == want.Count && s.Sum == want.Sum
}

// sums are the digests of everybody about whom no own work waits.
func (r Reader) sums() (map[fhir.ID]digest, error) {
	sums := make(map[fhir.ID]digest, r.m.Patients)
	prefix := keyDigest("")
	err := r.c.from(r.b, prefix, prefix, func(key, plain []byte) (bool, error) {
		var d digest
		err := record.Decode(plain, &d)
		sums[fhir.ID(key[len(prefix):])] = d
		return true, err
	})
	if err != nil {
		return nil, err
	}
	err = r.c.scan(r.b, []byte("u/"), func(item *badger.Item) (bool, error) {
		delete(sums, patientOf(item.Key()))
		return true, nil
	})
	return sums, err
}
