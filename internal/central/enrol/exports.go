package enrol

import (
	"context"
	"fmt"
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/bulk"
)

// ExportNote is where an administrator's limits on export lie, with who set them, when
// and why; without it bulk.Default holds. It is a note of its own: a program that does
// not know it leaves it as it is.
const ExportNote = "export-limits"

// Bounds of a reason: a word is no reason, a page is none either.
const (
	leastReason = 8
	mostReason  = 200
)

// ExportLimits are how much may leave, hospital-wide, and who said so; By is "" where
// nobody did.
type ExportLimits struct {
	bulk.Limits
	By     string
	Reason string
	At     int64 // ms since 1970
}

type exportLimits struct {
	PrintHour int    `cbor:"1,keyasint"`
	PrintDay  int    `cbor:"2,keyasint"`
	TakeHour  int    `cbor:"3,keyasint"`
	TakeDay   int    `cbor:"4,keyasint"`
	By        string `cbor:"5,keyasint"`
	Reason    string `cbor:"6,keyasint"`
	At        int64  `cbor:"7,keyasint"`
}

// ExportLimits are the limits in force.
func (o *Office) ExportLimits(ctx context.Context) (l ExportLimits, err error) {
	err = o.conf.Journal.View(ctx, func(r journal.Reader) error {
		l, err = exportLimitsIn(r)
		return err
	})
	return l, err
}

func exportLimitsIn(r journal.Reader) (ExportLimits, error) {
	b, ok, err := r.Note(ExportNote)
	if err != nil || !ok {
		return ExportLimits{Limits: bulk.Default}, err
	}
	var k exportLimits
	if err := record.Decode(b, &k); err != nil {
		return ExportLimits{Limits: bulk.Default}, err
	}
	return ExportLimits{bulk.Limits{PrintHour: k.PrintHour, PrintDay: k.PrintDay, TakeHour: k.TakeHour, TakeDay: k.TakeDay}.Bounded(), k.By, k.Reason, k.At}, nil
}

// MayLimitExport refuses limits outside their ranges, and a reason that is none.
func MayLimitExport(l bulk.Limits, reason string) error {
	const op = "enrol.exportlimits"
	if l != l.Bounded() {
		return fault.New(fault.Invalid, op, "", fmt.Sprintf("one person may print %d to %d patients in an hour and %d to %d in a day; central's commands may take out data of %d to %d in an hour and %d to %d in a day; a day's limit is not below an hour's. Nothing was changed",
			bulk.Least.PrintHour, bulk.Most.PrintHour, bulk.Least.PrintDay, bulk.Most.PrintDay, bulk.Least.TakeHour, bulk.Most.TakeHour, bulk.Least.TakeDay, bulk.Most.TakeDay))
	}
	if n := len(strings.TrimSpace(reason)); n < leastReason || n > mostReason {
		return fault.New(fault.Invalid, op, "", fmt.Sprintf("say why in a few words, %d to %d characters; the reason stands beside the limit and in the audit trail: --reason. Nothing was changed", leastReason, mostReason))
	}
	return nil
}

// SetExportLimits sets them; stations hear of it within a minute, or when they next
// speak with central.
func (o *Office) SetExportLimits(ctx context.Context, l bulk.Limits, by, reason string) error {
	const op = "enrol.exportlimits"
	if err := MayLimitExport(l, reason); err != nil {
		return err
	}
	now := o.conf.Now()
	kept, err := record.Encode(exportLimits{l.PrintHour, l.PrintDay, l.TakeHour, l.TakeDay, by, strings.TrimSpace(reason), now.UnixMilli()})
	if err != nil {
		return err
	}
	_, err = o.conf.Journal.Update(ctx, func(tx journal.Tx) error {
		was, err := exportLimitsIn(tx)
		if err != nil {
			return err
		}
		if err := tx.SetNote(ExportNote, kept); err != nil {
			return err
		}
		return o.audit(ctx, tx, "export-limits", "how much may leave", now, exportChanges(was.Limits, l)...)
	})
	return fault.Wrap(op, "", err)
}

func exportChanges(was, is bulk.Limits) []audit.Change {
	return []audit.Change{
		{Name: "patients one person may print in an hour", Before: number(was.PrintHour), After: number(is.PrintHour)},
		{Name: "patients one person may print in a day", Before: number(was.PrintDay), After: number(is.PrintDay)},
		{Name: "patients that commands may take out in an hour", Before: number(was.TakeHour), After: number(is.TakeHour)},
		{Name: "patients that commands may take out in a day", Before: number(was.TakeDay), After: number(is.TakeDay)},
	}
}
