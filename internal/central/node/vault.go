package node

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/folder"
	"wardlight/internal/trust/keys"
	"wardlight/internal/trust/pki"
)

// Secrets is where central's one master key lies: the operating system's
// keyring, or a file that a passphrase opens.
type Secrets = keys.Secrets

// settings is central.json: nothing secret.
type settings struct {
	Version int       `json:"version"` // 1
	ID      string    `json:"id"`      // names the master key in the keyring
	Made    time.Time `json:"made"`
	Zone    string    `json:"zone"` // IANA zone of senders that send no offset
	Hosts   []string  `json:"hosts,omitempty"`
}

// vault is what the master key opens: vault.v1, sealed.
type vault struct {
	// Version is 1, or 2 once a data key, the raw log's key, the journal key or the
	// recovery key was changed: an earlier program would forget what came before it.
	Version  int    `json:"version"`
	CA       []byte `json:"ca"`      // PEM, certificate and key
	Journal  []byte `json:"journal"` // Ed25519 seed of the journal key
	Recovery []byte `json:"recovery"`
	Data     []byte `json:"data"`               // 32 bytes: seals the journal
	Raw      []byte `json:"raw"`                // 32 bytes: seals the raw inbound log
	Next     []byte `json:"nextCA,omitempty"`   // in a rotation: the authority that will issue
	Former   []byte `json:"formerCA,omitempty"` // in a rotation: the one that issued
	Asked    []byte `json:"askedCA,omitempty"`  // PKCS #8: the key that the hospital's own authority was asked to certify

	FormerData [][]byte `json:"formerData,omitempty"` // the newest first
	FormerRaw  [][]byte `json:"formerRaw,omitempty"`  // the newest first
	// FormerRecovery are the identities of before, the newest first: what was sealed to
	// them is opened for ever.
	FormerRecovery [][]byte             `json:"formerRecovery,omitempty"`
	Handovers      []record.Handover    `json:"handovers,omitempty"` // of the journal key, oldest first
	Changed        map[string]time.Time `json:"changed,omitempty"`   // when each of changeable was changed last
}

// opened is a vault in the shapes that the parts want.
type opened struct {
	ca       pki.Set
	journal  *signer
	recovery *recovery
	data     []keys.Key // the newest first
	raw      []keys.Key // the newest first
}

const (
	settingsFile = "central.json"
	vaultFile    = "vault.v1"
)

func masterAccount(id string) string { return "central/" + id }

// nextMasterAccount holds the master key that follows, while it is being changed.
func nextMasterAccount(id string) string { return masterAccount(id) + "/next" }

// createVault makes central's keys and keeps them.
func createVault(ctx context.Context, dir string, s Secrets, set settings) (opened, error) {
	ca, err := pki.NewCA(time.Now())
	if err != nil {
		return opened{}, err
	}
	jk, err := keys.NewJournalKey()
	if err != nil {
		return opened{}, err
	}
	rec, err := keys.NewSealIdentity()
	if err != nil {
		return opened{}, err
	}
	pem, err := ca.Marshal()
	if err != nil {
		return opened{}, err
	}
	data, raw, master := keys.NewKey(), keys.NewKey(), keys.NewKey()
	v := vault{Version: 1, CA: pem, Journal: jk.Marshal(), Recovery: rec.Secret(), Data: data[:], Raw: raw[:]}
	plain, err := json.Marshal(v)
	if err != nil {
		return opened{}, fault.Wrap("node.vault", dir, err)
	}
	if err := s.Set(ctx, masterAccount(set.ID), master[:]); err != nil {
		return opened{}, fault.Wrap("node.vault", set.ID, err)
	}
	sealed := keys.NewSealer(master).Seal([]byte(vaultFile+set.ID), plain)
	if err := writeSynced(filepath.Join(dir, vaultFile), sealed); err != nil {
		return opened{}, err
	}
	return opened{pki.Set{Current: ca}, newSigner(jk, nil), newRecovery(rec), []keys.Key{data}, []keys.Key{raw}}, nil
}

// openVault reads them back.
func openVault(ctx context.Context, dir string, s Secrets, set settings) (opened, error) {
	v, _, err := readVault(ctx, dir, s, set)
	if err != nil {
		return opened{}, err
	}
	return v.open()
}

// readVault opens the vault; master is what seals it.
func readVault(ctx context.Context, dir string, s Secrets, set settings) (v vault, master keys.Key, err error) {
	sealed, err := os.ReadFile(filepath.Join(dir, vaultFile)) //nolint:gosec // a path that the administrator named
	if err != nil {
		return v, master, fault.As(fault.Corrupt, "node.vault", dir, err)
	}
	plain, master, err := openSealed(ctx, dir, s, set, sealed)
	if fault.Is(err, fault.Corrupt) {
		return v, master, fault.Newf(fault.Corrupt, "node.vault", dir, "what holds central's keys is damaged, or of another day than the rest (%s, or central.json or the master key beside it); nothing was changed. Put back all three from one copy of the folder; or, with a backup and its keys file, make central anew in an empty folder: wardlightd restore --with-keys", vaultFile)
	}
	if err != nil {
		return v, master, err
	}
	defer clear(plain)
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != 1 && v.Version != 2 {
		return v, master, fault.New(fault.Unsupported, "node.vault", dir, "the vault was written by another version of this program")
	}
	return v, master, nil
}

// openSealed opens the vault with the master key, or, where a change of that was
// broken off, with the one that follows.
func openSealed(ctx context.Context, dir string, s Secrets, set settings, sealed []byte) (plain []byte, master keys.Key, err error) {
	b, err := s.Get(ctx, masterAccount(set.ID))
	if fault.Is(err, fault.NotFound) {
		return nil, master, fault.New(fault.NotFound, "node.vault", set.ID, "central's master key is not where this user keeps secrets; nothing was changed. Run it as the user who ran 'wardlightd init', or give the file of then: --passphrase-file; where the key is lost, make central anew from a backup with its keys: wardlightd restore --with-keys")
	}
	if err != nil {
		return nil, master, fault.Wrap("node.vault", set.ID, err)
	}
	defer clear(b)
	if master, err = keys.KeyFrom(b); err != nil {
		return nil, master, fault.Wrap("node.vault", set.ID, err)
	}
	plain, err = keys.NewSealer(master).Open([]byte(vaultFile+set.ID), sealed)
	if !fault.Is(err, fault.Denied) {
		return plain, master, fault.Wrap("node.vault", dir, err)
	}
	next, nerr := s.Get(ctx, nextMasterAccount(set.ID))
	if nerr != nil {
		return nil, master, fault.Wrap("node.vault", dir, err)
	}
	defer clear(next)
	if master, nerr = keys.KeyFrom(next); nerr != nil {
		return nil, master, fault.Wrap("node.vault", dir, err)
	}
	plain, err = keys.NewSealer(master).Open([]byte(vaultFile+set.ID), sealed)
	return plain, master, fault.Wrap("node.vault", dir, err)
}

// changeVault changes what the vault holds, durably. Whoever calls it is the only one.
func changeVault(ctx context.Context, dir string, s Secrets, set settings, edit func(*vault) error) error {
	v, master, err := readVault(ctx, dir, s, set)
	if err != nil {
		return err
	}
	defer master.Zero()
	if err := edit(&v); err != nil {
		return err
	}
	return v.write(dir, set, master)
}

// write puts the vault in its place; when it returns nil, a power cut does not bring
// the one of before back.
func (v vault) write(dir string, set settings, master keys.Key) error {
	if len(v.FormerData) > 0 || len(v.FormerRaw) > 0 || len(v.FormerRecovery) > 0 || len(v.Handovers) > 0 {
		v.Version = 2
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap("node.vault", dir, err)
	}
	defer clear(plain)
	if err := writeSynced(filepath.Join(dir, vaultFile), keys.NewSealer(master).Seal([]byte(vaultFile+set.ID), plain)); err != nil {
		return err
	}
	return fault.As(fault.Unavailable, "node.vault", dir, folder.Sync(dir))
}

// keepAuthorities makes another set of authorities durable.
func keepAuthorities(ctx context.Context, dir string, s Secrets, set settings, cas pki.Set) error {
	return changeVault(ctx, dir, s, set, func(v *vault) (err error) {
		for _, part := range []struct {
			into *[]byte
			ca   *pki.CA
		}{{&v.CA, cas.Current}, {&v.Next, cas.Next}, {&v.Former, cas.Former}} {
			*part.into = nil
			if part.ca == nil {
				continue
			}
			if *part.into, err = part.ca.Marshal(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (v vault) open() (opened, error) {
	var cas pki.Set
	for _, part := range []struct {
		pem  []byte
		into **pki.CA
	}{{v.CA, &cas.Current}, {v.Next, &cas.Next}, {v.Former, &cas.Former}} {
		if len(part.pem) == 0 && part.into != &cas.Current {
			continue
		}
		ca, err := pki.ParseCA(part.pem)
		if err != nil {
			return opened{}, err
		}
		*part.into = ca
	}
	jk, err := keys.ParseJournalKey(v.Journal)
	if err != nil {
		return opened{}, err
	}
	rec, err := keys.ParseSealIdentity(v.Recovery)
	if err != nil {
		return opened{}, err
	}
	for _, b := range v.FormerRecovery {
		former, err := keys.ParseSealIdentity(b)
		if err != nil {
			return opened{}, err
		}
		rec = rec.With(former)
	}
	data, err := keys.AllFrom(append([][]byte{v.Data}, v.FormerData...))
	if err != nil {
		return opened{}, err
	}
	raw, err := keys.AllFrom(append([][]byte{v.Raw}, v.FormerRaw...))
	return opened{cas, newSigner(jk, v.Handovers), newRecovery(rec), data, raw}, err
}

func loadSettings(dir string) (settings, error) {
	var set settings
	b, err := os.ReadFile(filepath.Join(dir, settingsFile)) //nolint:gosec // a path that the administrator named
	if errors.Is(err, os.ErrNotExist) {
		return set, fault.New(fault.NotFound, "node.settings", dir, "this folder holds no central; make one first: wardlightd init --data DIR")
	}
	if err != nil {
		return set, fault.As(fault.Unavailable, "node.settings", dir, err)
	}
	if err := json.Unmarshal(b, &set); err != nil {
		return set, fault.Newf(fault.Corrupt, "node.settings", dir, "the file central.json in this folder is damaged; nothing was changed. Put it back from a copy of the folder, or from a backup with its keys file: wardlightd restore --with-keys (%w)", err)
	}
	if set.Version != 1 {
		return set, fault.Newf(fault.Unsupported, "node.settings", dir, "central.json has version %d; this program knows 1", set.Version)
	}
	return set, nil
}

func saveSettings(dir string, set settings) error {
	b, err := json.MarshalIndent(set, "", "  ")
	if err != nil {
		return fault.Wrap("node.settings", dir, err)
	}
	return writeSynced(filepath.Join(dir, settingsFile), append(b, '\n'))
}

// writeSynced is folder.Write with a fault.
func writeSynced(path string, b []byte) error {
	return fault.As(fault.Unavailable, "node.write", filepath.Base(path), folder.Write(path, b))
}

// randomName is 26 characters of a-z and 2-7: 128 random bits and a little.
func randomName() string { return strings.ToLower(rand.Text()) }
