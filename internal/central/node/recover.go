package node

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/badgerjournal"
	"wardlight/internal/central/rawlog"
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
	muts, err := n.conf.ReadOutbox(o.Args["file"], n.keys.recovery)
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
	return emit(map[string]any{"recovered": len(muts), "outcomes": counts, "damage": damage})
}

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

// Restore makes a journal out of a backup, in a data folder whose vault is
// there and whose journal is not (the old one was moved aside), and then files
// again every message of the raw inbound log: what was answered after the
// backup was made comes back, what is in it already changes nothing.
func Restore(ctx context.Context, conf Config, from string, emit Emit) error {
	conf = withDefaults(conf)
	set, err := loadSettings(conf.Dir)
	if err != nil {
		return err
	}
	k, err := openVault(ctx, conf.Dir, conf.Secrets, set)
	if err != nil {
		return err
	}
	f, err := os.Open(from) //nolint:gosec // a path that the administrator or the user named
	if err != nil {
		return fault.As(fault.NotFound, "node.restore", filepath.Base(from), err)
	}
	defer func() { _ = f.Close() }()
	j, err := badgerjournal.Restore(ctx, conf.journalOptions(k), f)
	if err != nil {
		return err
	}
	at := j.Head()
	if err := j.Close(); err != nil {
		return err
	}
	n, err := Open(ctx, conf)
	if err != nil {
		return err
	}
	replayed, err := n.replayRaw(ctx)
	if err == nil {
		err = emit(map[string]any{"restored": at.Position, "epoch": at.Epoch, "replayed": replayed, "head": n.journal.Head().Position})
	}
	return errors.Join(err, n.Close())
}

// replayRaw files every message of the raw inbound log that the journal does
// not know, in order of receipt.
func (n *Node) replayRaw(ctx context.Context) (int, error) {
	count := 0
	for rec, err := range n.raw.Records(ctx, rawlog.Place{}) {
		if err != nil {
			return count, err
		}
		f := n.mllp.Translate(rec.Raw, time.UnixMilli(rec.Received))
		known := false
		err := n.journal.View(ctx, func(r journal.Reader) error {
			var err error
			_, known, err = r.Inbound(f.Inbound.ID)
			return err
		})
		if err != nil {
			return count, err
		}
		if known {
			continue
		}
		if _, err := n.submit.File(ctx, f); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}
