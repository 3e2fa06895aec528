package node

import (
	"context"
	"strconv"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/bulk"
	"wardlight/internal/trust/wallclock"
)

// Limits on what leaves by central's commands (package bulk). Each command that shows
// something either says what it takes out, or why that has no limit; one that says
// neither is refused.

// takes says what a command takes out, and of how many patients.
type takes func(n *Node, ctx context.Context, o Order) (bulk.Kind, int, error)

// everything is everybody's data.
func everything(n *Node, ctx context.Context, _ Order) (bulk.Kind, int, error) {
	count, err := n.countPatients(ctx)
	return bulk.Whole, count, err
}

// oneRecord is something of one patient.
func oneRecord(*Node, context.Context, Order) (bulk.Kind, int, error) { return bulk.Record, 1, nil }

// aBackup is everybody's data too, and as good as sealed where what opens it is not
// written beside it.
func aBackup(n *Node, ctx context.Context, o Order) (bulk.Kind, int, error) {
	count, err := n.countPatients(ctx)
	if o.Args["keys_passphrase"] == "" {
		return bulk.Sealed, count, err
	}
	return bulk.KeyedOut, count, err
}

func (n *Node) countPatients(ctx context.Context) (count int, err error) {
	err = n.journal.View(ctx, func(r journal.Reader) error {
		count = 0
		for _, err := range r.All(fhir.TypePatient, "") {
			if err != nil {
				return err
			}
			count++
		}
		return nil
	})
	return count, err
}

// take decides whether a command may take out what it shows, counts it, and puts it on
// record before a line goes out: as a look, or as refused. refused says that it is on
// record as that.
func (n *Node) take(ctx context.Context, c command, o Order) (refused bool, err error) {
	kind, count, err := c.takes(n, ctx, o)
	if err != nil {
		return false, err
	}
	limits, err := n.office.ExportLimits(ctx)
	if err != nil {
		return false, err
	}
	err = n.submit.Taking(ctx, func(was bulk.Ledger, unread error) (*bulk.Ledger, [][]byte, error) {
		ledger := was.At(bulk.Clock{Wall: n.conf.Now(), Up: n.conf.Uptime(), Boot: wallclock.Boot()})
		req := bulk.Request{Kind: kind, Patients: count, Past: ledger.Past(""), Unread: unread != nil, Limits: limits.Limits}
		dec := bulk.Decide(req)
		e := n.lookEvent(o, c.look)
		if e.Action == audit.Export || dec.Over {
			e.Details = append(e.Details, audit.Detail{Name: submit.DetailPatients, Value: strconv.Itoa(count)})
		}
		refused = !dec.Allow
		var why error
		if refused {
			why = fault.As(fault.Denied, "node.take", o.Cmd, dec.Err())
			e.Outcome, e.Reason = audit.Refused, dec.Why
		}
		events, err := overEvents(e, dec)
		if err != nil {
			refused = false
			return nil, nil, err
		}
		if fault.Is(unread, fault.Corrupt) { // as if the whole day's were taken out: nobody gains by it, and tomorrow it is over
			next := ledger.Add("", limits.TakeDay, 0)
			return &next, events, why
		}
		if refused || !dec.Counts || unread != nil { // what a newer program wrote stays
			return nil, events, why
		}
		next := ledger.Add("", count, 0)
		return &next, events, nil
	})
	return refused, err
}

// overEvents are the event of a command, and where it is over the limit central's word on
// it for whoever looks after privacy.
func overEvents(e audit.Event, dec bulk.Decision) ([][]byte, error) {
	var about audit.Event
	if dec.Over {
		e.Action = audit.Export
		within := "an hour"
		if dec.Reached.Day {
			within = "a day"
		}
		e.Details = append(e.Details, audit.Detail{Name: audit.OverLimit, Value: within},
			audit.Detail{Name: "before", Value: strconv.Itoa(dec.Reached.Past)}, audit.Detail{Name: "limit", Value: strconv.Itoa(dec.Reached.Limit)})
		about, _ = submit.OverFlag(e)
		about.Observer = e.Observer
		about.Details = append(about.Details, e.Details[1]) // which command
	}
	b, err := e.JSON()
	if err != nil || !dec.Over {
		return [][]byte{b}, err
	}
	flag, err := about.JSON()
	return [][]byte{b, flag}, err
}
