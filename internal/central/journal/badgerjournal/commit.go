package badgerjournal

import (
	"encoding/binary"
	"errors"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/central/journal/state"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Keys of the rows that only this package has. The others are state's.
const (
	headKey   = "\x01head"
	epochsKey = "\x01epochs"
)

// maxRow bounds one stored value.
const maxRow = 48 << 20

// headRow is the newest state. It is written last, and what lies beyond its
// timestamp does not count.
type headRow struct {
	TS       uint64          `cbor:"1,keyasint"`
	Position record.Position `cbor:"2,keyasint"`
	Chain    record.Hash     `cbor:"3,keyasint"`
	Epoch    string          `cbor:"4,keyasint"`
}

func headOf(p published) headRow {
	return headRow{TS: p.ts, Position: p.head.Position, Chain: p.head.Chain, Epoch: p.head.Epoch}
}

func (h headRow) published() published {
	return published{ts: h.TS, head: record.Cursor{Epoch: h.Epoch, Position: h.Position, Chain: h.Chain}}
}

// row is one sealed row on its way to Badger.
type row struct {
	key   []byte
	value []byte // nil: the row goes
}

// bindTo is what a value is bound to: where it stands and since when.
func bindTo(key []byte, ts uint64) []byte {
	aad := append([]byte("wardlight journal v1\x00"), key...)
	return binary.BigEndian.AppendUint64(aad, ts)
}

// sealRow encodes and seals one value.
func (j *Journal) sealRow(key string, value any, ts uint64) (row, error) {
	k := []byte(key)
	if state.Gone(value) {
		return row{key: k}, nil
	}
	plain, err := state.Encode(value)
	if err != nil {
		return row{}, err
	}
	if len(plain) > maxRow {
		return row{}, fault.Newf(fault.Invalid, "badgerjournal.commit", "", "a row of %d bytes is larger than the journal takes", len(plain))
	}
	return row{k, j.seal.at(ts).Seal(bindTo(k, ts), plain)}, nil
}

// commit makes a group durable at a timestamp.
func (j *Journal) commit(g *group, ts uint64) error {
	const op = "badgerjournal.commit"
	if err := j.space.writing(op, g.bytes); err != nil {
		return err
	}
	if f := j.o.faults.commit; f != nil {
		if err := f(g.head); err != nil {
			return err
		}
	}
	var list []row
	for k, v := range g.rows.From("", "") {
		r, err := j.sealRow(k, v, ts)
		if err != nil {
			return err
		}
		list = append(list, r)
	}
	if f := j.o.faults.rows; f != nil {
		list = f(list, ts)
	}
	head, err := j.sealRow(headKey, headOf(published{ts: ts, head: g.head}), ts)
	if err != nil {
		return err
	}
	err = j.together(append(list, head), ts)
	if errors.Is(err, badger.ErrTxnTooBig) {
		err = j.inParts(list, head, ts)
	}
	return dbErr(fault.Unavailable, op, err)
}

// together writes rows in one synced transaction.
func (j *Journal) together(list []row, ts uint64) error {
	txn := j.db.NewTransactionAt(ts, true)
	defer txn.Discard()
	for _, r := range list {
		e := badger.NewEntry(r.key, r.value)
		var err error
		if r.value == nil {
			err = txn.Delete(r.key)
		} else {
			err = txn.SetEntry(e)
		}
		if err != nil {
			return err
		}
	}
	return txn.CommitAt(ts, nil)
}

// inParts writes rows in as many synced transactions as it takes and then,
// when all of them are durable, the head by itself.
func (j *Journal) inParts(list []row, head row, ts uint64) error {
	batch := j.db.NewWriteBatchAt(ts)
	defer batch.Cancel()
	batch.SetMaxPendingTxns(4)
	for _, r := range list {
		var err error
		if r.value == nil {
			err = batch.Delete(r.key)
		} else {
			err = batch.Set(r.key, r.value)
		}
		if err != nil {
			return err
		}
	}
	if err := batch.Flush(); err != nil {
		return err
	}
	if f := j.o.faults.beforePub; f != nil {
		f()
	}
	return j.together([]row{head}, ts)
}
