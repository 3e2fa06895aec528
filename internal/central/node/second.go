package node

import "context"

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
