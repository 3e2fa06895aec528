package node

import (
	"context"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
)

// checkRaw says where the raw inbound log is not the one that the journal was filled
// from: its folder was left out of the command, or its disk was replaced. Nothing is
// refused, for a ward needs its server more than an old log; but what is held back
// cannot be filed from another log, and a restore would lack what is written into it.
//
// A message is in the raw log before it is in the journal, so the newest of the journal
// is in the log that belongs to it.
func (n *Node) checkRaw(ctx context.Context) error {
	newest, found, err := n.newestInbound(ctx)
	if err != nil || !found {
		return err
	}
	if _, ok, err := n.raw.Find(ctx, newest.Raw); err != nil || ok {
		return err
	}
	n.conf.Log.Error("the raw inbound log does not hold the newest message that the journal holds: this is another folder than before. Stop, and start with the --inbound of before; or, where its disk is lost, go on, and know that what is held back from before cannot be filed any more",
		"folder", n.conf.Inbound)
	return nil
}

// newestInbound is the newest message among the journal's last entries.
func (n *Node) newestInbound(ctx context.Context) (newest record.Inbound, found bool, err error) {
	err = n.journal.View(ctx, func(r journal.Reader) error {
		from := max(r.Head().Position, feedsBack) - feedsBack
		for e, err := range r.Entries(from) {
			if err != nil {
				return err
			}
			for _, row := range e.Inbound {
				newest, found = row, true
			}
		}
		return nil
	})
	return newest, found, err
}
