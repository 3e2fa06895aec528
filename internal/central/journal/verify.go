package journal

import (
	"context"
	"crypto/sha256"

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
// can be found, and what is current is what the entries say, in every index
// and compartment too. The first thing that is wrong is returned as
// fault.Corrupt.
func Verify(ctx context.Context, j Journal) (Verified, error) {
	var v Verified
	err := j.View(ctx, func(r Reader) error {
		c := checker{at: map[fhir.Ref]standing{}, notes: map[string]record.Hash{}, rows: map[string]record.Hash{}, v: &v}
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
		if err := c.current(r); err != nil {
			return err
		}
		return c.facts(r)
	})
	return v, err
}

// standing is where a resource stands after the entries read so far.
type standing struct{ newest, current record.Version }

type checker struct {
	pos   record.Position
	chain record.Hash
	at    map[fhir.Ref]standing
	notes map[string]record.Hash // of the value that each note has now
	rows  map[string]record.Hash // of the row that each message has now
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
	for _, n := range e.Notes {
		if c.notes[n.Key] = sha256.Sum256(n.Value); len(n.Value) == 0 {
			delete(c.notes, n.Key)
		}
	}
	for _, in := range e.Inbound {
		if c.rows[in.ID], err = rowHash(in); err != nil {
			return err
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

// current compares the current rows, the compartments and the indexes with what
// the entries say.
func (c *checker) current(r Reader) error {
	want := 0
	for _, s := range c.at {
		if s.current != 0 {
			want++
		}
	}
	patients := map[fhir.ID]int{}
	got := 0
	for ch, err := range r.All("", "") {
		if err != nil {
			return err
		}
		if c.at[ch.Ref].current != ch.Version {
			return c.bad("a resource's current version is not the one that the entries say")
		}
		if err := c.indexed(r, ch); err != nil {
			return err
		}
		if p := PatientOf(ch); p != "" {
			patients[p]++
		}
		got++
	}
	if got != want {
		return c.bad("current resources are missing")
	}
	return c.compartments(r, patients)
}

// facts compares the notes and the messages' rows with what the entries say.
func (c *checker) facts(r Reader) error {
	notes, rows := 0, 0
	for kv, err := range r.Notes("") {
		if err != nil {
			return err
		}
		if h, ok := c.notes[kv.Key]; !ok || h != sha256.Sum256(kv.Value) {
			return c.bad("a note is not what the entries say")
		}
		notes++
	}
	for in, err := range r.Inbounds() {
		if err != nil {
			return err
		}
		h, err := rowHash(in)
		if err != nil {
			return err
		}
		if c.rows[in.ID] != h {
			return c.bad("a message's row is not what the entries say")
		}
		rows++
	}
	if notes != len(c.notes) || rows != len(c.rows) {
		return c.bad("notes or messages' rows are missing")
	}
	return nil
}

func rowHash(in record.Inbound) (record.Hash, error) {
	b, err := record.Encode(in)
	return sha256.Sum256(b), err
}

// indexed looks a current resource up by each of its index keys.
func (c *checker) indexed(r Reader, ch record.Change) error {
	keys, err := Keys(ch)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if found, err := holds(r, k, ch.Ref); err != nil {
			return err
		} else if !found {
			return c.bad("an index does not hold a current resource")
		}
	}
	return nil
}

func holds(r Reader, k Key, ref fhir.Ref) (bool, error) {
	for got, err := range r.Find(k.Index, k.Key) {
		if err != nil || got == ref {
			return got == ref, err
		}
	}
	return false, nil
}

// compartments counts each patient's resources.
func (c *checker) compartments(r Reader, want map[fhir.ID]int) error {
	for p, n := range want {
		for ch, err := range r.Compartment(p) {
			if err != nil {
				return err
			}
			if PatientOf(ch) != p || c.at[ch.Ref].current != ch.Version {
				return c.bad("a compartment holds another patient's resource, or a version that is not current")
			}
			n--
		}
		for st, err := range r.Standings(p, fhir.Ref{}) {
			if err != nil {
				return err
			}
			if c.at[st.Ref] != (standing{newest: st.Newest, current: st.Current}) {
				return c.bad("where a resource of a patient stands is not what the entries say")
			}
		}
		if n != 0 {
			return c.bad("a compartment does not hold all of its patient's resources")
		}
	}
	return nil
}
