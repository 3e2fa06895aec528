package node

import (
	"context"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// recoverOutbox hands the unsent work of a damaged station to submit, in the
// station's order. Each mutation bears its device's signature, so a forged
// file gets nowhere; what central has already is receipted again, and changes
// nothing.
func (n *Node) recoverOutbox(ctx context.Context, o Order, emit Emit) error {
	if n.conf.ReadOutbox == nil {
		return fault.New(fault.Unsupported, "node.outbox", "", "this program cannot read outbox files")
	}
	muts, err := n.conf.ReadOutbox(o.Args["file"], n.keys.recovery.identity())
	if err != nil && len(muts) == 0 {
		return err
	}
	damage := ""
	if err != nil {
		damage = err.Error() // what is whole is recovered; the rest is told
	}
	counts := map[string]int{}
	for _, m := range muts {
		r, err := n.recoverOne(ctx, m)
		if err != nil {
			return err
		}
		counts[r.Outcome.String()]++
		if err := emit(r); err != nil {
			return err
		}
	}
	looks, err := n.recoverLooks(ctx, o.Args["file"])
	if err != nil {
		return err
	}
	return emit(map[string]any{"recovered": len(muts), "outcomes": counts, "looks": looks, "damage": damage})
}

// recoverLooks hands over who looked at what: the outbox file holds that too.
func (n *Node) recoverLooks(ctx context.Context, path string) (int, error) {
	if n.conf.ReadLooks == nil {
		return 0, nil
	}
	looks, err := n.conf.ReadLooks(path, n.keys.recovery.identity())
	if err != nil || len(looks) == 0 {
		return 0, err
	}
	dev, err := n.submit.Device(ctx, looks[0].Station)
	if err != nil {
		return 0, err
	}
	peer := record.Peer{Device: dev, Remote: "outbox file"}
	for rest := looks; len(rest) > 0; rest = rest[min(len(rest), looksAtOnce):] {
		if _, err := n.submit.Looks(ctx, peer, rest[:min(len(rest), looksAtOnce)]); err != nil {
			return 0, err
		}
	}
	return len(looks), nil
}

// looksAtOnce is how many looks one entry of the journal takes.
const looksAtOnce = 256

func (n *Node) recoverOne(ctx context.Context, m record.Mutation) (record.Receipt, error) {
	station, _, ok := m.ID.Station()
	if !ok {
		return record.Receipt{}, fault.New(fault.Invalid, "node.outbox", string(m.ID), "not a station's mutation")
	}
	// The work of a computer that was shut out is kept and receipted as refused:
	// its clock cannot say what was written before.
	dev, err := n.submit.Device(ctx, station)
	if err != nil {
		return record.Receipt{}, err
	}
	return n.submit.Submit(ctx, record.Peer{Device: dev, Remote: "outbox file"}, m)
}
