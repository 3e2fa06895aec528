package desk

import (
	"context"
	"slices"
	"time"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/told"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/rbac"
	"wardlight/internal/words"
)

// Bounds of the wait for a record that central has lent. On a ward's network it takes
// less than a second, on the poorest line some ten.
const (
	comesWithin = 25 * time.Second
	comesEvery  = 100 * time.Millisecond
)

// borrow asks central for the record of somebody whom this computer does not hold,
// waits until it is here, and begins emergency access to it. For as long as it is
// lent the whole computer holds it; who may look is decided as for any other patient,
// so nobody else sees it.
//
// What central refuses it has put on record itself.
func (d *Desk) borrow(ctx context.Context, p ward.Person, who, reason string) (ward.Emergency, error) {
	const op = "desk.borrow"
	id, until, err := d.cfg.Lend(ctx, p.User, who, reason)
	switch {
	case fault.Is(err, fault.Unavailable), fault.Is(err, fault.Timeout):
		return ward.Emergency{}, fault.As(fault.NotFound, op, "", words.Errorf("Nobody on this computer has exactly this name and date of birth, or this number, and the server cannot be asked now. Phone the ward where the patient is."))
	case err != nil:
		return ward.Emergency{}, told.Lending.Err(err)
	}
	if err := d.comes(ctx, id); err != nil {
		return ward.Emergency{}, err
	}
	last := min(until.Sub(d.now()), emergencyFor)
	open := false
	if err := d.view(ctx, id, func(c *compartment) error {
		open = d.decision(p, rbac.View, fhir.TypePatient, c, rbac.Treatment).Allow
		return nil
	}); err != nil {
		return ward.Emergency{}, err
	}
	if open { // somebody who covers the whole hospital needs the record here, and no more
		return ward.Emergency{Patient: id, Until: d.cfg.Now().Add(last).In(d.loc), Reason: reason}, nil
	}
	return d.breakGlass(ctx, p, id, reason, last)
}

// comes waits until a record that was lent is on this computer.
func (d *Desk) comes(ctx context.Context, id fhir.ID) error {
	const op = "desk.comes"
	ctx, cancel := context.WithTimeout(ctx, comesWithin)
	defer cancel()
	tick := time.NewTicker(comesEvery)
	defer tick.Stop()
	for {
		here := false
		if err := d.view(ctx, id, func(c *compartment) error {
			here = d.lent(c)
			return nil
		}); err != nil && ctx.Err() == nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if here {
			return nil
		}
		select {
		case <-ctx.Done():
			return fault.As(fault.Unavailable, op, string(id), words.Errorf("You have access for an hour, and the record is still on its way. Press once more in a moment."))
		case <-tick.C:
		}
	}
}

// lent says whether central has lent a record, or another of the same person, to this
// computer, by what has come from central.
func (d *Desk) lent(c *compartment) bool {
	if c.r == nil || c.id == "" {
		return false
	}
	for _, id := range append(slices.Clone(c.joined), c.id, c.into) {
		if id == "" {
			continue
		}
		ch, ok, err := c.r.LooseCurrent(record.LentTo(d.cfg.Station, id))
		if err != nil || !ok {
			continue
		}
		l, err := fhir.View[fhir.List](ch.Body)
		if err != nil || fhir.ExtString(l.Extension, fhir.ExtLent) != string(d.cfg.Station) {
			continue
		}
		until, ok := fhir.ExtensionOf(l.Extension, fhir.ExtUntil)
		if !ok || until.ValueDateTime == nil {
			continue
		}
		if end, _ := when(*until.ValueDateTime, d.loc); d.now().Before(end) { // none that can be read: long ago
			return true
		}
	}
	return false
}
