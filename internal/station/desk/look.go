package desk

import (
	"context"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/clinical/ward"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// event begins an audit event of something that p does here.
func (d *Desk) event(p ward.Person, a audit.Action) audit.Event {
	d.link.mu.Lock()
	offset, measured := d.link.state.Offset, d.link.state.Measured
	d.link.mu.Unlock()
	return audit.Event{
		Action: a, Recorded: d.cfg.Now(), Offset: offset, Measured: measured, Purpose: audit.Treatment, Outcome: audit.Success,
		Who: audit.Who{User: record.UserID(p.User), Name: p.Name, Role: p.Role, Station: d.cfg.Station, Place: d.cfg.Place},
	}
}

// look makes one audit event durable.
func (d *Desk) look(ctx context.Context, e audit.Event) error {
	b, err := e.JSON()
	if err == nil {
		err = d.store.Commit(ctx, nil, [][]byte{b})
	}
	return fault.Wrap("desk.look", "", err)
}

// refusedLook writes down that somebody tried, and returns the refusal.
func (d *Desk) refusedLook(ctx context.Context, p ward.Person, patient fhir.ID, a audit.Action, refusal error) error {
	e := d.event(p, a)
	e.Patient, e.Outcome, e.Reason = patient, audit.Refused, "not allowed by the rules of this computer"
	if err := d.look(ctx, e); err != nil {
		return err
	}
	return refusal
}

// maxQuery bounds the words of a search that the audit keeps.
const maxQuery = 200

// OpenList records that the person who is signed in looks at a list of
// patients: "board", "alerts", "results", "tasks", "orders", "handover", "reviews", "outage", "my list", or a "search" with its
// text. A page calls it once each time it is opened.
func (d *Desk) OpenList(ctx context.Context, list, search string) error {
	p, err := d.author("desk.openlist")
	if err != nil {
		return err
	}
	e := d.event(p, audit.Search)
	e.Query = list
	if d.cfg.Ward != "" {
		e.Query += " of ward " + d.cfg.Ward
	}
	if search != "" {
		e.Query += ": " + search[:min(len(search), maxQuery)]
	}
	return d.look(ctx, e)
}

// sat records that a session began or ended. That it cannot be recorded keeps
// nobody from the record, but it is told.
func (d *Desk) sat(p ward.Person, a audit.Action) {
	if err := d.look(context.Background(), d.event(p, a)); err != nil {
		d.post.send(ward.Notice{Kind: ward.NoticeFailed})
	}
}
