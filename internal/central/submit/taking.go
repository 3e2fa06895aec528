package submit

import (
	"context"

	"wardlight/internal/trust/bulk"
)

// TakenNote holds what central's commands took out lately (bulk.Ledger): one for
// everybody who may give them.
const TakenNote = "taken"

// Taking has it decided whether a command of central's may take out patients' data, and
// makes what follows durable: the events, and where next is not nil the ledger with it,
// in one transaction. One is decided at a time. why is returned once its events are on
// record; unread says that the ledger cannot be read. decide may run again, and has no
// other effect.
func (s *Submitter) Taking(ctx context.Context, decide func(was bulk.Ledger, unread error) (next *bulk.Ledger, events [][]byte, why error)) error {
	var why error
	_, err := s.update(ctx, "submit.taking", "", func(w *work) error {
		b, _, err := w.Note(TakenNote)
		if err != nil {
			return err
		}
		was, unread := bulk.ParseLedger(b)
		next, events, no := decide(was, unread)
		why = no
		for _, e := range events {
			if err := w.Audit(e); err != nil {
				return err
			}
		}
		if next == nil {
			return nil
		}
		if b, err = next.Bytes(); err != nil {
			return err
		}
		return w.SetNote(TakenNote, b)
	})
	if err != nil {
		return err
	}
	return why
}
