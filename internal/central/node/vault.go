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

	"wardlight/internal/fault"
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
	Version  int    `json:"version"` // 1
	CA       []byte `json:"ca"`      // PEM, certificate and key
	Journal  []byte `json:"journal"` // Ed25519 seed of the journal key
	Recovery []byte `json:"recovery"`
	Data     []byte `json:"data"`               // 32 bytes: seals the journal
	Raw      []byte `json:"raw"`                // 32 bytes: seals the raw inbound log
	Next     []byte `json:"nextCA,omitempty"`   // in a rotation: the authority that will issue
	Former   []byte `json:"formerCA,omitempty"` // in a rotation: the one that issued
}

// opened is a vault in the shapes that the parts want.
type opened struct {
	ca       pki.Set
	journal  keys.JournalKey
	recovery keys.SealIdentity
	data     keys.Key
	raw      keys.Key
}

const (
	settingsFile = "central.json"
	vaultFile    = "vault.v1"
)

func masterAccount(id string) string { return "central/" + id }

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
	return opened{pki.Set{Current: ca}, jk, rec, data, raw}, nil
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
	b, err := s.Get(ctx, masterAccount(set.ID))
	if err != nil {
		return v, master, fault.Wrap("node.vault", set.ID, err)
	}
	if master, err = keys.KeyFrom(b); err != nil {
		return v, master, fault.Wrap("node.vault", set.ID, err)
	}
	sealed, err := os.ReadFile(filepath.Join(dir, vaultFile)) //nolint:gosec // a path that the administrator named
	if err != nil {
		return v, master, fault.As(fault.Corrupt, "node.vault", dir, err)
	}
	plain, err := keys.NewSealer(master).Open([]byte(vaultFile+set.ID), sealed)
	if err != nil {
		return v, master, fault.Wrap("node.vault", dir, err)
	}
	if err := json.Unmarshal(plain, &v); err != nil || v.Version != 1 {
		return v, master, fault.New(fault.Unsupported, "node.vault", dir, "the vault was written by another version of this program")
	}
	return v, master, nil
}

// keepAuthorities makes another set of authorities durable.
func keepAuthorities(ctx context.Context, dir string, s Secrets, set settings, cas pki.Set) error {
	v, master, err := readVault(ctx, dir, s, set)
	if err != nil {
		return err
	}
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
	plain, err := json.Marshal(v)
	if err != nil {
		return fault.Wrap("node.vault", dir, err)
	}
	return writeSynced(filepath.Join(dir, vaultFile), keys.NewSealer(master).Seal([]byte(vaultFile+set.ID), plain))
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
	data, err := keys.KeyFrom(v.Data)
	if err != nil {
		return opened{}, err
	}
	raw, err := keys.KeyFrom(v.Raw)
	return opened{cas, jk, rec, data, raw}, err
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
		return set, fault.As(fault.Corrupt, "node.settings", dir, err)
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

// writeSynced writes a file so that a crash leaves the old one or the new.
func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // a path that the administrator named
	if err != nil {
		return fault.As(fault.Unavailable, "node.write", filepath.Base(path), err)
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	return fault.As(fault.Unavailable, "node.write", filepath.Base(path), err)
}

// randomName is 26 characters of a-z and 2-7: 128 random bits and a little.
func randomName() string { return strings.ToLower(rand.Text()) }
