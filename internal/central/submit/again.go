package submit

import (
	"wardlight/internal/clinical/record"
)

// A computer that shared its identity with another, or was put back to an older
// disk image, gets a new one, and writes down again under new numbers what it
// could not send. Some of it may be here already: its answer was lost, or the
// twin sent the same. Each such mutation says what it was, so whichever comes
// first stands, and the others get its receipt.

// againNote is the note that says under which new number a mutation stands.
func againNote(was record.Was) string { return "again/" + string(was.ID) + "/" + was.Content.String() }

// sameWork is the mutation that stands for a's, under another number; ok is
// false where a is the first.
func (w *work) sameWork(m record.Mutation, content record.Hash) (other record.MutationID, ok bool, err error) {
	was := record.Was{ID: m.ID, Content: content}
	if m.Was != nil {
		was = *m.Was
		r, held, err := w.Receipt(was.ID)
		if err != nil || held && r.Content == was.Content {
			return was.ID, held, err
		}
	}
	b, ok, err := w.Note(againNote(was))
	return record.MutationID(b), ok && record.MutationID(b) != m.ID, err
}

// again answers with the receipt of the same work under another number.
func (w *work) again(a *attempt) (r record.Receipt, ok bool, err error) {
	other, ok, err := w.sameWork(a.m, a.content)
	if err != nil || !ok {
		return r, false, err
	}
	known, ok, err := w.Receipt(other)
	if err != nil || !ok {
		return r, false, err
	}
	return record.Receipt{Outcome: known.Outcome, Version: known.Version, Reason: known.Reason, Review: known.Review}, true, nil
}

// noteAgain remembers under which new number a mutation stands.
func (w *work) noteAgain(m record.Mutation) error {
	if m.Was == nil {
		return nil
	}
	if _, there, err := w.Note(againNote(*m.Was)); err != nil || there {
		return err
	}
	return w.SetNote(againNote(*m.Was), []byte(m.ID))
}

// follow turns a change of something that stands here under another number into
// a change of that. A new whole body is nobody's change of anything.
func (w *work) follow(a *attempt) error {
	if a.m.BaseMut == "" || len(a.m.Ops) == 0 || a.m.Ops[0].Kind == record.OpPut {
		return nil
	}
	before, _, ok, err := w.mutation(a.m.BaseMut)
	if err != nil || !ok {
		return err
	}
	content, err := before.ContentHash()
	if err != nil {
		return err
	}
	other, ok, err := w.sameWork(before, content)
	if err != nil || !ok {
		return err
	}
	stands, _, ok, err := w.mutation(other)
	if err != nil || !ok {
		return err
	}
	a.m.Ref, a.m.BaseMut = stands.Ref, stands.ID
	return nil
}
