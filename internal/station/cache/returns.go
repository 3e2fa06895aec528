package cache

import (
	"context"

	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/record"
)

// Batches that brought something stay here for the retention window, as the
// bytes that central signed: a central that was restored to an earlier day is
// given them back. They are numbered in order of arrival, whatever their
// epoch. They count against a bound of their own, oldest out first, and a disk
// that fills up keeps none: they are a second net, behind the raw inbound log
// and the outboxes.

// returns says which batches are kept: those from First on, before Next.
type returns struct {
	First uint64 `cbor:"1,keyasint,omitempty"`
	Next  uint64 `cbor:"2,keyasint,omitempty"`
	Bytes int64  `cbor:"3,keyasint,omitempty"`
	Epoch string `cbor:"4,keyasint,omitempty"` // central's, that has got them back …
	Upto  uint64 `cbor:"5,keyasint,omitempty"` // … up to here
}

// keptReturn is an r/ row.
type keptReturn struct {
	Kept   int64         `cbor:"1,keyasint"` // ms since 1970, own clock
	Cursor record.Cursor `cbor:"2,keyasint"` // after the batch
	Sig    []byte        `cbor:"3,keyasint"`
	Size   int64         `cbor:"4,keyasint"`
	Pieces uint64        `cbor:"5,keyasint"`
}

// evidence is central's signed word on the cursor: in full, or the number of
// the kept batch that is it.
type evidence struct {
	Body   []byte `cbor:"1,keyasint,omitempty"`
	Sig    []byte `cbor:"2,keyasint,omitempty"`
	Chunk  bool   `cbor:"3,keyasint,omitempty"`
	Number uint64 `cbor:"4,keyasint,omitempty"`
}

// maxReturn bounds one kept batch: what goes back to central has to fit into a
// message to it. What is larger is one patient's whole record, which came out
// of messages and entries that come back by the other ways.
const maxReturn = 4 << 20

// keeps says whether a batch is kept.
func (c *Cache) keeps(b record.Batch) bool {
	return len(b.Changes) > 0 && len(b.Refill) == 0 && len(b.Signed) > 0 && len(b.Signed) <= maxReturn && c.space.room("cache.keep", needSnapshot) == nil
}

// keepBatch keeps a batch in the transaction that applies it.
func (t *tx) keepBatch(b record.Batch) error {
	if t.c.keeps(b) {
		for i, piece := range piecesOf(b.Signed) {
			if _, err := t.put(keyReturnPiece(t.nextReturn(), uint64(i)), 0, piece); err != nil {
				return err
			}
		}
	}
	return t.keepIndex(b)
}

// keepPieces is the first half of keepBatch for a batch that is too large for
// one transaction. Pieces without their index are overwritten by the next
// batch.
func (c *Cache) keepPieces(b record.Batch) error {
	if !c.keeps(b) {
		return nil
	}
	for i, piece := range piecesOf(b.Signed) {
		t := c.begin()
		if _, err := t.put(keyReturnPiece(t.nextReturn(), uint64(i)), 0, piece); err != nil {
			t.discard()
			return err
		}
		if err := t.commit(); err != nil {
			return err
		}
	}
	return nil
}

// keepIndex is the second half: it says that the pieces count, and on what the
// cursor rests.
func (t *tx) keepIndex(b record.Batch) error {
	if len(b.Refill) > 0 {
		return nil // it moves no cursor
	}
	if !t.c.keeps(b) {
		return t.evidence(evidence{Body: b.Signed, Sig: b.Sig})
	}
	n := t.nextReturn()
	now := t.c.o.Now().UnixMilli()
	row := keptReturn{Kept: now, Cursor: b.Cursor(), Sig: b.Sig, Size: int64(len(b.Signed)), Pieces: uint64(len(piecesOf(b.Signed)))}
	if err := t.indexReturn(row, now); err != nil {
		return err
	}
	return t.evidence(evidence{Number: n})
}

// indexReturn counts a batch whose pieces are written, and lets old ones go.
func (t *tx) indexReturn(row keptReturn, now int64) error {
	n := t.nextReturn()
	if err := t.putValue(keyReturn(n), 0, row); err != nil {
		return err
	}
	t.m.Returns.Next = n + 1
	t.m.Returns.First = max(t.m.Returns.First, 1)
	t.m.Returns.Bytes += row.Size
	return t.pruneReturns(now)
}

func (t *tx) nextReturn() uint64 { return max(t.m.Returns.Next, 1) }

func piecesOf(b []byte) (pieces [][]byte) {
	for len(b) > pieceSize {
		pieces, b = append(pieces, b[:pieceSize]), b[pieceSize:]
	}
	return append(pieces, b)
}

// pruneAtOnce bounds how many old batches one transaction lets go.
const pruneAtOnce = 16

// pruneReturns lets batches go whose retention is over or for which there is no
// room, oldest first; never the newest.
func (t *tx) pruneReturns(now int64) error {
	r := &t.m.Returns
	old := now - t.c.o.Retention.Milliseconds()
	for n := 0; n < pruneAtOnce && r.First+1 < r.Next; n++ {
		var row keptReturn
		ok, err := t.c.getValue(t.b, keyReturn(r.First), &row)
		if err != nil {
			return err
		}
		if ok && row.Kept >= old && r.Bytes <= t.c.o.ReturnBytes {
			return nil
		}
		if err := t.dropReturn(row); err != nil {
			return err
		}
	}
	return nil
}

// dropReturn lets the oldest go.
func (t *tx) dropReturn(row keptReturn) error {
	r := &t.m.Returns
	for i := range row.Pieces {
		if err := t.del(keyReturnPiece(r.First, i)); err != nil {
			return err
		}
	}
	if err := t.del(keyReturn(r.First)); err != nil {
		return err
	}
	r.Bytes -= row.Size
	r.First++
	return nil
}

// evidence notes on what the cursor rests. Bytes that are too many for a row
// are not kept: then there is no proof until the next batch.
func (t *tx) evidence(e evidence) error {
	if len(e.Body) > pieceSize {
		e = evidence{}
	}
	return t.putValue(keyEvidence, 0, e)
}

// NextReturn is the first batch that was kept in another epoch than this one
// and that central, in this one, has not got back.
func (c *Cache) NextReturn(epoch string) (r record.Return, ok bool, err error) {
	const op = "cache.nextreturn"
	m, b, end, err := c.readingBeside(op)
	if err != nil {
		return r, false, err
	}
	defer end()
	have := m.Returns
	n := max(have.First, 1)
	if have.Epoch == epoch {
		n = max(n, have.Upto+1)
	}
	for ; n < have.Next; n++ {
		var row keptReturn
		there, err := c.getValue(b, keyReturn(n), &row)
		if err != nil {
			return r, false, err
		}
		if !there || row.Cursor.Epoch == epoch {
			continue
		}
		r = record.Return{Number: n, Sig: row.Sig, Epoch: row.Cursor.Epoch, To: row.Cursor.Position}
		if r.Body, err = c.bytesOf(b, n, row); err != nil {
			return r, false, err
		}
		return r, true, nil
	}
	return r, false, nil
}

// bytesOf puts a kept batch together.
func (c *Cache) bytesOf(b *badger.Txn, n uint64, row keptReturn) ([]byte, error) {
	var body []byte
	for i := range row.Pieces {
		_, piece, _, ok, err := c.get(b, keyReturnPiece(n, i))
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, damaged("cache.returns", "R", "a piece of a kept batch is missing")
		}
		body = append(body, piece...)
	}
	return body, nil
}

// Returned notes that central, in this epoch, has every kept batch up to a
// number.
func (c *Cache) Returned(ctx context.Context, epoch string, number uint64) error {
	return c.noteReturns(ctx, func(t *tx) error {
		if t.m.Returns.Epoch != epoch {
			t.m.Returns.Epoch, t.m.Returns.Upto = epoch, 0
		}
		t.m.Returns.Upto = max(t.m.Returns.Upto, number)
		return t.pruneReturns(t.c.o.Now().UnixMilli())
	})
}

func (c *Cache) noteReturns(ctx context.Context, fn func(*tx) error) error {
	const op = "cache.returns"
	end, err := c.writing(op)
	if err != nil {
		return err
	}
	defer end()
	if err := inTime(ctx, op); err != nil {
		return err
	}
	t := c.begin()
	if err := fn(t); err != nil {
		t.discard()
		return err
	}
	return t.commit()
}

// maxTrail is how many earlier points a proof names.
const maxTrail = 64

// Proof is central's signed word on where the store stands, and earlier points
// of the same epoch at growing distances, so that central finds how far its
// journal agrees with what it signed.
func (c *Cache) Proof() (p record.Proof, ok bool, err error) {
	const op = "cache.proof"
	m, b, end, err := c.readingBeside(op)
	if err != nil {
		return p, false, err
	}
	defer end()
	var e evidence
	if ok, err = c.getValue(b, keyEvidence, &e); err != nil || !ok {
		return p, false, err
	}
	p.Body, p.Sig, p.Chunk = e.Body, e.Sig, e.Chunk
	step := uint64(1)
	for n := m.Returns.Next; n > m.Returns.First && len(p.Trail) < maxTrail; {
		n -= min(step, n-m.Returns.First)
		var row keptReturn
		if there, err := c.getValue(b, keyReturn(n), &row); err != nil || !there {
			return p, false, err
		}
		if n == e.Number {
			if p.Body, err = c.bytesOf(b, n, row); err != nil {
				return p, false, err
			}
			p.Sig = row.Sig
		}
		if row.Cursor.Epoch == m.Cursor.Epoch {
			p.Trail = append(p.Trail, record.Point{Position: row.Cursor.Position, Chain: row.Cursor.Chain})
		}
		if len(p.Trail) > maxTrail/2 {
			step *= 2
		}
	}
	return p, len(p.Body) > 0, nil
}
