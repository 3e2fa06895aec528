package submit

import (
	"slices"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
)

// What waits behind a message whose identity is in question. A later message
// about the same patient's identity must not overtake it: it would answer the
// question by accident. Nothing else waits, results least of all.
//
// Each identifier has a line of its own, in notes:
//
//	behind/X            the message that holds the line: in question, or next
//	waits/X/00000001    the messages behind it, in order of receipt
//	turn/M              M holds every line that it stood in: it is to be filed again
//
// When the message that holds a line is settled, the next one holds it, in the
// same transaction, so that nothing new can come between them. Whoever runs
// central files again what has its turn (Turns): by itself, in order.

const (
	behindPrefix = "behind/"
	waitsPrefix  = "waits/"
	turnPrefix   = "turn/"
)

// line names the line of an identifier.
func line(id fhir.Identifier) string { return shortHash(id.System, id.Value) }

// identityOf are the identifiers about which a group says who somebody is; none
// for a group that says nothing of the kind.
func identityOf(g record.Group) []fhir.Identifier {
	says := g.Retired != nil || g.Apart != nil
	for _, d := range g.Drafts {
		says = says || d.Ref.Type == fhir.TypePatient
	}
	if !says {
		return nil
	}
	ids := slices.Clone(g.Subject.Identifiers)
	for _, other := range []*record.Subject{g.Retired, g.Apart} {
		if other != nil {
			ids = append(ids, other.Identifiers...)
		}
	}
	return ids
}

// question notes that a message about somebody's identity is held back.
func (w *work) question(fl *filing, g record.Group) error {
	for _, id := range identityOf(g) {
		fl.open = true
		if _, taken, err := w.Note(behindPrefix + line(id)); err != nil {
			return err
		} else if taken {
			continue // an earlier one is first
		}
		if err := w.SetNote(behindPrefix+line(id), []byte(fl.row.ID)); err != nil {
			return err
		}
	}
	return nil
}

// behind is the message that a group has to wait for, "" for none.
func (w *work) behind(fl *filing, g record.Group) (string, error) {
	for _, id := range identityOf(g) {
		first, ok, err := w.Note(behindPrefix + line(id))
		if err != nil {
			return "", err
		}
		if ok && string(first) != fl.row.ID {
			return string(first), nil
		}
	}
	return "", nil
}

// waiting holds back what a group says about an identity that is in question, and
// returns what of it may go on: where somebody is, what was measured.
func (w *work) waiting(fl *filing, i int, g record.Group) (record.Group, error) {
	first, err := w.behind(fl, g)
	if err != nil || first == "" {
		return g, err
	}
	fl.hold(heldBack{
		group: i, owner: OwnerRegistration,
		why: "an earlier message about this patient's identity is held back (" + first + "); replay or dismiss that one, and this one follows by itself",
	})
	fl.open = true
	if err := w.standInLine(fl.row.ID, g); err != nil {
		return g, err
	}
	g.Retired, g.Apart = nil, nil
	g.Drafts = slices.DeleteFunc(slices.Clone(g.Drafts), func(d record.Draft) bool { return d.Ref.Type == fhir.TypePatient })
	return g, nil
}
