package cache

import (
	"context"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// A Keepsake is a batch that central signed for an earlier identity of this
// computer, on its way into the store of the next one: central, if it is restored,
// is given it back as before.
type Keepsake struct {
	Kept   int64         // ms since 1970, own clock: its retention goes on from then
	Cursor record.Cursor // after the batch
	Body   []byte        // as central signed it
	Sig    []byte
}

// Keepsakes are the batches that are kept, oldest first.
//
// fault.Corrupt: a piece of one is missing.
func (c *Cache) Keepsakes() ([]Keepsake, error) {
	const op = "cache.keepsakes"
	m, b, end, err := c.readingBeside(op)
	if err != nil {
		return nil, err
	}
	defer end()
	var out []Keepsake
	for n := m.Returns.First; n < m.Returns.Next; n++ {
		var row keptReturn
		there, err := c.getValue(b, keyReturn(n), &row)
		if err != nil {
			return nil, err
		}
		if !there {
			continue
		}
		body, err := c.bytesOf(b, n, row)
		if err != nil {
			return nil, err
		}
		out = append(out, Keepsake{Kept: row.Kept, Cursor: row.Cursor, Body: body, Sig: row.Sig})
	}
	return out, nil
}

// Inherit keeps the batches of an earlier identity, before any of its own came. A
// disk that is nearly full keeps none, as it keeps none of its own; the bounds in
// time and size hold as for those, oldest out first.
//
// fault.Conflict: this store has kept some already.
func (c *Cache) Inherit(ctx context.Context, list []Keepsake) error {
	const op = "cache.inherit"
	c.mu.Lock()
	next := c.meta.Returns.Next
	c.mu.Unlock()
	if next > 1 {
		return fault.New(fault.Conflict, op, string(c.o.Station), "this store keeps batches of its own already; those of an earlier identity come first or not at all")
	}
	for _, k := range list {
		if len(k.Body) > maxReturn || c.space.room(op, needSnapshot) != nil {
			continue
		}
		pieces := piecesOf(k.Body)
		n := uint64(0)
		for _, piece := range pieces {
			n++
			err := c.noteReturns(ctx, func(t *tx) error {
				if _, err := t.put(keyReturnPiece(t.nextReturn(), n-1), 0, piece); err != nil {
					return err
				}
				if n < uint64(len(pieces)) {
					return nil
				}
				return t.inherit(k, n)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// inherit says that the pieces of one count.
func (t *tx) inherit(k Keepsake, pieces uint64) error {
	return t.indexReturn(keptReturn{Kept: k.Kept, Cursor: k.Cursor, Sig: k.Sig, Size: int64(len(k.Body)), Pieces: pieces}, t.c.o.Now().UnixMilli())
}
