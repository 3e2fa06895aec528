package simtest

import (
	"context"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Compare says which patients are not held as central holds them.
func (s *Store) Compare(_ context.Context, h record.Heads) (differ []fhir.ID, err error) {
	if s.plant == NeverCompares || h.At.Epoch != s.cursor.Epoch || s.cursor.Position > h.At.Position {
		return nil, nil
	}
	for _, want := range h.Heads {
		var all []record.Change
		for _, c := range s.Held {
			if c.Patient == want.Patient {
				all = append(all, c)
			}
		}
		if want.Newest <= s.cursor.Position && record.HeadOf(all) != want.Head {
			differ = append(differ, want.Patient)
		}
	}
	slices.Sort(differ)
	return differ, nil
}

// comparison is a comparison with central that is under way.
type comparison struct {
	h      record.Heads
	differ []fhir.ID // in the state in which it began
}

// OpenComparison takes the state in which patients are compared.
func (s *Store) OpenComparison(ctx context.Context, h record.Heads) (ok bool, err error) {
	if h.At.Epoch != s.cursor.Epoch || s.cursor.Position > h.At.Position {
		return false, nil
	}
	differ, err := s.Compare(ctx, h)
	s.comparing = &comparison{h, differ}
	return true, err
}

// ReadComparison has nothing to do: what is in memory was read when it was taken.
func (s *Store) ReadComparison(context.Context) error { return nil }

// SettleComparison says who still differs. Central's word is worth nothing once the
// store has gone beyond it.
func (s *Store) SettleComparison(ctx context.Context) (differ, again []fhir.ID, err error) {
	c := s.comparing
	if s.comparing = nil; c == nil {
		return nil, nil, fault.New(fault.Conflict, "simtest.compare", string(s.Station), "no comparison is under way")
	}
	switch {
	case c.h.At.Epoch != s.cursor.Epoch:
		return nil, nil, nil
	case s.cursor.Position > c.h.At.Position:
		return nil, c.differ, nil
	}
	now, err := s.Compare(ctx, c.h)
	return slices.DeleteFunc(now, func(p fhir.ID) bool { return !slices.Contains(c.differ, p) }), nil, err
}

// Doubtful is nobody: this store shows nothing.
func (s *Store) Doubtful() ([]fhir.ID, error) { return nil, nil }
