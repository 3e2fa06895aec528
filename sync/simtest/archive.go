package simtest

import (
	"context"
	"slices"

	"wardlight/internal/clinical/record"
)

// maxTrail is how many earlier points a proof names.
const maxTrail = 64

// archive is what a store keeps for the day on which central is not what it was.
type archive struct {
	kept    []record.Return // batches as central signed them, in order
	ends    []record.Cursor // of each
	proof   record.Proof    // central's signed word on the cursor, without its trail
	given   string          // the epoch in which central has got them back …
	givenTo uint64          // … up to here
	void    map[record.MutationID]bool
}

// keep keeps a batch that brought something, and what the cursor rests on.
func (a *archive) keep(b record.Batch) {
	a.proof = record.Proof{Body: b.Signed, Sig: b.Sig}
	if len(b.Changes) > 0 {
		a.kept = append(a.kept, record.Return{Number: uint64(len(a.kept)) + 1, Body: b.Signed, Sig: b.Sig, Epoch: b.Epoch, To: b.To})
		a.ends = append(a.ends, b.Cursor())
	}
}

// Proof is central's signed word on where the store stands.
func (s *Store) Proof() (record.Proof, bool, error) {
	p := s.proof
	for i := len(s.ends) - 1; i >= 0 && len(p.Trail) < maxTrail; i-- {
		if s.ends[i].Epoch == s.cursor.Epoch {
			p.Trail = append(p.Trail, record.Point{Position: s.ends[i].Position, Chain: s.ends[i].Chain})
		}
	}
	return p, len(p.Body) > 0, nil
}

// Keep takes along what another store had kept of central's batches.
func (s *Store) Keep(of archive) {
	kept, ends := slices.Clone(of.kept), slices.Clone(of.ends)
	s.commit(func(c *contents) { c.kept, c.ends = append(c.kept, kept...), append(c.ends, ends...) })
}

// NextReturn is the first batch kept in another epoch that central has not got
// back in this one.
func (s *Store) NextReturn(epoch string) (record.Return, bool, error) {
	if s.plant == NeverGivesBack {
		return record.Return{}, false, nil
	}
	from := uint64(0)
	if s.given == epoch {
		from = s.givenTo
	}
	for _, r := range s.kept[min(from, uint64(len(s.kept))):] {
		if r.Epoch != epoch {
			return r, true, nil
		}
	}
	return record.Return{}, false, nil
}

// Returned notes how far central has them in an epoch.
func (s *Store) Returned(_ context.Context, epoch string, number uint64) error {
	s.commit(func(c *contents) {
		if c.given != epoch {
			c.given, c.givenTo = epoch, 0
		}
		c.givenTo = max(c.givenTo, number)
	})
	return nil
}

// Wiped forgets what could bring back what central was emptied of.
func (s *Store) Wiped(context.Context) error {
	s.commit(func(c *contents) {
		c.kept, c.ends, c.proof = nil, nil, record.Proof{}
		c.given, c.givenTo = "", 0
		for id := range c.receipts {
			c.void[id] = true
		}
	})
	return nil
}
