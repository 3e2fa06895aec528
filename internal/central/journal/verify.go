package journal

import (
	"context"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Verified is what Verify looked at.
type Verified struct {
	Head     record.Cursor
	Entries  uint64
	Changes  uint64
	Receipts uint64
	Audits   uint64
	Messages uint64
}

// Verify reads the whole journal and holds it to its promises: no position is
// missing, every chain hash follows from the one before it and the entry's
// content, the head is the last entry's, versions have no gaps, every receipt
// can be found, and what is current is what the entries say. The first thing
// that is wrong is returned as fault.Corrupt.
func Verify(ctx context.Context, j Journal) (Verified, error) {
	var v Verified
	err := j.View(ctx, func(r Reader) error {
		c := checker{at: map[fhir.Ref]standing{}, v: &v}
		for e, err := range r.Entries(0) {
			if err == nil {
				err = c.entry(r, e)
			}
			if err == nil {
				err = fault.Wrap("journal.verify", "", ctx.Err())
			}
			if err != nil {
				return err
			}
		}
		if h := r.Head(); h.Position != c.pos || h.Chain != c.chain {
			return c.bad("the head is not the last entry's")
		}
		v.Head = r.Head()
		return c.current(r)
	})
	return v, err
}

// standing is where a resource stands after the entries read so far.
type standing struct{ newest, current record.Version }

type checker struct {
	pos   record.Position
	chain record.Hash
	at    map[fhir.Ref]standing
	v     *Verified
}

func (c *checker) bad(what string) error {
	return fault.Newf(fault.Corrupt, "journal.verify", "", "after position %d: %s", c.pos, what)
}

func (c *checker) entry(r Reader, e record.Entry) error {
	if e.Position != c.pos+1 {
		return c.bad("the next position is missing")
	}
	next, err := record.ChainNext(c.chain, e)
	if err != nil {
		return err
	}
	if next != e.Chain {
		return c.bad("the next entry's chain hash does not follow from its content")
	}
	for _, ch := range e.Changes {
		s := c.at[ch.Ref]
		if ch.Version != s.newest+1 || ch.Position != e.Position {
			return c.bad("a version is missing or names another position")
		}
		s.newest = ch.Version
		if !ch.History {
			s.current = ch.Version
		}
		c.at[ch.Ref] = s
	}
	for _, want := range e.Receipts {
		if got, ok, err := r.Receipt(want.Mutation); err != nil {
			return err
		} else if !ok || got != want {
			return c.bad("a receipt cannot be found again")
		}
	}
	c.pos, c.chain = e.Position, next
	c.v.Entries++
	c.v.Changes += uint64(len(e.Changes))
	c.v.Receipts += uint64(len(e.Receipts))
	c.v.Audits += uint64(len(e.Audits))
	c.v.Messages += uint64(len(e.Inbound))
	return nil
}

// current compares the current rows with what the entries say.
func (c *checker) current(r Reader) error {
	want := 0
	for _, s := range c.at {
		if s.current != 0 {
			want++
		}
	}
	got := 0
	for ch, err := range r.All("", "") {
		if err != nil {
			return err
		}
		if c.at[ch.Ref].current != ch.Version {
			return c.bad("a resource's current version is not the one that the entries say")
		}
		got++
	}
	if got != want {
		return c.bad("current resources are missing")
	}
	return nil
}
