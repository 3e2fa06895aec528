package simtest

import (
	"context"
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
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

// Doubtful is nobody: this store shows nothing.
func (s *Store) Doubtful() ([]fhir.ID, error) { return nil, nil }
