package desk

import (
	"context"
	"strings"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/naming"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// Emergency access ("breaking the glass") opens the record of one patient to a
// clinician of another ward: with a reason, the PIN once more, for an hour, with the
// network out too where this computer holds the record. Where it does not, central is
// asked to lend it (see borrow). The patient is named whole,
// so that nobody browses by it. It is on record before anything is shown, says
// so on the chart for as long as it lasts, and central's privacy officer reviews
// each one (clinical.md 9.3).

// emergencyFor is how long it lasts.
const emergencyFor = time.Hour

// Bounds of a reason: a word is no reason, a page is none either.
const (
	minReason = 8
	maxReason = 500
)

// glass is one open emergency access.
type glass struct {
	until  time.Time // by the station's own clock, monotonic where it is
	reason string
}

// BreakGlass begins emergency access for the person who is signed in. who names
// one patient: family and given name with the date of birth (1954-03-14), or a
// whole number such as the NHS number. Whoever calls it has checked the PIN once
// more.
func (d *Desk) BreakGlass(ctx context.Context, who, reason string) (ward.Emergency, error) {
	const op = "desk.emergency"
	p, err := d.author(op)
	if err != nil {
		return ward.Emergency{}, err
	}
	if reason = strings.TrimSpace(reason); len(reason) < minReason || len(reason) > maxReason {
		return ward.Emergency{}, fault.As(fault.Invalid, op, "", words.Errorf("Say in a few words why you need this record now. The privacy officer reads it."))
	}
	id, err := d.named(ctx, op, who)
	if fault.Is(err, fault.NotFound) && d.cfg.Lend != nil {
		return d.borrow(ctx, p, who, reason)
	}
	if err != nil {
		return ward.Emergency{}, d.refusedGlass(ctx, p, id, err)
	}
	return d.breakGlass(ctx, p, id, reason, emergencyFor)
}

// breakGlass begins emergency access to somebody who is held here.
func (d *Desk) breakGlass(ctx context.Context, p ward.Person, id fhir.ID, reason string, last time.Duration) (ward.Emergency, error) {
	const op = "desk.emergency"
	if err := d.view(ctx, id, func(c *compartment) error { return d.mayBreak(op, p, c) }); err != nil {
		return ward.Emergency{}, d.refusedGlass(ctx, p, id, err)
	}
	e := d.event(p, audit.Break)
	e.Patient, e.Purpose, e.Reason = id, audit.BreakGlass, reason
	if err := d.look(ctx, e); err != nil {
		return ward.Emergency{}, err
	}
	g := glass{until: d.cfg.Now().Add(last), reason: reason}
	d.session.mu.Lock()
	d.session.glass[id] = g
	d.session.mu.Unlock()
	d.post.send(ward.Notice{Kind: ward.NoticeSession})
	return ward.Emergency{Patient: id, Until: g.until.In(d.loc), Reason: reason}, nil
}

// refusedGlass writes down that somebody tried. Input that makes no sense is no
// try.
func (d *Desk) refusedGlass(ctx context.Context, p ward.Person, id fhir.ID, why error) error {
	if fault.Is(why, fault.Invalid) || fault.Is(why, fault.Unavailable) {
		return why
	}
	e := d.event(p, audit.Break)
	e.Patient, e.Purpose, e.Outcome, e.Reason = id, audit.BreakGlass, audit.Refused, "emergency access was not given"
	if err := d.look(ctx, e); err != nil {
		return err
	}
	return why
}

// mayBreak: is it needed, and may this role do it?
func (d *Desk) mayBreak(op string, p ward.Person, c *compartment) error {
	if d.decision(p, rbac.View, fhir.TypePatient, c, rbac.Treatment).Allow {
		return fault.As(fault.Invalid, op, string(c.id), words.Errorf("You may open this chart without it."))
	}
	if dec := d.decision(p, rbac.View, fhir.TypePatient, c, rbac.BreakGlass); !dec.Allow {
		return fault.As(fault.Denied, op, string(c.id), mayNot(dec))
	}
	return nil
}

// named finds the one patient whom somebody names whole.
func (d *Desk) named(ctx context.Context, op, who string) (fhir.ID, error) {
	if err := d.begin(ctx); err != nil {
		return "", err
	}
	whole := naming.WholeOf(who)
	var found []fhir.ID
	d.board.mu.Lock()
	for id, v := range d.board.rows {
		if whole.Names(v.row.Who.Family, v.row.Who.Given, v.row.Who.Born, strings.Fields(v.numbers)) {
			found = append(found, id)
		}
	}
	d.board.mu.Unlock()
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fault.As(fault.NotFound, op, "", words.Errorf("Nobody on this computer has exactly this name and date of birth, or this number. Give family name, given name and date of birth (1954-03-14), or the whole NHS number."))
	}
	return "", fault.As(fault.Conflict, op, "", words.Errorf("More than one patient fits. Give the whole NHS number."))
}

// emergency is the open emergency access of p to a patient, if there is one.
func (d *Desk) emergency(p ward.Person, id fhir.ID) (glass, bool) {
	d.session.mu.RLock()
	defer d.session.mu.RUnlock()
	g, ok := d.session.glass[id]
	ok = ok && d.session.person != nil && d.session.person.User == p.User && d.cfg.Now().Before(g.until)
	return g, ok
}

// purposes are why p looks at, or writes for, a patient now.
func (d *Desk) purposes(p ward.Person, id fhir.ID) (audit.Purpose, record.Purpose) {
	if _, open := d.emergency(p, id); open {
		return audit.BreakGlass, record.Emergency
	}
	return audit.Treatment, ""
}
