package node

import (
	"context"

	"wardlight/internal/clinical/record"
)

// sessionsList shows somebody's open sessions, as their computers said last.
func (n *Node) sessionsList(ctx context.Context, o Order, emit Emit) error {
	a, err := n.office.Account(ctx, o.Args["user"])
	if err != nil {
		return err
	}
	list, err := n.office.Sessions(ctx, a.User, "")
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := emit(s); err != nil {
			return err
		}
	}
	return nil
}

// sessionsEnd ends somebody's sessions, at one computer or at all.
func (n *Node) sessionsEnd(ctx context.Context, o Order, emit Emit) error {
	if err := n.office.EndSessions(ctx, o.Args["user"], o.Args["station"]); err != nil {
		return err
	}
	where := o.Args["station"]
	if where == "" {
		where = "every computer"
	}
	return emit(map[string]any{"user": o.Args["user"], "ended_at": where, "note": "a computer that is connected hears of it within seconds, another when it is back; whoever knows the PIN can sign in again"})
}

// askSoon has stations ask at once how they and their people stand.
func (n *Node) askSoon(stations []record.StationID) {
	h := n.serving.Load()
	if h == nil {
		return
	}
	for _, s := range stations {
		h.AskSoon(s)
	}
}
