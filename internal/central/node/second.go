package node

import (
	"context"

	"wardlight/internal/fault"
)

// secondEnrol gives an account a second factor. What it says is shown once, and is
// in no record.
func (n *Node) secondEnrol(ctx context.Context, o Order, emit Emit) error {
	s, err := n.office.EnrolSecond(ctx, o.Args["user"])
	if err != nil {
		return err
	}
	if err := emit(s); err != nil {
		return err
	}
	return n.sayAccount(ctx, o, map[string]any{}, func(any) error { return nil })
}

func (n *Node) secondConfirm(ctx context.Context, o Order, emit Emit) error {
	if err := n.office.ConfirmSecond(ctx, o.Args["user"], o.Args["code"]); err != nil {
		return err
	}
	return n.sayAccount(ctx, o, map[string]any{"second_factor": "is asked for from now on"}, emit)
}

func (n *Node) secondRemove(ctx context.Context, o Order, emit Emit) error {
	if err := n.office.RemoveSecond(ctx, o.Args["user"]); err != nil {
		return err
	}
	return n.sayAccount(ctx, o, map[string]any{"second_factor": "removed"}, emit)
}

// secondDemand demands a second factor of whoever may have one, or ends that, and
// says who has none: they are shut out until they set one up.
func (n *Node) secondDemand(ctx context.Context, o Order, emit Emit) error {
	const op = "node.seconddemand"
	var err error
	switch demand := o.Args["demand"]; {
	case demand == "on":
		err = n.office.DemandSecond(ctx, true)
	case demand == "off" && o.Args["reason"] == "":
		err = fault.New(fault.Invalid, op, "", "say why (--reason): whoever knows an administrator's PIN is in again afterwards")
	case demand == "off":
		err = n.office.DemandSecond(ctx, false)
	case demand != "":
		err = fault.New(fault.Invalid, op, "", "a second factor is demanded (on) or not (off)")
	default: // it shows how that stands, and nothing else
		err = n.auditLook(ctx, o, "whether a second factor is demanded")
	}
	if err != nil {
		return err
	}
	on, err := n.office.SecondDemanded(ctx)
	if err != nil {
		return err
	}
	without, err := n.office.WithoutSecond(ctx)
	if err != nil {
		return err
	}
	return emit(map[string]any{"demanded": on, "without": without})
}
