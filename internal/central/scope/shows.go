package scope

import (
	"context"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Shows gives the versions of a resource that dev may have, the one in force first
// and then the older ones, newest first, of the last few. fault.NotFound: there is
// none, or it is not in its scope now. For the other errors see standing.
func (s *Source) Shows(ctx context.Context, dev record.Device, ref fhir.Ref) (versions []record.Change, err error) {
	err = s.journal.View(ctx, func(r journal.Reader) error {
		if err := standing(r, dev); err != nil {
			return err
		}
		c, ok, err := r.Current(ref)
		if err != nil {
			return err
		}
		head := r.Head().Position
		moves, err := s.follow(r, head)
		if err != nil {
			return err
		}
		s.mu.RLock()
		in := ok && (own(c, dev) || c.Patient != "" && s.members.at(moves, head, dev.Holds()).holds(c.Patient))
		s.mu.RUnlock()
		if !in {
			return fault.New(fault.NotFound, "scope.shows", ref.String(), "it is not in this computer's scope")
		}
		versions, err = backFrom(r, c)
		return err
	})
	return versions, fault.Wrap("scope.shows", string(dev.Station), err)
}

// backFrom are a version and those before it, as far as they are looked at.
func backFrom(r journal.Reader, c record.Change) ([]record.Change, error) {
	list := []record.Change{c}
	for v := c.Version - 1; v > 0 && c.Version-v <= lookBack; v-- {
		old, ok, err := r.Version(c.Ref, v)
		if err != nil {
			return nil, err
		}
		if ok && journal.PatientOf(old) == journal.PatientOf(c) {
			list = append(list, old)
		}
	}
	return list, nil
}
