package keys

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"wardlight/internal/fault"
)

// PassphraseFile keeps secrets in a file at storePath, sealed by a passphrase
// that stands in another file: for servers without a keyring. Whoever can read
// both files has the secrets, so the passphrase belongs where only the service
// reads it (systemd's LoadCredential, mode 0400), and never into the backup
// that holds the store.
//
// The passphrase has 8 characters or more (15 are advised) and is stretched
// with argon2id, once, here. A wrong one is fault.Denied.
func PassphraseFile(storePath, passphraseFile string) (Secrets, error) {
	pass, err := readPassphrase(passphraseFile)
	if err != nil {
		return nil, err
	}
	s := &passphraseStore{path: storePath}
	return s, s.open(pass)
}

func readPassphrase(path string) ([]byte, error) {
	const op = "passphrase.read"
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, op, path, "there is no passphrase file here; make one that only its owner may read (chmod 400), or check the path in --passphrase-file")
	case err != nil:
		return nil, fault.As(fault.Unavailable, op, path, err)
	case info.Size() > 4096:
		return nil, fault.New(fault.Invalid, op, path, "a passphrase file has at most 4,096 bytes")
	case tooOpen(info):
		return nil, fault.New(fault.Denied, op, path, "others may read or change the passphrase file; set its mode to 0400 (chmod 400)")
	}
	b, err := os.ReadFile(path) //nolint:gosec // the file that the user named
	if err != nil {
		return nil, fault.As(fault.Unavailable, op, path, err)
	}
	b = bytes.TrimRight(b, "\r\n")
	if len(b) < 8 {
		return nil, fault.New(fault.Invalid, op, path, "the passphrase has fewer than 8 characters; 15 or more are advised")
	}
	return b, nil
}

type passphraseStore struct {
	path string
	mu   sync.Mutex
	head storeFile // format, salt and cost, as opened
	seal *Sealer
}

const storeFormat = "wardlight secrets"

type storeFile struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Salt    []byte `json:"salt"`
	Cost    Cost   `json:"cost"`
	Sealed  []byte `json:"sealed"` // JSON: account to secret
}

var storeAAD = []byte("wardlight secrets v1")

func (s *passphraseStore) open(pass []byte) error {
	const op = "passphrase.open"
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return fault.As(fault.Unavailable, op, s.path, err)
	}
	unlock, err := lockFile(op, s.path)
	if err != nil {
		return err
	}
	defer unlock()
	f, err := s.read(op)
	fresh := fault.Is(err, fault.NotFound)
	if fresh {
		f = storeFile{Format: storeFormat, Version: 1, Salt: newSalt(), Cost: DefaultCost}
	} else if err != nil {
		return err
	}
	if err := f.Cost.check(); err != nil {
		return fault.Wrap(op, s.path, err)
	}
	s.head = f
	s.seal = NewSealer(Key(f.Cost.stretch(pass, f.Salt)))
	if fresh {
		return s.write(op, map[string][]byte{})
	}
	_, err = s.decode(op, f)
	return err
}

func (s *passphraseStore) read(op string) (storeFile, error) {
	var f storeFile
	b, err := os.ReadFile(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, fault.New(fault.NotFound, op, s.path, "there is no secrets file")
	case err != nil:
		return f, fault.As(fault.Unavailable, op, s.path, err)
	case json.Unmarshal(b, &f) != nil || f.Format != storeFormat:
		return f, fault.New(fault.Corrupt, op, s.path, "the secrets file is damaged; put it back from a backup")
	case f.Version != 1:
		return f, fault.Newf(fault.Unsupported, op, s.path, "the secrets file has version %d; a newer program wrote it", f.Version)
	}
	return f, nil
}

func (s *passphraseStore) decode(op string, f storeFile) (map[string][]byte, error) {
	plain, err := s.seal.Open(storeAAD, f.Sealed)
	if fault.Is(err, fault.Denied) {
		return nil, fault.New(fault.Denied, op, s.path, "the passphrase is not the one this secrets file was made with; nothing was changed")
	}
	if err != nil {
		return nil, fault.Wrap(op, s.path, err)
	}
	m := map[string][]byte{}
	if json.Unmarshal(plain, &m) != nil {
		return nil, fault.New(fault.Corrupt, op, s.path, "the secrets file is damaged; put it back from a backup")
	}
	return m, nil
}

func (s *passphraseStore) write(op string, m map[string][]byte) error {
	plain, err := json.Marshal(m)
	if err != nil {
		return fault.As(fault.Invalid, op, s.path, err)
	}
	f := s.head
	f.Sealed = s.seal.Seal(storeAAD, plain)
	b, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return fault.As(fault.Invalid, op, s.path, err)
	}
	return writeFile(op, s.path, append(b, '\n'))
}

// with reads the file anew, so that two processes see each other's secrets.
func (s *passphraseStore) with(op string, edit func(map[string][]byte) (changed bool, err error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := lockFile(op, s.path)
	if err != nil {
		return err
	}
	defer unlock()
	f, err := s.read(op)
	if err != nil {
		return err
	}
	m, err := s.decode(op, f)
	if err != nil {
		return err
	}
	changed, err := edit(m)
	if err != nil || !changed {
		return err
	}
	return s.write(op, m)
}

func (s *passphraseStore) Get(_ context.Context, account string) (secret []byte, err error) {
	err = s.with("secrets.get", func(m map[string][]byte) (bool, error) {
		b, ok := m[account]
		if !ok {
			return false, notFound(account)
		}
		secret = b
		return false, nil
	})
	return secret, err
}

func (s *passphraseStore) Set(_ context.Context, account string, secret []byte) error {
	if err := checkSecret("secrets.set", account, secret); err != nil {
		return err
	}
	return s.with("secrets.set", func(m map[string][]byte) (bool, error) {
		m[account] = secret
		return true, nil
	})
}

func (s *passphraseStore) Delete(_ context.Context, account string) error {
	return s.with("secrets.delete", func(m map[string][]byte) (bool, error) {
		if _, ok := m[account]; !ok {
			return false, notFound(account)
		}
		delete(m, account)
		return true, nil
	})
}
