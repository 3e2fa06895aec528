package node

import (
	"context"
	"time"

	"wardlight/internal/central/submit"
)

// emergencyLine is one emergency access as it is printed.
type emergencyLine struct {
	submit.EmergencyAccess
	When   time.Time `json:"when"`
	DueBy  time.Time `json:"due_by"`
	Status string    `json:"status"` // waiting, overdue, reviewed
}

func lineOf(e submit.EmergencyAccess) emergencyLine {
	l := emergencyLine{
		EmergencyAccess: e, When: time.UnixMilli(e.At).UTC(), DueBy: time.UnixMilli(e.Received).Add(submit.ReviewWithin).UTC(), Status: "waiting",
	}
	switch {
	case e.Reviewed != 0:
		l.Status = "reviewed"
	case e.Overdue:
		l.Status = "overdue"
	}
	return l
}

func (n *Node) emergencies(ctx context.Context, _ Order, emit Emit) error {
	list, err := n.submit.Emergencies(ctx)
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := emit(lineOf(e)); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) endEmergency(ctx context.Context, o Order, emit Emit) error {
	e, err := n.submit.EndLoan(ctx, o.Args["id"], o.Who, o.Args["reason"])
	if err != nil {
		return err
	}
	return emit(lineOf(e))
}

func (n *Node) reviewEmergency(ctx context.Context, o Order, emit Emit) error {
	e, err := n.submit.ReviewEmergency(ctx, o.Args["id"], o.Who, o.Args["words"])
	if err != nil {
		return err
	}
	return emit(lineOf(e))
}
