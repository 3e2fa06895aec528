package cache

import (
	"github.com/dgraph-io/badger/v4"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Filled is how much of a patient's record has come, while a snapshot or what
// overtook it is the first that this store hears of them. What is read of such a
// record must not be taken for all there is: a missing allergy may be on its way.
type Filled uint8

// How much there is.
const (
	FilledWhole Filled = 0 // all of it, up to the cursor
	FilledReady Filled = 1 // what a screen shows first; older entries are on their way
	FilledBegun Filled = 2 // something
)

// Filled says how much of a patient's record this state holds.
func (r Reader) Filled(p fhir.ID) (Filled, error) {
	_, plain, _, ok, err := r.c.get(r.b, keyFilling(p))
	if err != nil || !ok {
		return FilledWhole, err
	}
	if len(plain) != 1 || Filled(plain[0]) > FilledBegun {
		return FilledBegun, fault.New(fault.Unsupported, "cache.filled", "", "a newer program wrote how far a record has come")
	}
	return Filled(plain[0]), nil
}

// beginFilling marks those of whom these changes are the first that is held.
func (t *tx) beginFilling(changes []record.Change) error {
	last := fhir.ID("")
	for _, ch := range changes {
		if ch.Patient == last {
			continue
		}
		if last = ch.Patient; last == "" {
			continue
		}
		d, err := t.digest(last)
		if err != nil {
			return err
		}
		if d.Count > 0 {
			continue
		}
		if _, err := t.put(keyFilling(last), 0, []byte{byte(FilledBegun)}); err != nil {
			return err
		}
	}
	return nil
}

// fill notes how far a patient's record has come, of those who were marked.
func (t *tx) fill(p fhir.ID, to Filled) error {
	marked, err := t.has(keyFilling(p))
	if err != nil || !marked {
		return err
	}
	t.touched[p] = true
	if to == FilledWhole {
		return t.del(keyFilling(p))
	}
	_, err = t.put(keyFilling(p), 0, []byte{byte(to)})
	return err
}

// filled notes what a chunk completes. Who is left at the snapshot's end changed
// wards while it was read, and the tail brings them whole or lets them go.
func (t *tx) filled(ch record.Chunk) error {
	if ch.Part == record.PartUnknown {
		return t.filledInTurn(ch)
	}
	for _, p := range ch.Ready {
		if err := t.fill(p, FilledReady); err != nil {
			return err
		}
	}
	for _, p := range ch.Whole {
		if err := t.fill(p, FilledWhole); err != nil {
			return err
		}
	}
	return nil
}

// filledInTurn is filled for a snapshot that says nothing: it comes patient by
// patient, so that one is whole when the next begins. (What names the wards comes
// before all of them, and brings no Patient.)
func (t *tx) filledInTurn(ch record.Chunk) error {
	s := t.m.Snapshot
	for _, c := range ch.Changes {
		if c.Patient == s.Owner {
			continue
		}
		before := s.Owner
		s.Owner = c.Patient
		there, err := t.has(keyCurrent(before, fhir.Ref{Type: fhir.TypePatient, ID: before}))
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		if err := t.fill(before, FilledWhole); err != nil {
			return err
		}
	}
	if !ch.Last {
		return nil
	}
	all, err := t.c.fillings()
	if err != nil {
		return err
	}
	for _, p := range append(all, s.Owner) {
		if err := t.fill(p, FilledWhole); err != nil {
			return err
		}
	}
	return nil
}

// cameWhole is filled for a batch: who comes into the scope, comes whole.
func (t *tx) cameWhole(changes []record.Change) error {
	for _, ch := range changes {
		if ch.Ref.Type != fhir.TypePatient {
			continue
		}
		if err := t.fill(ch.Ref.ID, FilledWhole); err != nil {
			return err
		}
	}
	return nil
}

// fillings are all who are marked.
func (c *Cache) fillings() (all []fhir.ID, err error) {
	b := c.db.NewTransaction(false)
	defer b.Discard()
	prefix := join('z', "")
	return all, c.scan(b, prefix, func(item *badger.Item) (bool, error) {
		all = append(all, fhir.ID(item.Key()[len(prefix):]))
		return true, nil
	})
}
