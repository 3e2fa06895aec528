package node

import (
	"context"
	"strings"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/mllpd"
	"wardlight/internal/clinical/record"
)

// backThen how many entries are looked at for what came in last.
const backThen = 2000

// lately reads the journal's last entries at a start: when laboratory and patient system
// last said something, so that nobody reads "nothing yet", and the newest message, whose
// ID is empty where none is among them.
func (n *Node) lately(ctx context.Context) (feeds []record.Feed, newest record.Inbound, err error) {
	last := map[string]int64{}
	err = n.journal.View(ctx, func(r journal.Reader) error {
		from := max(r.Head().Position, backThen) - backThen
		for e, err := range r.Trail(from) {
			if err != nil {
				return err
			}
			for _, row := range e.Inbound {
				newest = row
				switch {
				case strings.HasPrefix(row.Type, "ORU"):
					last[mllpd.FeedLaboratory] = row.Received
				case strings.HasPrefix(row.Type, "ADT"):
					last[mllpd.FeedEHR] = row.Received
				}
			}
		}
		return nil
	})
	for name, at := range last {
		feeds = append(feeds, record.Feed{Name: name, Last: at})
	}
	return feeds, newest, err
}

// checkRaw says where the raw inbound log is not the one that the journal was filled
// from: its folder was left out of the command, or its disk was replaced. Nothing is
// refused, for a ward needs its server more than an old log; but what is held back
// cannot be filed from another log, and a restore would lack what is written into it.
//
// A message is in the raw log before it is in the journal, so the newest of the journal
// is in the log that belongs to it.
func (n *Node) checkRaw(ctx context.Context, newest record.Inbound) error {
	if newest.ID == "" {
		return nil
	}
	if _, ok, err := n.raw.Find(ctx, newest.Raw); err != nil || ok {
		return err
	}
	n.conf.Log.Error("the raw inbound log does not hold the newest message that the journal holds: this is another folder than before. Stop, and start with the --inbound of before; or, where its disk is lost, go on, and know that what is held back from before cannot be filed any more",
		"folder", n.conf.Inbound)
	return nil
}
