package node

import (
	"context"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// turnsEvery is how often central looks for messages whose turn it is: those
// that a replay or a dismissal let go are filed at once, so that this finds only
// what a stop or a full disk left.
const turnsEvery = 30 * time.Second

// replay files a message again, and what waited behind it.
func (n *Node) replay(ctx context.Context, o Order, emit Emit) error {
	again, err := n.fileAgain(ctx, byOrder(o), o.Args["id"])
	if err != nil {
		return err
	}
	if err := emit(again); err != nil {
		return err
	}
	return n.followers(ctx, emit)
}

// dismiss settles a held-back message that will never be filed, and files what
// waited behind it; submit audits it.
func (n *Node) dismiss(ctx context.Context, o Order, emit Emit) error {
	row, err := n.submit.Dismiss(ctx, byOrder(o), o.Args["id"], o.Args["reason"])
	if err != nil {
		return err
	}
	if err := emit(row); err != nil {
		return err
	}
	return n.followers(ctx, emit)
}

// fileAgain translates a message anew, as if it came when it came.
func (n *Node) fileAgain(ctx context.Context, by record.Author, id string) (record.Inbound, error) {
	row, raw, err := n.row(ctx, id)
	if err != nil {
		return record.Inbound{}, err
	}
	f := n.mllp.Translate(raw, "", time.UnixMilli(row.Received))
	if f.Inbound.ID != row.ID && row.Fate == record.FateRefused {
		return record.Inbound{}, fault.New(fault.Denied, "node.replay", id, "this message was refused because of the line on which it came, and is not filed from here; have its sender send it on a line of its own: wardlightd sender list")
	}
	return n.submit.Replay(ctx, by, row.ID, f)
}

// followers files the messages whose turn it is, one after the other, until
// there is none. One that cannot be read any more keeps its turn, and is told.
func (n *Node) followers(ctx context.Context, emit Emit) error {
	n.turning.Lock()
	defer n.turning.Unlock()
	failed := map[string]bool{}
	for {
		ids, err := n.submit.Turns(ctx)
		if err != nil {
			return err
		}
		moved := false
		for _, id := range ids {
			if failed[id] {
				continue
			}
			row, err := n.fileAgain(ctx, record.Author{}, id)
			if err != nil && !fault.Is(err, fault.Exists) { // Exists: somebody was faster
				failed[id] = true
				if _, told := n.toldTurns.LoadOrStore(id, true); told {
					continue
				}
				n.conf.Log.Error("a message whose turn it is could not be filed again; it is tried again by itself", "row", id, "err", err)
				continue
			}
			moved = true
			if err == nil {
				if err := emit(row); err != nil {
					return err
				}
			}
		}
		if !moved {
			return nil
		}
	}
}

// takeTurns does so from time to time, until ctx ends.
func (n *Node) takeTurns(ctx context.Context) {
	tick := time.NewTicker(turnsEvery)
	defer tick.Stop()
	for {
		if err := n.followers(ctx, func(any) error { return nil }); err != nil && ctx.Err() == nil {
			n.conf.Log.Error("the messages that wait their turn could not be looked at", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
