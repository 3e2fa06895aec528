package cache

import (
	"context"
	"errors"
	"iter"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Reader reads one consistent state. It is valid until View's function
// returns, and for one goroutine at a time.
type Reader struct {
	c   *Cache
	b   *badger.Txn
	ctx context.Context
	m   meta
	gen uint64 // no commit up to it is missing

	owners *owners // taken before the state: what is in no list any more has its row
}

// View runs fn on one consistent state, which later commits do not change.
func (c *Cache) View(ctx context.Context, fn func(Reader) error) error {
	const op = "cache.view"
	if err := c.life.enter(op); err != nil {
		return err
	}
	defer c.life.leave()
	c.viewMu.RLock()
	gen := c.news.generation() // before the state is taken: what comes between counts as later
	lists := c.owners.Load()
	b := c.db.NewTransaction(false)
	c.viewMu.RUnlock()
	defer b.Discard()
	m, err := c.metaOf(b)
	if err != nil {
		return err
	}
	r := Reader{c: c, b: b, ctx: ctx, gen: gen, m: m, owners: lists}
	if r.m.Staged > 0 {
		return fault.New(fault.Unavailable, op, "", "a large update from central is half moved in; "+
			"start the program again to finish it")
	}
	return fn(r)
}

// Cursor is how far this state holds everything in its scope.
func (r Reader) Cursor() record.Cursor { return r.m.Cursor }

// Current is the version in force. "There is none" is said only once the
// whole store has been walked since it was opened, see package doc.
func (r Reader) Current(ref fhir.Ref) (ch record.Change, ok bool, err error) {
	cur, err := r.c.current(r.b, r.owners, ref)
	if err != nil {
		return ch, false, err
	}
	if cur == nil {
		return ch, false, r.absent()
	}
	return ch, true, record.Decode(cur.plain, &ch)
}

// absent is nil where absence can be believed.
func (r Reader) absent() error {
	var done <-chan struct{}
	if r.ctx != nil {
		done = r.ctx.Done()
	}
	r.c.waiting.Add(1)
	defer r.c.waiting.Add(-1)
	select {
	case <-r.c.scrub:
	case <-done:
		return fault.As(fault.Timeout, "cache.view", "", r.ctx.Err())
	}
	if p := r.c.damage.Load(); p != nil {
		return *p
	}
	return nil
}

// Base is the version that a mutation was based on. While the mutation is
// kept it is here, also after newer ones have come.
func (r Reader) Base(ref fhir.Ref, v record.Version) (ch record.Change, ok bool, err error) {
	cur, err := r.c.current(r.b, r.owners, ref)
	if err != nil {
		return ch, false, err
	}
	if cur != nil && cur.version == v {
		return ch, true, record.Decode(cur.plain, &ch)
	}
	for _, key := range [][]byte{keyHistory(ref, v), keyBase(ref, v)} {
		if ok, err = r.c.getValue(r.b, key, &ch); err != nil || ok {
			return ch, ok, err
		}
	}
	return ch, false, nil
}

// History yields the versions that are not in force, oldest first: those that
// were replaced, as far back as they are kept, and those that never became
// current.
func (r Reader) History(ref fhir.Ref) iter.Seq2[record.Change, error] {
	return func(yield func(record.Change, error) bool) {
		prefix := join('h', string(ref.Type), string(ref.ID), "")
		err := r.c.from(r.b, prefix, prefix, func(_, plain []byte) (bool, error) {
			var ch record.Change
			if err := record.Decode(plain, &ch); err != nil {
				return false, err
			}
			return yield(ch, nil), nil
		})
		if err != nil {
			yield(record.Change{}, err)
		}
	}
}

// Compartment yields the current version of everything about a patient, the
// Patient included, in order of type and id: all of it, or an error and
// nothing. What is yielded is shared with other readers: nobody changes it.
func (r Reader) Compartment(p fhir.ID) iter.Seq2[record.Change, error] {
	return func(yield func(record.Change, error) bool) {
		if err := r.sure(p); err != nil {
			yield(record.Change{}, err)
			return
		}
		all, err := r.whole(p)
		if err == nil && len(all.rows) == 0 {
			err = r.nothingOf(p)
		}
		if err != nil {
			yield(record.Change{}, err)
			return
		}
		for _, row := range all.rows {
			if !yield(row.change, nil) {
				return
			}
		}
	}
}

// nothingOf says that there is nothing about a patient, or nothing without one, where no
// row is found.
func (r Reader) nothingOf(p fhir.ID) error {
	if p == "" {
		return r.noneLoose()
	}
	return r.absent()
}

// Loose yields the current version of everything without a patient.
func (r Reader) Loose() iter.Seq2[record.Change, error] { return r.Compartment("") }

// whole is a record in the state that this Reader has: out of memory where it is
// there in that state.
func (r Reader) whole(p fhir.ID) (*openRecord, error) {
	var want digest
	if _, err := r.c.getValue(r.b, keyDigest(p), &want); err != nil {
		return nil, err
	}
	if all := r.c.opened.at(p, want); all != nil {
		return all, nil
	}
	all, err := r.openRecord(p, want)
	if err == nil && r.c.opened.wants(p) {
		r.c.opened.remember(p, all)
	}
	return all, err
}

// rowsOf opens the rows of a compartment, in order of key.
func (c *Cache) rowsOf(b *badger.Txn, p fhir.ID, fn func(key, plain []byte, mark record.Hash) error) error {
	return c.scan(b, join('c', string(p), ""), func(item *badger.Item) (bool, error) {
		key := item.KeyCopy(nil)
		var mark record.Hash
		var plain []byte
		err := item.Value(func(raw []byte) (err error) {
			mark = c.box.mark(key, raw)
			_, plain, err = c.box.open(key, raw)
			return err
		})
		if err != nil {
			return false, c.dbFault("cache.read", err)
		}
		return true, fn(key, plain, mark)
	})
}

// Patients yields everybody about whom there is anything, in order of id: all
// of them, or an error and nothing.
func (r Reader) Patients() iter.Seq2[fhir.ID, error] {
	return func(yield func(fhir.ID, error) bool) {
		var ids []fhir.ID
		prefix := keyDigest("")
		err := r.c.from(r.b, prefix, prefix, func(key, _ []byte) (bool, error) {
			if p := fhir.ID(key[len(prefix):]); p != "" {
				ids = append(ids, p)
			}
			return true, nil
		})
		if err == nil && uint64(len(ids)) != r.m.Patients {
			err = damaged("cache.read", "d", "the list of patients on this computer is not complete")
		}
		if err != nil {
			yield("", err)
			return
		}
		for _, p := range ids {
			if !yield(p, nil) {
				return
			}
		}
	}
}

// All yields the current version of every resource of a type, in order of id,
// behind after. A walk from the beginning to the end that misses some ends in
// an error.
func (r Reader) All(t fhir.Type, after fhir.ID) iter.Seq2[record.Change, error] {
	return func(yield func(record.Change, error) bool) {
		prefix := join('t', string(t), "")
		start := append(append([]byte(nil), prefix...), after...)
		n, stopped := uint64(0), false
		one := func(owner, id fhir.ID) (bool, error) {
			ch, err := r.owned(owner, fhir.Ref{Type: t, ID: id})
			if err != nil {
				return false, err
			}
			n++
			stopped = !yield(ch, nil)
			return !stopped, nil
		}
		listed, err := r.listed(t, after)
		before := func(id fhir.ID) (more bool, err error) { // those that are only listed, up to an id
			for more = true; more && err == nil && len(listed) > 0 && (id == "" || listed[0].ref.ID < id); listed = listed[1:] {
				more, err = one(listed[0].patient, listed[0].ref.ID)
			}
			return more, err
		}
		if err == nil {
			err = r.c.from(r.b, prefix, start, func(key, owner []byte) (bool, error) {
				id := fhir.ID(key[len(prefix):])
				if id == after {
					return true, nil
				}
				if more, err := before(id); err != nil || !more {
					return false, err
				}
				return one(fhir.ID(owner), id)
			})
		}
		if err == nil && !stopped {
			_, err = before("")
		}
		if err == nil && after == "" && !stopped && n != r.m.Current[t] {
			err = damaged("cache.read", "t", "the list of this kind of record is not complete")
		}
		if err != nil {
			yield(record.Change{}, err)
		}
	}
}

func (r Reader) owned(p fhir.ID, ref fhir.Ref) (ch record.Change, err error) {
	ok, err := r.c.getValue(r.b, keyCurrent(p, ref), &ch)
	if err == nil && !ok {
		err = damaged("cache.read", "c", "a resource that must be there is missing")
	}
	return ch, err
}

// UnsentFor yields the own mutations that are to be folded on top of a
// patient's compartment ("" for what has no patient): those not receipted, and
// those whose result has not come back yet. In order of sequence.
func (r Reader) UnsentFor(p fhir.ID) ([]record.Mutation, error) {
	var out []record.Mutation
	if r.m.Pending == 0 {
		return nil, nil
	}
	prefix := join('u', string(p), "")
	err := r.c.from(r.b, prefix, prefix, func(key, _ []byte) (bool, error) {
		if len(key) != len(prefix)+8 {
			return true, nil
		}
		m, err := r.mutation(number(key))
		out = append(out, m)
		return true, err
	})
	return out, err
}

// Own is one of this station's mutations: unsent, or receipted within the
// retention window.
func (r Reader) Own(id record.MutationID) (m record.Mutation, ok bool, err error) {
	station, seq, valid := id.Station()
	if !valid || station != r.c.o.Station {
		return m, false, nil
	}
	for _, key := range [][]byte{keyUnsent(seq), keyKept(seq)} {
		var k keptMutation
		if ok, err := r.c.getValue(r.b, key, &k); err != nil || ok {
			return k.Mutation, ok, err
		}
	}
	return m, false, nil
}

func (r Reader) mutation(seq uint64) (record.Mutation, error) {
	for _, key := range [][]byte{keyUnsent(seq), keyKept(seq)} {
		var k keptMutation
		if ok, err := r.c.getValue(r.b, key, &k); err != nil || ok {
			return k.Mutation, err
		}
	}
	return record.Mutation{}, damaged("cache.read", "o", "an own entry that must be there is missing")
}

// Receipt is central's word about an own mutation; ok is false while it is
// unsent, and after the retention window.
func (r Reader) Receipt(id record.MutationID) (rc record.Receipt, ok bool, err error) {
	ok, err = r.c.getValue(r.b, keyReceipt(id), &rc)
	return rc, ok, err
}

// UnsentBetween are the sequences, from first to last, of own mutations that
// central has not answered for, in order. It reads keys and opens nothing: whoever
// counts needs no more, and a key that damage brought or took says of no entry that it
// was answered for, which only its receipt says.
func (r Reader) UnsentBetween(first, last uint64) (seqs []uint64, err error) {
	o := badger.DefaultIteratorOptions
	o.PrefetchValues = false
	o.Prefix = join('o', "")
	it := r.b.NewIterator(o)
	defer it.Close()
	for it.Seek(keyUnsent(first)); it.Valid(); it.Next() {
		n := number(it.Item().Key())
		if n > last {
			break
		}
		r.c.reads.Add(int64(len(it.Item().Key())))
		seqs = append(seqs, n)
	}
	return seqs, nil
}

// Leaving says that a patient is no longer in this station's scope, and stays
// only until the unsent work about them is receipted.
func (r Reader) Leaving(p fhir.ID) (bool, error) {
	_, err := r.b.Get(keyLeaving(p))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return false, nil
	}
	return err == nil, r.c.dbFault("cache.read", err)
}
