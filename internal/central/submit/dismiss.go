package submit

import (
	"context"
	"slices"
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// Dismiss settles a message that is held back, or of which a part is, and that
// will never be filed whole: a person has looked at it, its warnings end in that
// person's words, and nothing waits behind it any more. The message, its raw
// bytes and its row stay.
func (s *Submitter) Dismiss(ctx context.Context, by record.Author, id, reason string) (record.Inbound, error) {
	const op = "submit.dismiss"
	if reason = strings.TrimSpace(reason); reason == "" {
		return record.Inbound{}, fault.New(fault.Invalid, op, id, "say why: --reason")
	}
	var row record.Inbound
	_, err := s.update(ctx, op, id, func(w *work) (err error) {
		var ok bool
		if row, ok, err = w.Inbound(id); err != nil {
			return err
		}
		if !ok || !heldInPart(row) {
			return fault.New(fault.NotFound, op, id, "no such message is held back")
		}
		row.Settled = dismissedNote + by.Name + ": " + reason
		if err := w.SetInbound(row); err != nil {
			return err
		}
		if err := w.endWarnings(row, by, reason); err != nil {
			return err
		}
		if err := w.leaveLines(id); err != nil {
			return err
		}
		e := audit.Event{Action: audit.Update, Who: whoIs(by), Reason: reason, Details: []audit.Detail{{Name: DetailInbound, Value: id}}}
		return w.audit(e)
	})
	return row, err
}

// dismissSerial begins the numbers of what a dismissal writes, far above those of
// the message's own resources.
const dismissSerial = 1_000_000

// heldInPart says whether something of a message is not in the record.
func heldInPart(row record.Inbound) bool {
	return row.Fate == record.FateQuarantined || row.Fate == record.FateFiled && row.Reason != ""
}

// dismissedNote began the note of a dismissal before rows had a place for it.
const dismissedNote = "dismissed by "

// NeedsSomebody says whether something of a message is not in the record, and
// nobody has settled it.
func NeedsSomebody(row record.Inbound) bool {
	old := slices.ContainsFunc(row.Notes, func(n string) bool { return strings.HasPrefix(n, dismissedNote) })
	return heldInPart(row) && row.Settled == "" && !old
}

// endWarnings ends what a message's parts warned of.
func (w *work) endWarnings(row record.Inbound, by record.Author, reason string) error {
	fl := &filing{row: row, author: by, serial: dismissSerial}
	for cur, err := range found(w, journal.ByTag, record.TagHeldBack) {
		if err != nil {
			return err
		}
		t, bad := fhir.View[fhir.Task](cur.Body)
		if bad != nil {
			continue
		}
		if p, named := fhir.ParamOf(t.Input, fhir.ParamMessage); !named || p.ValueString == nil || *p.ValueString != row.ID {
			continue
		}
		if err := w.endHeld(fl, cur.Ref, "cancelled", "Dismissed by "+by.Name+": "+reason+". "); err != nil {
			return err
		}
	}
	for kv, err := range w.Notes(correctsPrefix) {
		if err != nil {
			return err
		}
		if strings.HasPrefix(string(kv.Value), row.ID+"/") {
			if err := w.SetNote(kv.Key, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
