package node

import (
	"context"
	"encoding/json"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/submit"
	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/audit"
)

// flaggedLook is one line of what stands out, for the privacy officer.
type flaggedLook struct {
	Received time.Time        `json:"received"`
	User     record.UserID    `json:"user"`
	Name     string           `json:"name"`
	Role     string           `json:"role,omitempty"`
	Station  record.StationID `json:"station"`
	Place    string           `json:"place,omitempty"`
	Patient  fhir.ID          `json:"patient"`            // "": not of one
	Patients string           `json:"patients,omitempty"` // how many it was about, where over the limit
	Command  string           `json:"command,omitempty"`  // of central's, where it was one
	Reason   string           `json:"reason,omitempty"`   // as given by whoever went over the limit, or why it was refused
	Why      string           `json:"why,omitempty"`      // the purpose
	Flags    []string         `json:"flags"`
	Look     string           `json:"look"` // number of the look, and whose chain it is in
	Outcome  string           `json:"outcome,omitempty"`
	Position record.Position  `json:"position"`
}

// auditFlagged lists the looks that stand out, oldest first.
func (n *Node) auditFlagged(ctx context.Context, _ Order, emit Emit) error {
	return n.journal.View(ctx, func(r journal.Reader) error {
		for e, err := range r.Trail(0) {
			if err != nil {
				return err
			}
			for _, event := range e.Audits {
				a, err := audit.Parse(event)
				if err != nil || a.Action != audit.Flagged {
					continue // another event, or one that this version cannot read
				}
				l := flaggedOf(a)
				l.Position, l.Received = e.Position, time.UnixMilli(e.Received).UTC()
				if err := emit(l); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func flaggedOf(a audit.Event) flaggedLook {
	l := flaggedLook{
		User: a.Who.User, Name: a.Who.Name, Role: a.Who.Role, Station: a.Who.Station, Place: a.Who.Place,
		Patient: a.Patient, Why: whyWords[a.Purpose], Outcome: outcomeWords[a.Outcome],
	}
	for _, d := range a.Details {
		switch d.Name {
		case submit.DetailFlag:
			l.Flags = append(l.Flags, d.Value)
		case submit.DetailLook:
			l.Look = d.Value
		case submit.DetailPatients:
			l.Patients, l.Reason = d.Value, a.Reason
		case submit.DetailCommand:
			l.Command = d.Value
		}
	}
	return l
}

// auditWatch has every look at a record flagged, or no longer.
func (n *Node) auditWatch(ctx context.Context, o Order, emit Emit) error {
	on := o.Args["end"] != "true"
	if o.Args["reason"] == "" {
		return fault.New(fault.Invalid, "node.watch", o.Args["id"], "say why, for the audit trail: --reason")
	}
	if err := n.submit.Watch(ctx, byOrder(o), fhir.ID(o.Args["id"]), on, o.Args["reason"]); err != nil {
		return err
	}
	return emit(json.RawMessage(`{"watched":` + map[bool]string{true: "true", false: "false"}[on] + `}`))
}
