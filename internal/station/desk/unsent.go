package desk

import (
	"context"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// maxUnsent bounds the list of what waits to be sent.
const maxUnsent = 500

// Unsent are the entries of this computer that wait for central's word, oldest
// first; more is how many are not in the list: beyond its bound, of patients
// that this person may not see or that have left, or written by the program
// itself. What was written meanwhile is safe either way.
func (d *Desk) Unsent(ctx context.Context) (list []ward.Unsent, more int, err error) {
	const op = "desk.unsent"
	p, err := d.author(op)
	if err != nil {
		return nil, 0, err
	}
	muts, err := d.store.Unsent(0, maxUnsent)
	if err != nil {
		return nil, 0, fault.Wrap(op, "", err)
	}
	known := map[fhir.ID]*compartment{}
	err = d.store.View(ctx, func(r Reader) error {
		for _, m := range muts {
			c, err := seenBy(r, known, patientOfMutation(m))
			if err != nil {
				return err
			}
			if !c.known || shownTask(m) || d.mayView(op, p, c) != nil {
				continue
			}
			list = append(list, ward.Unsent{Who: d.identity(c), Line: d.ownLine(c, ownEntry{m: m})})
		}
		return nil
	})
	return list, max(d.store.Count().Unsent-len(list), 0), fault.Wrap(op, "", err)
}

// seenBy loads a patient once for all entries about them.
func seenBy(r Reader, known map[fhir.ID]*compartment, id fhir.ID) (*compartment, error) {
	if c, ok := known[id]; ok {
		return c, nil
	}
	c, err := load(r, id)
	known[id] = c
	return c, err
}

func patientOfMutation(m record.Mutation) fhir.ID {
	if m.Patient == "" && m.Ref.Type == fhir.TypePatient {
		return m.Ref.ID
	}
	return m.Patient
}
