package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
)

// WardPack is what a ward goes on with on paper: its list by bed, and for each
// patient the chart and the sheet, in the same order.
type WardPack struct {
	Ward   string // whose list it is; "" for everybody on this computer
	AsOf   time.Time
	Rows   []ward.Row
	Charts []ward.Chart
	Sheets []ward.Sheet
}

// PackPatients are those who would be in a pack now. whole says that this computer
// holds everything about them: while a copy is being filled somebody who is missing has
// not left, and "no allergies" is not known. It asks for nobody: see WardPack.
func (d *Desk) PackPatients(ctx context.Context) (ids []fhir.ID, whole bool, err error) {
	if err := d.begin(ctx); err != nil {
		return nil, false, err
	}
	if err := d.fillWard(ctx); err != nil {
		return nil, false, err
	}
	whole = !d.asOf().IsZero() && !d.link.filling()
	b := &d.board
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range d.list(d.onBoard) {
		ids = append(ids, r.Who.ID)
		whole = whole && r.Whole && r.Loading != ward.LoadingAll
	}
	return ids, whole, nil
}

// WardPack reads a pack for the computer itself, which keeps one ready: nobody need be
// signed in, because nobody sees it before they print it, and then they are asked who
// they are and it is written down. Patients beyond most are not left out silently: it
// is fault.Full. Where the copy is not whole it is fault.Unavailable.
func (d *Desk) WardPack(ctx context.Context, most int) (WardPack, error) {
	const op = "desk.wardpack"
	ids, whole, err := d.PackPatients(ctx)
	switch {
	case err != nil:
		return WardPack{}, fault.Wrap(op, "", err)
	case !whole:
		return WardPack{}, fault.New(fault.Unavailable, op, "", "this computer's copy is not whole")
	case len(ids) > most:
		return WardPack{}, fault.Newf(fault.Full, op, "", "a pack holds %d patients at most, and here are %d", most, len(ids))
	}
	out := WardPack{Ward: d.cfg.Ward, AsOf: d.asOf()}
	d.board.mu.Lock()
	for _, r := range d.list(d.onBoard) {
		out.Rows = append(out.Rows, *r)
	}
	d.board.mu.Unlock()
	slices.SortStableFunc(out.Rows, func(a, b ward.Row) int {
		return cmp.Or(ward.CompareBeds(a.Who.Bed, b.Who.Bed), cmp.Compare(a.Who.ID, b.Who.ID))
	})
	for i := range out.Rows {
		out.Rows[i].AsOf = out.AsOf
		if err := d.packPatient(ctx, out.Rows[i].Who.ID, &out); err != nil {
			return WardPack{}, fault.Wrap(op, "", err)
		}
	}
	return out, nil
}

// packPatient adds one patient. Each is read by itself: nothing is held meanwhile that
// somebody's entry would wait for.
func (d *Desk) packPatient(ctx context.Context, id fhir.ID, out *WardPack) error {
	if err := ctx.Err(); err != nil {
		return fault.As(fault.Timeout, "desk.wardpack", "", err)
	}
	var chart ward.Chart
	var sheet ward.Sheet
	err := d.store.View(ctx, func(r Reader) error {
		c, err := load(r, id)
		if err != nil {
			return err
		}
		if chart, err = d.chart(c); err != nil {
			return err
		}
		sheet, err = d.sheet(c)
		return err
	})
	if err != nil {
		return err
	}
	d.board.similarTo(&chart.Who)
	chart.HeldBack, sheet.Who = d.heldFor(id), chart.Who
	out.Charts, out.Sheets = append(out.Charts, chart), append(out.Sheets, sheet)
	return nil
}
