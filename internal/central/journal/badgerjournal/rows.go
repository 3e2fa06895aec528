package badgerjournal

import (
	"errors"
	"iter"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/central/journal/state"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// rows reads sealed rows at one timestamp. It implements state.Store.
type rows struct {
	j    *Journal
	txn  *badger.Txn
	view bool // a View ends when the journal closes; an Update may finish
}

// over is why reading has to end.
func (r *rows) over() error {
	if r.view && r.j.closed.Load() {
		return errClosed(readOp)
	}
	return nil
}

const readOp = "badgerjournal.read"

// Raw reads one row's bytes.
func (r *rows) Raw(key string) ([]byte, bool, error) {
	if err := r.over(); err != nil {
		return nil, false, err
	}
	return r.j.get(r.txn, key)
}

// Get reads one row.
func (r *rows) Get(key string) (any, bool, error) {
	plain, ok, err := r.Raw(key)
	if err != nil || !ok {
		return nil, false, err
	}
	v, err := state.Decode(key, plain)
	return v, err == nil, err
}

// get reads and opens one value.
func (j *Journal) get(txn *badger.Txn, key string) ([]byte, bool, error) {
	item, err := txn.Get([]byte(key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, dbErr(fault.Unavailable, readOp, err)
	}
	plain, err := j.openItem(item)
	return plain, err == nil, err
}

// openItem opens an item's value. Badger gives an empty value without an error
// where its bytes are damaged; a sealed value is never empty.
func (j *Journal) openItem(item *badger.Item) (plain []byte, err error) {
	err = item.Value(func(sealed []byte) error {
		plain, err = j.seal.open(item.Version(), bindTo(item.Key(), item.Version()), sealed)
		return err
	})
	if err != nil && fault.KindOf(err) == fault.Other {
		return nil, dbErr(fault.Corrupt, readOp, err)
	}
	return plain, err
}

// Scan yields rows in order of key.
func (r *rows) Scan(prefix, after string) iter.Seq2[state.Row, error] {
	return func(yield func(state.Row, error) bool) {
		o := badger.DefaultIteratorOptions
		o.Prefix = []byte(prefix)
		o.PrefetchValues = false // values lie beside their keys; to fetch each takes a goroutine
		it := r.txn.NewIterator(o)
		defer it.Close()
		if after == "" {
			it.Rewind()
		} else {
			it.Seek([]byte(after))
		}
		for ; it.Valid(); it.Next() {
			item := it.Item()
			if string(item.Key()) == after {
				continue
			}
			row, err := r.rowAt(item)
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}

func (r *rows) rowAt(item *badger.Item) (state.Row, error) {
	if err := r.over(); err != nil {
		return state.Row{}, err
	}
	plain, err := r.j.openItem(item)
	if err != nil {
		return state.Row{}, err
	}
	key := string(item.Key())
	v, err := state.Decode(key, plain)
	return state.Row{Key: key, Value: v}, err
}

// meta reads one of this package's own rows.
func (j *Journal) meta(txn *badger.Txn, key string, into any) error {
	plain, ok, err := j.get(txn, key)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Corrupt, "badgerjournal.open", j.o.Dir, "the journal has no head; it was never finished, or a part of it is lost: restore a backup, stations will offer again what came later")
	}
	return record.Decode(plain, into)
}
