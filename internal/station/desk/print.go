package desk

import (
	"context"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/words"
)

// PrintLook records that the person who is signed in takes these patients' data
// off the screen: one event for each patient, durable when it returns. Whoever
// prints calls it before there is a file; what is the name of the sheet.
func (d *Desk) PrintLook(ctx context.Context, what string, patients []ward.PatientID) error {
	return d.printed(ctx, "desk.printlook", what, patients, audit.Success, "")
}

// PrintFailed records that there was no sheet in the end: what PrintLook said would
// otherwise stand there as data that was taken out.
func (d *Desk) PrintFailed(ctx context.Context, what string, patients []ward.PatientID) error {
	return d.printed(ctx, "desk.printfailed", what, patients, audit.Failed, "nothing was printed")
}

func (d *Desk) printed(ctx context.Context, op, what string, patients []ward.PatientID, outcome audit.Outcome, reason string) error {
	p, err := d.author(op)
	if err != nil {
		return err
	}
	looks := make([][]byte, 0, len(patients))
	for _, id := range patients {
		e := d.event(p, audit.Export)
		e.Patient, e.Query, e.Outcome, e.Reason = id, "printed: "+what, outcome, reason
		e.Purpose, _ = d.purposes(p, id)
		b, err := e.JSON()
		if err != nil {
			return fault.Wrap(op, string(id), err)
		}
		looks = append(looks, b)
	}
	if len(looks) == 0 {
		return fault.As(fault.NotFound, op, "", words.Errorf("There is nobody on this sheet. Nothing was printed."))
	}
	if err := d.store.Commit(ctx, nil, looks); err != nil {
		return d.notSaved(op, err)
	}
	return nil
}
