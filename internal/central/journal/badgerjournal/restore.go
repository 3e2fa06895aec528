package badgerjournal

import (
	"context"
	"io"

	"wardlight/internal/central/journal"
	"wardlight/internal/central/journal/state"
	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Backup writes everything the journal holds to w, see journal.Backup.
func (j *Journal) Backup(ctx context.Context, w io.Writer) (record.Cursor, error) {
	held, err := journal.Backup(ctx, j, j.o.Signer, w)
	return held.Head, err
}

// Restore makes a journal in o.Dir, which must be empty or absent, out of a
// backup, and opens it. It begins a new epoch with CauseRestored at the
// backup's end, so that stations offer again what came later. A journal whose
// restoring was interrupted does not open; it is removed and restored again.
func Restore(ctx context.Context, o Options, r io.Reader) (*Journal, error) {
	const op = "badgerjournal.restore"
	o = o.withDefaults()
	j, err := startEmpty(ctx, op, o)
	if err != nil {
		return nil, err
	}
	j.run()
	if err := j.restore(ctx, r); err != nil {
		_ = j.Close()
		return nil, err
	}
	return j, nil
}

// restore replays the backup. Until the epochs are written at the end, the
// folder is no journal.
func (j *Journal) restore(ctx context.Context, r io.Reader) error {
	const op = "badgerjournal.restore"
	var last *group
	line, head, err := journal.ReadBackup(r, func(e record.Entry) error {
		g, err := j.replay(ctx, e)
		last = g
		return err
	})
	if err != nil {
		return err
	}
	if last != nil {
		<-last.done
		if last.err != nil {
			return last.err
		}
	}
	j.stop() // what follows is not an Update
	if j.at.head.Position != head.Position || j.at.head.Chain != head.Chain {
		return fault.New(fault.Corrupt, op, "", "the restored journal does not end where the backup does")
	}
	j.epochs = line
	if err := j.start(record.CauseRestored, head.Position); err != nil {
		return err
	}
	j.run()
	return nil
}

// replay puts one entry of a backup into the group that gathers, without
// waiting for it to be durable.
func (j *Journal) replay(ctx context.Context, want record.Entry) (*group, error) {
	const op = "badgerjournal.restore"
	if err := j.takeTurn(ctx); err != nil {
		return nil, err
	}
	defer j.endTurn()
	base, _, end := j.layers()
	defer end()
	tx := state.Begin(base, state.Map{}, j.next.head, want.Received)
	defer tx.Abort()
	if err := tx.Replay(want); err != nil {
		return nil, err
	}
	e, own, _, err := tx.Finish()
	if err != nil {
		return nil, err
	}
	if e.Chain != want.Chain {
		return nil, fault.Newf(fault.Corrupt, op, "", "the backup's entry %d does not give its chain hash; use another backup", want.Position)
	}
	j.join(e, own)
	return j.next, nil
}
