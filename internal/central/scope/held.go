package scope

import (
	"context"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// lookBack bounds how many versions are looked through for the one that was in
// force.
const lookBack = 64

// Held are the versions that a station which has everything up to b.From holds
// of what b changes, for bodies of least bytes or more, and no more than limit: of
// patients who were in its scope then, the version that was in force. It is what
// the station ought to hold; whether it does, only the station can say.
func (s *Source) Held(ctx context.Context, dev record.Device, b record.Batch, least, limit int) (held []record.Change, err error) {
	err = s.journal.View(ctx, func(r journal.Reader) error {
		moves, err := s.follow(r, b.From)
		if err != nil {
			return err
		}
		s.mu.RLock()
		defer s.mu.RUnlock()
		h := holding{r: r, dev: dev, at: b.From, view: s.members.at(moves, b.From, dev.Holds()), met: map[fhir.Ref]bool{}}
		for _, c := range b.Changes {
			if len(c.Body) < least || h.met[c.Ref] || len(held) >= limit {
				continue
			}
			h.met[c.Ref] = true
			old, ok, err := h.before(c)
			if err != nil {
				return err
			}
			if ok && h.holds(old) {
				held = append(held, old)
			}
		}
		return nil
	})
	return held, fault.Wrap("scope.held", string(dev.Station), err)
}

// holding is what a station holds at a position.
type holding struct {
	r    journal.Reader
	dev  record.Device
	at   record.Position
	view *view
	met  map[fhir.Ref]bool
}

// before is the version that was in force at the position.
func (h *holding) before(c record.Change) (record.Change, bool, error) {
	for v := c.Version - 1; v > 0 && c.Version-v <= lookBack; v-- {
		old, ok, err := h.r.Version(c.Ref, v)
		if err != nil {
			return record.Change{}, false, err
		}
		if ok && !old.History && old.Position <= h.at {
			return old, true, nil
		}
	}
	return record.Change{}, false, nil
}

func (h *holding) holds(c record.Change) bool {
	return own(c, h.dev) || c.Patient != "" && h.view.holds(c.Patient)
}
