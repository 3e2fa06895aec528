package node

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"wardlight/internal/central/journal"
	"wardlight/internal/fault"
	"wardlight/internal/folder"
)

// backup writes a backup beside its place, synced, and puts it there at the end:
// what has the name of a backup is a whole one.
func (n *Node) backup(ctx context.Context, o Order, emit Emit) error {
	to := o.Args["to"]
	held, size, err := n.writeBackup(ctx, to)
	if err != nil {
		return fault.Wrap("node.backup", filepath.Base(to), err)
	}
	said := map[string]any{
		"backup": to, "bytes": size, "position": held.Head.Position, "chain": held.Head.Chain.String(), "newest": time.UnixMilli(held.Newest).UTC(),
		"holds": map[string]uint64{
			"patients": held.Patients, "resources": held.Resources, "messages": held.Messages, "audit_events": held.Audits,
			"accounts": held.Accounts, "computers": held.Computers,
		},
	}
	if pass := o.Args["keys_passphrase"]; pass != "" {
		if err := n.writeKeys(ctx, to, pass); err != nil {
			return fault.Wrap("node.backup", filepath.Base(to), err)
		}
		said["keys"] = to + keysSuffix
	}
	return emit(said)
}

func (n *Node) writeBackup(ctx context.Context, to string) (held journal.Held, size int64, err error) {
	part := to + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a path that the administrator named
	if err != nil {
		return held, 0, fault.Newf(fault.Unavailable, "node.backup", filepath.Base(to), "the file cannot be written; name one in a folder that is there and that central's user may write to (--to): %w", err)
	}
	if held, err = journal.Backup(ctx, n.journal, n.keys.journal, f); err == nil {
		err = f.Sync()
	}
	if info, serr := f.Stat(); err == nil && serr == nil {
		size = info.Size()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(part, to)
	}
	if err != nil {
		_ = os.Remove(part) // half a backup is of no use
		return held, 0, fault.As(fault.Unavailable, "node.backup", filepath.Base(to), err)
	}
	return held, size, folder.Sync(filepath.Dir(to))
}

// mayBackUp refuses what cannot become a backup before anything is written.
func (n *Node) mayBackUp(ctx context.Context, o Order) (Order, error) {
	if o, err := mayWrite(n, ctx, o); err != nil {
		return o, err
	}
	if o.Args["keys_passphrase"] == "" {
		return o, nil
	}
	return o, free(o.Args["to"]+keysSuffix, o)
}

// mayWrite refuses a file that is there already, unless the order says that it may
// be replaced, and a folder that is not.
func mayWrite(_ *Node, _ context.Context, o Order) (Order, error) {
	to := o.Args["to"]
	if to == "" {
		return o, fault.New(fault.Invalid, "node.write", "", "say where to: --to FILE")
	}
	if info, err := os.Stat(filepath.Dir(to)); err != nil || !info.IsDir() {
		return o, fault.New(fault.Unavailable, "node.write", filepath.Base(to), "the folder is not there, and nothing was written; name a file in a folder that is there and that central's user may write to (--to)")
	}
	return o, free(to, o)
}

func free(file string, o Order) error {
	if _, err := os.Lstat(file); err == nil && o.Args["force"] != "true" {
		return fault.New(fault.Exists, "node.write", filepath.Base(file), "there is a file "+filepath.Base(file)+" already, and it stays as it is; name another with --to, or say that it may be replaced: --force")
	}
	return nil
}

// isThere refuses a file that is not there.
func isThere(_ *Node, _ context.Context, o Order) (Order, error) {
	if _, err := os.Stat(o.Args["file"]); err != nil {
		return o, fault.Newf(fault.NotFound, "node.file", filepath.Base(o.Args["file"]), "the file cannot be read, and nothing was changed: %w", err)
	}
	return o, nil
}
