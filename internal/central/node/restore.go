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
	"wardlight/internal/fault"
	"wardlight/internal/folder"
)

// A restore is made beside the place where it will stand, and takes that place
// by one renaming at the end: a journal that is there is whole. What breaks off
// before leaves nothing behind that a server would open, and is tried again.
const (
	journalFolder   = "journal"
	restoringFolder = "journal.restoring"
	restoreLock     = "restore.lock"
)

// Restore makes a journal out of a backup, in a data folder whose keys are
// there (see RestoreKeys) and whose journal is not (the old one was moved
// aside), and then files again every message of the raw inbound log: what was
// answered after the backup was made comes back, what is in it already changes
// nothing.
func Restore(ctx context.Context, conf Config, from string, emit Emit) error {
	conf = withDefaults(conf)
	f, err := os.Open(from) //nolint:gosec // a path that the administrator named
	if err != nil {
		return fault.Newf(fault.NotFound, "node.restore", filepath.Base(from), "the backup cannot be read; name its file with --from: %w", err)
	}
	defer func() { _ = f.Close() }()
	lock, err := readyForRestore(conf)
	if err != nil {
		return err
	}
	defer lock.Release()
	conf.journalAt = restoringFolder
	said, err := restoreAside(ctx, conf, f)
	if err != nil {
		return fault.Newf(fault.KindOf(err), "node.restore", filepath.Base(from), "nothing was put in place; the same restore can be tried again: %w", err)
	}
	if err := os.Rename(filepath.Join(conf.Dir, restoringFolder), filepath.Join(conf.Dir, journalFolder)); err != nil {
		return fault.As(fault.Unavailable, "node.restore", conf.Dir, err)
	}
	if err := folder.Sync(conf.Dir); err != nil {
		return fault.As(fault.Unavailable, "node.restore", conf.Dir, err)
	}
	return emit(said)
}

// readyForRestore takes the folder for this restore, and removes what an earlier
// one left that broke off.
func readyForRestore(conf Config) (*folder.Lock, error) {
	const op = "node.restore"
	if _, err := loadSettings(conf.Dir); fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, op, conf.Dir, "central's keys are not in this folder: put central.json, vault.v1 and master.v1 of the lost machine there, or restore a backup that was made --with-keys")
	} else if err != nil {
		return nil, err
	}
	lock, err := folder.Take(conf.Dir, restoreLock)
	if fault.Is(err, fault.Exists) {
		return nil, fault.New(fault.Exists, op, conf.Dir, "another restore is at work in this folder; wait for it")
	}
	if err != nil {
		return nil, err
	}
	if _, err = os.Stat(filepath.Join(conf.Dir, journalFolder)); err == nil {
		err = fault.New(fault.Exists, op, conf.Dir, "this folder has a journal. Stop the server, move the folder 'journal' aside (do not delete it: a restore may miss what only it holds), and try again")
	} else if errors.Is(err, os.ErrNotExist) {
		err = os.RemoveAll(filepath.Join(conf.Dir, restoringFolder))
	}
	if err != nil {
		lock.Release()
		return nil, fault.Wrap(op, conf.Dir, err)
	}
	return lock, nil
}

// restoreAside makes the whole journal, replay included, and says what it did.
func restoreAside(ctx context.Context, conf Config, backup *os.File) (map[string]any, error) {
	set, err := loadSettings(conf.Dir)
	if err != nil {
		return nil, err
	}
	k, err := openVault(ctx, conf.Dir, conf.Secrets, set)
	if err != nil {
		return nil, err
	}
	j, err := badgerjournal.Restore(ctx, conf.journalOptions(k), backup)
	if err != nil {
		return nil, err
	}
	at := j.Head()
	if err := j.Close(); err != nil {
		return nil, err
	}
	n, err := Open(ctx, conf)
	if err != nil {
		return nil, err
	}
	replayed, err := n.replayRaw(ctx)
	said := map[string]any{"restored": at.Position, "epoch": at.Epoch, "replayed": replayed}
	if err == nil {
		err = n.revokeAgain(ctx, said)
	}
	if err == nil {
		err = n.standAgain(ctx, said)
	}
	if err == nil {
		err = n.keysAgain(ctx, said)
	}
	if err == nil {
		err = n.sendersAgain(ctx, said)
	}
	said["head"] = n.journal.Head().Position
	return said, errors.Join(err, n.Close())
}

// unfinished says so where a restore broke off and there is no journal.
func unfinished(dir string, err error) error {
	if _, serr := os.Stat(filepath.Join(dir, restoringFolder)); !fault.Is(err, fault.NotFound) || serr != nil {
		return err
	}
	return fault.New(fault.NotFound, "node.open", dir, "a restore into this folder was not finished; run it again: wardlightd restore --from FILE --data DIR")
}

// replayRaw files every message of the raw inbound log that the journal does
// not know, in order of receipt, and notes for a restored epoch that it is through.
func (n *Node) replayRaw(ctx context.Context) (int, error) {
	count := 0
	for rec, err := range n.raw.Records(ctx, rawlog.Place{}) {
		if err != nil {
			return count, err
		}
		f := n.mllp.Translate(rec.Raw, rec.Channel, time.UnixMilli(rec.Received))
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
	return count, n.noteRefiled(ctx)
}
