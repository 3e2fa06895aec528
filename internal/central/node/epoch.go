package node

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/folder"
	"wardlight/internal/trust/audit"
	"wardlight/internal/trust/keys"
	"wardlight/sync/hub"
	"wardlight/sync/wire"
)

// A machine that was put back to an earlier day changes no epoch by itself:
// from the inside nothing has happened. A station notices, proves it with
// central's own signature (see hub.Judge), and central begins a restored epoch,
// so that every station offers again and gives back what is missing. An
// administrator who knows of it first begins one by hand.

// At most this many epochs begin by themselves within that time: a journal that
// is rolled back again and again needs a person.
const (
	epochsAtOnce = 3
	epochsWithin = time.Hour
)

// begunNote is the note under "epoch/<id>": who began it, and why.
type begunNote struct {
	By  string `json:"by"`
	Why string `json:"why"`
}

func epochNote(id string) string { return "epoch/" + id }

// rolledBack begins a restored epoch after a proven rollback. Several stations
// notice at once; the first one's proof begins it.
func (n *Node) rolledBack(ctx context.Context, r hub.Rollback) error {
	n.beginning.Lock()
	defer n.beginning.Unlock()
	if n.journal.Epoch().ID != r.Signed.Epoch {
		return nil
	}
	if err := n.mayBegin(); err != nil {
		n.conf.Log.Error("this journal was rolled back again: no further epoch begins by itself; find out who restores this machine, then: wardlightd epoch begin", "station", string(r.Station))
		return err
	}
	why := "computer " + string(r.Station) + " holds what central signed at position " + strconv.FormatUint(uint64(r.Signed.Position), 10) +
		", which is not in the journal: this machine was put back to an earlier day"
	e, err := n.begin(ctx, r.Shared, begunNote{By: "central", Why: why})
	if err != nil {
		n.conf.Log.Error("this journal was rolled back, and a restored epoch could not begin", "err", err)
		return err
	}
	n.conf.Log.Error("this journal was rolled back and nobody said so: a restored epoch has begun, and stations bring back what is missing",
		"epoch", e.ID, "station", string(r.Station), "position", uint64(r.Signed.Position), "shared", uint64(r.Shared))
	return nil
}

// mayBegin holds epochs that begin by themselves to their rate.
func (n *Node) mayBegin() error {
	since := n.conf.Now().Add(-epochsWithin).UnixMilli()
	recent := 0
	for _, e := range n.journal.Epochs() {
		if e.Cause == record.CauseRestored && e.Made >= since {
			recent++
		}
	}
	if recent >= epochsAtOnce {
		return fault.New(fault.Denied, "node.epoch", "", "too many epochs have begun within an hour; an administrator has to look")
	}
	return nil
}

// begin starts a restored epoch, puts on record why, sends the stations away to
// come back into it, and files again what the raw inbound log holds.
func (n *Node) begin(ctx context.Context, at record.Position, note begunNote) (record.Epoch, error) {
	e, err := n.journal.Begin(ctx, record.CauseRestored, at)
	if err != nil {
		return e, err
	}
	if err := n.noteEpoch(ctx, e, note); err != nil {
		return e, err
	}
	if h := n.serving.Load(); h != nil {
		h.Restart()
	}
	if _, err := n.replayRaw(ctx); err != nil {
		n.conf.Log.Error("the raw inbound log could not be filed again whole; it is tried again", "err", err)
	}
	return e, nil
}

// refiledNote is the note under "refiled/<epoch id>": since that epoch began the raw
// inbound log has been filed again whole. What it holds is refiledWhole.
func refiledNote(epoch string) string { return "refiled/" + epoch }

const refiledWhole = `{"v":1}`

// refiled says whether the present epoch's is.
func (n *Node) refiled(ctx context.Context) (bool, error) {
	e := n.journal.Epoch()
	if e.Cause != record.CauseRestored {
		return true, nil
	}
	whole := false
	err := n.journal.View(ctx, func(r journal.Reader) (err error) {
		_, whole, err = r.Note(refiledNote(e.ID))
		return err
	})
	return whole, err
}

// noteRefiled notes that it is.
func (n *Node) noteRefiled(ctx context.Context) error {
	if whole, err := n.refiled(ctx); err != nil || whole {
		return err
	}
	_, err := n.journal.Update(ctx, func(tx journal.Tx) error {
		return tx.SetNote(refiledNote(n.journal.Epoch().ID), []byte(refiledWhole))
	})
	return fault.Wrap("node.refiled", "", err)
}

// refileEvery is how often central looks whether the raw inbound log is still to be filed
// again.
const refileEvery = 30 * time.Second

// refileAgain files the raw inbound log again, until ctx ends, where central ended, or its
// disk was full, before it was through with that: what senders were answered for is not in
// the journal until then.
func (n *Node) refileAgain(ctx context.Context) {
	tick := time.NewTicker(cmp.Or(n.conf.refileEvery, refileEvery))
	defer tick.Stop()
	for {
		if err := n.refileNow(ctx); err != nil && ctx.Err() == nil {
			n.conf.Log.Error("the raw inbound log could not be filed again whole; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// refileNow does so where that is to be done.
func (n *Node) refileNow(ctx context.Context) error {
	n.beginning.Lock()
	defer n.beginning.Unlock()
	whole, err := n.refiled(ctx)
	if err != nil || whole {
		return err
	}
	count, err := n.replayRaw(ctx)
	if err == nil {
		n.conf.Log.Info("the raw inbound log was filed again, because that had not been finished since this epoch began", "epoch", n.journal.Epoch().ID, "messages", count)
	}
	return err
}

// noteEpoch puts an epoch's beginning on record.
func (n *Node) noteEpoch(ctx context.Context, e record.Epoch, note begunNote) error {
	kept, err := json.Marshal(note)
	if err != nil {
		return fault.Wrap("node.epoch", e.ID, err)
	}
	event, err := audit.Event{
		Action: audit.Config, Recorded: n.conf.Now(), Observer: "central", Purpose: audit.Operations,
		Who: audit.Who{User: record.UserID(note.By), Name: note.By}, Reason: note.Why,
		Details: []audit.Detail{
			{Name: "what", Value: "epoch begun"},
			{Name: "epoch", Value: e.ID},
			{Name: "cause", Value: string(e.Cause)},
			{Name: "position", Value: strconv.FormatUint(uint64(e.At), 10)},
		},
	}.JSON()
	if err != nil {
		return err
	}
	_, err = n.journal.Update(ctx, func(tx journal.Tx) error {
		return errors.Join(tx.SetNote(epochNote(e.ID), kept), tx.Audit(event))
	})
	return fault.Wrap("node.epoch", e.ID, err)
}

// listEpochs lists the lineage, oldest first.
func (n *Node) listEpochs(ctx context.Context, _ Order, emit Emit) error {
	return n.journal.View(ctx, func(r journal.Reader) error {
		for _, e := range n.journal.Epochs() {
			var note begunNote
			b, ok, err := r.Note(epochNote(e.ID))
			if err != nil {
				return err
			}
			if ok && json.Unmarshal(b, &note) != nil {
				note = begunNote{Why: "the reason cannot be read"}
			}
			line := map[string]any{"epoch": e.ID, "cause": e.Cause, "at": e.At, "made": time.UnixMilli(e.Made).UTC(), "by": note.By, "why": note.Why}
			if err := emit(line); err != nil {
				return err
			}
		}
		return nil
	})
}

// beginEpoch is the administrator's way, on a running server.
func (n *Node) beginEpoch(ctx context.Context, o Order, emit Emit) error {
	n.beginning.Lock()
	defer n.beginning.Unlock()
	at := n.journal.Head().Position
	if s := o.Args["at"]; s != "" {
		p, err := strconv.ParseUint(s, 10, 64)
		if err != nil || record.Position(p) > at {
			return fault.Newf(fault.Invalid, "node.epoch", s, "the position is a number up to the journal's end, which is %d", at)
		}
		at = record.Position(p)
	}
	e, err := n.begin(ctx, at, begunNote{By: o.Who, Why: "by hand"})
	if err != nil {
		return err
	}
	return emit(map[string]any{"epoch": e.ID, "cause": e.Cause, "at": e.At})
}

// BeginEpoch begins a restored epoch by hand: on the running central, or on one
// that does not open because its newest entries are missing.
func BeginEpoch(ctx context.Context, conf Config, o Order, emit Emit) error {
	if c, err := folder.Dial(ctx, conf.Dir, socketName); err == nil {
		defer func() { _ = c.Close() }()
		return askRunning(c, o, emit)
	}
	conf.begin = record.CauseRestored
	n, err := Open(ctx, conf)
	if err != nil {
		return err
	}
	e := n.journal.Epoch()
	if err = n.noteEpoch(ctx, e, begunNote{By: o.Who, Why: "by hand"}); err == nil {
		_, err = n.replayRaw(ctx)
	}
	if err == nil {
		err = emit(map[string]any{"epoch": e.ID, "cause": e.Cause, "at": e.At})
	}
	return errors.Join(err, n.Close())
}

// takeBack verifies the exact bytes that a station gives back against central's
// journal keys, the present one and those of before, and takes what is missing.
func (n *Node) takeBack(ctx context.Context, peer record.Peer, body, sig []byte) error {
	b, err := (&wire.Batch{Body: body, Sig: sig}).Open(n.verify)
	if err != nil {
		return err
	}
	return n.submit.TakeBack(ctx, peer, b)
}

// verify checks a signature of central's own, of now or of before. The keys of the lineage's epochs
// are believed because each signed its epoch and the journal holds them sealed.
func (n *Node) verify(msg, sig []byte) error {
	err := n.keys.journal.verify(msg, sig)
	for _, e := range n.journal.Epochs() {
		if err == nil {
			return nil
		}
		err = keys.VerifyJournal(e.Key, msg, sig)
	}
	return err
}
