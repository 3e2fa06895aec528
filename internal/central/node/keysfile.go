package node

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// A backup holds the record and no key: a journal that is restored without
// central's keys could sign nothing that its stations believe. The keys file
// beside it (FILE.keys) holds them, sealed by a passphrase, so that both
// together make a central on a machine where nothing is left. It is as precious
// as the vault itself: whoever has it and the passphrase is central.
const (
	keysFormat = "wardlight central keys"
	keysSuffix = ".keys"
	maxKeys    = 1 << 20
)

// keysBundle is what a keys file seals.
type keysBundle struct {
	Version  int      `json:"version"` // 1
	Settings settings `json:"settings"`
	Vault    vault    `json:"vault"`
}

// writeKeys writes the keys file of a backup.
func (n *Node) writeKeys(ctx context.Context, backup, passphrase string) error {
	v, _, err := readVault(ctx, n.conf.Dir, n.conf.Secrets, n.set)
	if err != nil {
		return err
	}
	plain, err := json.Marshal(keysBundle{Version: 1, Settings: n.set, Vault: v})
	if err != nil {
		return fault.Wrap("node.keys", n.set.ID, err)
	}
	sealed, err := keys.SealWith([]byte(passphrase), keysFormat, plain)
	if err != nil {
		return err
	}
	return writeSynced(backup+keysSuffix, sealed)
}

// RestoreKeys puts the keys of a backup into a folder that has none, under a new
// master key in conf.Secrets. A folder that has these keys already is left as it
// is, so that a restore can be tried again; one with other keys is refused.
func RestoreKeys(ctx context.Context, conf Config, backup string, passphrase []byte) error {
	const op = "node.keys"
	file := backup + keysSuffix
	info, err := os.Stat(file)
	if err != nil || info.Size() > maxKeys {
		return fault.New(fault.NotFound, op, file, "the backup's keys file is not beside it (or is none); copy it there, it is named like the backup with .keys behind it")
	}
	sealed, err := os.ReadFile(file) //nolint:gosec // beside the backup that the administrator named
	if err != nil {
		return fault.As(fault.Unavailable, op, file, err)
	}
	plain, err := keys.OpenWith(passphrase, keysFormat, sealed)
	if err != nil {
		return fault.Wrap(op, file, err)
	}
	var b keysBundle
	if err := json.Unmarshal(plain, &b); err != nil || b.Version != 1 {
		return fault.New(fault.Unsupported, op, file, "the keys were written by another version of this program")
	}
	switch have, err := loadSettings(conf.Dir); {
	case err == nil && have.ID == b.Settings.ID:
		return nil
	case err == nil:
		return fault.New(fault.Exists, op, conf.Dir, "this folder holds another central; restore into an empty folder")
	case !fault.Is(err, fault.NotFound):
		return err
	}
	return putKeys(ctx, conf, b)
}

// putKeys writes the settings last: a folder without them is no central, and
// everything before may be done again.
func putKeys(ctx context.Context, conf Config, b keysBundle) error {
	if err := os.MkdirAll(conf.Dir, 0o700); err != nil {
		return fault.As(fault.Unavailable, "node.keys", conf.Dir, err)
	}
	plain, err := json.Marshal(b.Vault)
	if err != nil {
		return fault.Wrap("node.keys", b.Settings.ID, err)
	}
	master := keys.NewKey()
	if err := conf.Secrets.Set(ctx, masterAccount(b.Settings.ID), master[:]); err != nil {
		return fault.Wrap("node.keys", b.Settings.ID, err)
	}
	sealed := keys.NewSealer(master).Seal([]byte(vaultFile+b.Settings.ID), plain)
	if err := writeSynced(filepath.Join(conf.Dir, vaultFile), sealed); err != nil {
		return err
	}
	return saveSettings(conf.Dir, b.Settings)
}
