package desk

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/station/cache"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// Sheets is one print: what it is, its name on record, and whose data is on it.
type Sheets struct {
	Kind     bulk.Kind
	What     string // "handover", "labels, 2 of each, …"
	Patients []ward.PatientID
	Ours     bool   // everybody on it is of this computer's ward, though they may have left meanwhile
	Over     string // why it goes on over the limit; whoever gives it has checked the PIN once more
}

// BulkFact names the fact that holds what was printed lately (bulk.Ledger). It lies in
// the copy, sealed, and goes in the same commit as the looks that it counts.
const BulkFact = "printed"

// printing lets one print at a time be decided and counted.
type printing struct{ mu sync.Mutex }

// PrintLook decides whether the person who is signed in may take these patients' data
// off the screen, and records that they do: one event for each patient, durable when it
// returns, and counted. Whoever prints calls it before there is a file. Over the limit
// nothing may be printed: it is a *ward.OverLimit, on record as refused.
func (d *Desk) PrintLook(ctx context.Context, s Sheets) error {
	const op = "desk.printlook"
	p, err := d.author(op)
	if err != nil {
		return err
	}
	if len(s.Patients) == 0 {
		return fault.As(fault.NotFound, op, "", words.Errorf("There is nobody on this sheet. Nothing was printed."))
	}
	if err := d.begin(ctx); err != nil {
		return err
	}
	d.printing.mu.Lock()
	defer d.printing.mu.Unlock()
	ledger, read := d.printed()
	req := d.printRequest(p, s, ledger)
	req.Unread = read != nil
	dec := bulk.Decide(req)
	if !dec.Allow {
		return d.refusedPrint(ctx, p, s, req, dec)
	}
	looks, err := d.printLooks(p, s, audit.Success, "")
	if err != nil {
		return err
	}
	if dec.Over {
		over, err := d.overLimit(p, s, req, dec).JSON()
		if err != nil {
			return fault.Wrap(op, "", err)
		}
		looks = append(looks, over)
	}
	var facts []cache.Fact
	if dec.Counts && !fault.Is(read, fault.Unsupported) { // what a newer program wrote stays
		f, err := printedFact(ledger.Add(p.User, req.Patients, req.Others))
		if err != nil {
			return err
		}
		facts = append(facts, f)
	}
	if err := d.store.Commit(ctx, nil, looks, facts...); err != nil {
		return d.notSaved(op, err)
	}
	return nil
}

// PrintFailed records that there was no sheet in the end: what PrintLook said would
// otherwise stand there as data that was taken out. It is not counted any more, so that
// a printer without paper costs nobody a print.
func (d *Desk) PrintFailed(ctx context.Context, s Sheets) error {
	const op = "desk.printfailed"
	p, err := d.author(op)
	if err != nil {
		return err
	}
	looks, err := d.printLooks(p, s, audit.Failed, "nothing was printed")
	if err != nil || len(looks) == 0 {
		return err
	}
	d.printing.mu.Lock()
	defer d.printing.mu.Unlock()
	var facts []cache.Fact
	ledger, read := d.printed()
	req := d.printRequest(p, s, ledger)
	if read == nil && bulk.Decide(req).Counts {
		f, err := printedFact(ledger.Return(p.User, req.Patients, req.Others))
		if err != nil {
			return err
		}
		facts = append(facts, f)
	}
	if err := d.store.Commit(ctx, nil, looks, facts...); err != nil {
		return d.notSaved(op, err)
	}
	return nil
}

// printed is what was printed lately, brought up to now. What cannot be read is an error
// beside an empty one.
func (d *Desk) printed() (bulk.Ledger, error) { return Printed(d.store, d.cfg.Clock()) }

// facts is what of a copy it is read from.
type facts interface {
	Fact(key string) ([]byte, error)
}

// Printed is that of a copy.
func Printed(in facts, now bulk.Clock) (bulk.Ledger, error) {
	b, err := in.Fact(BulkFact)
	var l bulk.Ledger
	if err == nil {
		l, err = bulk.ParseLedger(b)
	}
	return l.At(now), err
}

func printedFact(l bulk.Ledger) (cache.Fact, error) {
	b, err := l.Bytes()
	return cache.Fact{Key: BulkFact, Value: b}, err
}

// printRequest is what the decision depends on. The person's own ward is this
// computer's: on another one they would not see its list.
func (d *Desk) printRequest(p ward.Person, s Sheets, l bulk.Ledger) bulk.Request {
	connected, _ := d.Contact()
	r := bulk.Request{
		Kind: s.Kind, Role: rbac.Role(p.Role), Patients: len(s.Patients), Past: l.Past(p.User), Cut: !connected, Reason: s.Over != "",
	}
	if d.cfg.PrintLimits != nil {
		r.Limits = d.cfg.PrintLimits()
	}
	ours := map[fhir.ID]bool{}
	if d.cfg.Ward != "" {
		d.board.mu.Lock()
		for _, row := range d.list(d.onBoard) {
			ours[row.Who.ID] = true
		}
		d.board.mu.Unlock()
	}
	if s.Ours {
		for _, id := range s.Patients {
			ours[id] = true
		}
	}
	r.Ward = len(ours)
	for _, id := range s.Patients {
		if !ours[id] {
			r.Others++
		}
	}
	return r
}

func (d *Desk) printLooks(p ward.Person, s Sheets, outcome audit.Outcome, reason string) ([][]byte, error) {
	looks := make([][]byte, 0, len(s.Patients)+1)
	for _, id := range s.Patients {
		e := d.event(p, audit.Export)
		e.Patient, e.Query, e.Outcome, e.Reason = id, onPaper(s), outcome, reason
		e.Purpose, _ = d.purposes(p, id)
		b, err := e.JSON()
		if err != nil {
			return nil, fault.Wrap("desk.print", string(id), err)
		}
		looks = append(looks, b)
	}
	return looks, nil
}

func onPaper(s Sheets) string { return "printed: " + s.What }

// overLimit is the event of a print that is over the limit, beside those of its
// patients: it names none of them.
func (d *Desk) overLimit(p ward.Person, s Sheets, r bulk.Request, dec bulk.Decision) audit.Event {
	e := d.event(p, audit.Export)
	e.Query, e.Reason, e.Details = onPaper(s), s.Over, OverDetails(r, dec)
	if s.Over != "" {
		e.Purpose = audit.BreakGlass
	}
	return e
}

// OverDetails are what an event says of a limit that was reached.
func OverDetails(r bulk.Request, dec bulk.Decision) []audit.Detail {
	within := map[bool]string{false: "an hour", true: "a day"}[dec.Reached.Day]
	list := []audit.Detail{
		{Name: audit.OverLimit, Value: within},
		{Name: "patients", Value: strconv.Itoa(r.Patients)},
		{Name: "before", Value: strconv.Itoa(dec.Reached.Past)},
		{Name: "limit", Value: strconv.Itoa(dec.Reached.Limit)},
	}
	if dec.Reached.Others {
		list = append(list, audit.Detail{Name: "of other wards", Value: strconv.Itoa(r.Others)})
	}
	if r.Cut {
		list = append(list, audit.Detail{Name: "central", Value: "could not be reached"})
	}
	return list
}

// refusedPrint writes down that somebody wanted to print and might not, and says what to
// do. Where that cannot be written down nothing is printed either.
func (d *Desk) refusedPrint(ctx context.Context, p ward.Person, s Sheets, r bulk.Request, dec bulk.Decision) error {
	const op = "desk.printlook"
	e := d.event(p, audit.Export)
	e.Query, e.Outcome, e.Reason = onPaper(s), audit.Refused, dec.Why
	if dec.Over {
		e.Details = OverDetails(r, dec)
	}
	if err := d.look(ctx, e); err != nil {
		return err
	}
	if !dec.Over {
		return fault.As(fault.Denied, op, "", dec.Err())
	}
	return fault.As(fault.Denied, op, "", &ward.OverLimit{Patients: r.Patients, Ask: dec.Ask, Words: dec.Err()})
}

// MayPrintOver says whether a reason is one: a word is none, a page is none either.
func MayPrintOver(reason string) (string, error) {
	if reason = strings.TrimSpace(reason); len(reason) < minReason || len(reason) > maxReason {
		return "", fault.As(fault.Invalid, "desk.printover", "", words.Errorf("Say in a few words why the ward needs this print now. The privacy officer reads it."))
	}
	return reason, nil
}
