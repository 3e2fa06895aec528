package submit

import (
	"encoding/json"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// A central that was restored does not know which numbers it had receipts for, so
// a number that was used twice (by a computer that was put back to an older disk
// image, or by two with one identity) does not meet its first use here: that comes
// back later, out of another station's batch, or has come back before. The two are
// told apart by when their computer wrote them. The one neither stands for the
// other, nor becomes a version of it.

// moment is when a mutation was written down, by its computer's clocks.
type moment struct {
	Clock   record.HLC     `cbor:"1,keyasint"`
	Station int64          `cbor:"2,keyasint"`
	Version record.Version `cbor:"3,keyasint"` // that it made, where it was given back
}

func momentOf(m record.Mutation) moment { return moment{m.Clock, m.Times.Station, 0} }

// made says whether a version is what was written then. One that central made of
// its own has no clock.
func (w moment) made(c record.Change) bool {
	return c.Clock == (record.HLC{}) || c.Clock == w.Clock && c.Times.Station == w.Station
}

// sameSource says whether two versions come of one entry, or of one message, which
// may number its parts otherwise when it is filed again.
func sameSource(a, b record.Change) bool {
	if sourceOf(a.Mutation) != sourceOf(b.Mutation) {
		return false
	}
	_, _, station := a.Mutation.Station()
	return !station || moment{a.Clock, a.Times.Station, 0}.made(b)
}

func backNote(id record.MutationID) string { return "back/" + string(id) }

// noteBack remembers of what a station's number came back.
func (g *giving) noteBack(c record.Change, v record.Version) error {
	if _, _, station := c.Mutation.Station(); !station || c.Clock == (record.HLC{}) {
		return nil
	}
	b, err := record.Encode(moment{c.Clock, c.Times.Station, v})
	if err != nil {
		return err
	}
	return g.SetNote(backNote(c.Mutation), b)
}

// usedBefore says whether a's number came back as another entry's, and with which
// receipt the computer is told so: nobody remembers the other's content.
func (w *work) usedBefore(a *attempt) (record.Receipt, bool, error) {
	back, ok, err := noteOf[moment](w, backNote(a.m.ID))
	if err != nil || !ok || back.Clock == a.m.Clock && back.Station == a.m.Times.Station {
		return record.Receipt{}, false, err
	}
	other := record.Hash{}
	for i, b := range a.content {
		other[i] = ^b
	}
	return record.Receipt{
		Mutation: a.m.ID, Content: other, Outcome: record.Applied, Version: back.Version, Position: w.Head().Position,
	}, true, nil
}

// judged says whether a change's number has a receipt here, and whether that is
// another entry's.
func (g *giving) judged(c record.Change) (judged, another bool, err error) {
	if c.Mutation == "" {
		return false, false, nil
	}
	m, _, ok, err := g.mutation(c.Mutation)
	if err != nil {
		return false, false, err
	}
	if ok && !momentOf(m).made(c) {
		return false, true, nil
	}
	_, ok, err = g.Receipt(c.Mutation)
	return ok, false, err
}

func movedNote(ref fhir.Ref, epoch string) string { return "moved/" + shortHash(ref.String(), epoch) }

// apart is a change under an id of its own, where its resource was made under a
// number that another entry has here; and every later version of it likewise.
func (g *giving) apart(c record.Change) (record.Change, error) {
	key := movedNote(c.Ref, c.Origin.Epoch)
	_, moved, err := g.Note(key)
	if err != nil {
		return c, err
	}
	if !moved {
		if c.Ref.ID != fhir.ID(c.Mutation) {
			return c, nil
		}
		if _, another, err := g.judged(c); err != nil || !another {
			return c, err
		}
		if err := g.SetNote(key, []byte{1}); err != nil {
			return c, err
		}
	}
	c.Ref.ID = fhir.ID(shortHash(c.Ref.String(), c.Origin.Epoch))
	if len(c.Body) == 0 {
		return c, nil
	}
	body, err := fhir.Parse(c.Body)
	if err != nil {
		return c, err
	}
	if body["id"], err = json.Marshal(c.Ref.ID); err != nil {
		return c, err
	}
	c.Body, err = body.Resource()
	return c, err
}
