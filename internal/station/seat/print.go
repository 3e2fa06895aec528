package seat

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/desk"
	"wardlight/internal/station/paper"
	"wardlight/internal/station/printer"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/words"
)

// printDir holds what is being printed, for as long as that takes. It lies in the
// station's own folder, so that it goes with it.
const printDir = "print"

func (s *Seat) printer() printer.Printer {
	return printer.Printer{Dir: filepath.Join(s.conf.Dir, printDir), Run: s.conf.Print}
}

// sheetHead is what stands on every page of what the person who is signed in
// prints now.
func (s *Seat) sheetHead(d *desk.Desk, title string) (paper.Head, error) {
	p, ok := d.SignedIn()
	if !ok {
		return paper.Head{}, fault.As(fault.Denied, "seat.print", "", words.Errorf("Nobody is signed in at this computer. Nothing was printed."))
	}
	if d.Link().Drill != nil { // on paper, too, nobody may take it for an outage
		title = words.F("%s, DRILL", title)
	}
	return paper.Head{Title: title, Ward: s.place(), By: p.Name, Made: s.conf.Now().In(s.conf.Zone), AsOf: d.Link().AsOf}, nil
}

// place is whose sheets this computer prints.
func (s *Seat) place() string {
	names := make([]string, len(s.info.Wards))
	for i, w := range s.info.Wards {
		names[i] = string(w)
	}
	if len(names) == 0 {
		return s.info.Place
	}
	return words.F("Ward %s", strings.Join(names, ", "))
}

// print has it decided whether so much may leave, writes the look down, makes the sheet
// and sends it, in this order: there is no file before the look is durable. Where there
// was no sheet in the end, that is written down, too.
func (s *Seat) print(ctx context.Context, d *desk.Desk, sheets desk.Sheets, draw func() ([]byte, error)) (string, error) {
	return s.printBy(ctx, d, s.printer(), sheets, draw)
}

func (s *Seat) printBy(ctx context.Context, d *desk.Desk, p printer.Printer, sheets desk.Sheets, draw func() ([]byte, error)) (string, error) {
	if err := d.PrintLook(ctx, sheets); err != nil {
		return "", err
	}
	said, err := send(ctx, p, draw)
	if err != nil && said == "" { // with words it was printed, and something went wrong afterwards
		err = errors.Join(err, d.PrintFailed(context.WithoutCancel(ctx), sheets))
	}
	return said, err
}

func send(ctx context.Context, p printer.Printer, draw func() ([]byte, error)) (string, error) {
	pdf, err := draw()
	if err != nil {
		return "", err
	}
	return p.Send(ctx, pdf)
}

// PrintHandover prints the sheets of these patients, in the order of the ward, and
// says in words what became of it.
func (s *Seat) PrintHandover(ctx context.Context, patients []ward.PatientID) (string, error) {
	return s.printWhat(ctx, ward.Printing{What: ward.PrintSheets, Patients: patients}, "")
}

// PrintWard prints the list of the ward.
func (s *Seat) PrintWard(ctx context.Context) (string, error) {
	return s.printWhat(ctx, ward.Printing{What: ward.PrintList}, "")
}

// PrintPack prints what the ward goes on with when everything else is down: the
// list, and for each patient what is known and charts to continue by hand. It is
// made of this computer's own copy, so it needs nothing of the network. Where that copy
// is not whole, because it was damaged and is being filled again, the pack that was kept
// from before is printed, and the words say so.
func (s *Seat) PrintPack(ctx context.Context) (string, error) {
	return s.printWhat(ctx, ward.Printing{What: ward.PrintPack}, "")
}

// PrintOver prints what was refused as over the limit (*ward.OverLimit), once: with why
// it is needed now, and the PIN of whoever is signed in once more, as for emergency
// access. The privacy officer reads why.
func (s *Seat) PrintOver(ctx context.Context, what ward.Printing, reason, pin string) (string, error) {
	const op = "seat.printover"
	reason, err := desk.MayPrintOver(reason)
	if err != nil {
		return "", err
	}
	_, p, err := s.sitting(op)
	if err != nil {
		return "", err
	}
	if pin == "" {
		return "", fault.As(fault.Invalid, op, "", words.Errorf("Give your PIN once more."))
	}
	if _, err := s.SignIn(ctx, p.User, pin); err != nil {
		return "", mistyped(err)
	}
	return s.printWhat(ctx, what, reason)
}

// printWhat prints; over is why it goes on over the limit, "" where nobody said so.
func (s *Seat) printWhat(ctx context.Context, what ward.Printing, over string) (string, error) {
	d, err := s.Desk()
	if err != nil {
		return "", err
	}
	var said string
	switch what.What {
	case ward.PrintSheets:
		said, err = s.printSheets(ctx, d, what.Patients, over)
	case ward.PrintList:
		said, err = s.printList(ctx, d, over)
	case ward.PrintPack:
		said, err = s.printPack(ctx, d, over)
	default:
		err = fault.New(fault.Invalid, "seat.print", "", "there is nothing of this kind to print")
	}
	var limit *ward.OverLimit
	if errors.As(err, &limit) {
		limit.Printing = what
	}
	return said, err
}

func (s *Seat) printSheets(ctx context.Context, d *desk.Desk, patients []ward.PatientID, over string) (string, error) {
	head, err := s.sheetHead(d, words.T("Handover"))
	if err != nil {
		return "", err
	}
	h, err := d.Handover(ctx)
	if err != nil {
		return "", err
	}
	list := slices.DeleteFunc(h.Sheets, func(x ward.Sheet) bool { return !slices.Contains(patients, x.Who.ID) })
	sheets := desk.Sheets{Kind: bulk.Handover, What: "handover", Over: over}
	for i := range list {
		sheets.Patients = append(sheets.Patients, list[i].Who.ID)
	}
	return s.print(ctx, d, sheets, func() ([]byte, error) { return paper.Handover(head, list, head.Made) })
}

// board is the rows of the ward, by bed, and whose they are.
func board(ctx context.Context, d *desk.Desk) (rows []ward.Row, ids []ward.PatientID, err error) {
	rows, err = d.Board(ctx)
	if err != nil {
		return nil, nil, err
	}
	slices.SortStableFunc(rows, func(a, b ward.Row) int {
		return cmp.Or(ward.CompareBeds(a.Who.Bed, b.Who.Bed), cmp.Compare(a.Who.ID, b.Who.ID))
	})
	for i := range rows {
		ids = append(ids, rows[i].Who.ID)
	}
	return rows, ids, nil
}

func (s *Seat) printList(ctx context.Context, d *desk.Desk, over string) (string, error) {
	head, err := s.sheetHead(d, words.T("List"))
	if err != nil {
		return "", err
	}
	rows, ids, err := board(ctx, d)
	if err != nil {
		return "", err
	}
	return s.print(ctx, d, desk.Sheets{Kind: bulk.List, What: "ward list", Patients: ids, Over: over}, func() ([]byte, error) { return paper.List(head, rows, head.Made) })
}

// maxPack bounds the patients of a pack.
const maxPack = 300

func (s *Seat) printPack(ctx context.Context, d *desk.Desk, over string) (string, error) {
	if _, whole, err := d.PackPatients(ctx); err != nil || !whole {
		if _, kept := s.ReadyPack(); kept {
			return s.printReadyPack(ctx, d, over)
		}
	}
	head, err := s.sheetHead(d, words.T("Ward pack"))
	if err != nil {
		return "", err
	}
	rows, ids, err := board(ctx, d)
	if err != nil {
		return "", err
	}
	if len(ids) > maxPack {
		return "", fault.As(fault.Invalid, "seat.printpack", "", words.Errorf("A pack holds %d patients at most; this computer has %d. Nothing was printed. Print the list, and the charts that you need.", maxPack, len(ids)))
	}
	patients, err := packOf(ctx, d, ids)
	if err != nil {
		return "", err
	}
	return s.print(ctx, d, desk.Sheets{Kind: bulk.Pack, What: "ward pack", Patients: ids, Over: over}, func() ([]byte, error) { return paper.Pack(head, rows, patients, head.Made) })
}

// packOf reads the charts and sheets of the patients of a pack.
func packOf(ctx context.Context, d *desk.Desk, ids []ward.PatientID) ([]paper.Patient, error) {
	h, err := d.Handover(ctx)
	if err != nil {
		return nil, err
	}
	sheets := map[ward.PatientID]ward.Sheet{}
	for _, x := range h.Sheets {
		sheets[x.Who.ID] = x
	}
	var out []paper.Patient
	for _, id := range ids {
		sheet, ok := sheets[id]
		if !ok {
			continue // left the ward between the two readings
		}
		c, err := d.Chart(ctx, id)
		if err != nil {
			return nil, err
		}
		out = append(out, paper.Patient{Chart: c, Sheet: sheet})
	}
	return out, nil
}

// sweepPrints removes what is left of prints whenever nobody is signed in, and at
// the end.
func (s *Seat) sweepPrints(ctx context.Context, d *desk.Desk) {
	sweep := func() {
		if err := s.printer().Sweep(); err != nil {
			s.conf.Log.Error("a printed file could not be removed", "err", err)
		}
	}
	sweep()
	defer sweep()
	for n := range d.Subscribe(ctx) {
		if n.Kind != ward.NoticeSession {
			continue
		}
		if _, in := d.SignedIn(); !in {
			sweep()
		}
	}
}
