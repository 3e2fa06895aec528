package keys

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/zalando/go-keyring"

	"wardlight/internal/fault"
)

// service is the constant name under which the keyring files all accounts.
const service = "wardlight"

// Keyring is the operating system's keyring: the Secret Service on Linux, the
// Credential Manager on Windows, the Keychain on macOS. It identifies the
// operating system's user, never a clinician, so it holds device secrets only.
//
// No call takes longer than timeout.
func Keyring(timeout time.Duration) Secrets { return Bounded(systemKeyring{}, timeout) }

type systemKeyring struct{}

func (systemKeyring) Get(_ context.Context, account string) ([]byte, error) {
	s, err := keyring.Get(service, account)
	if err != nil {
		return nil, keyringFault("secrets.get", account, err)
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil, fault.New(fault.Corrupt, "secrets.get", account, "the keyring's entry was changed by another program")
	}
	return b, nil
}

func (systemKeyring) Set(_ context.Context, account string, secret []byte) error {
	err := keyring.Set(service, account, base64.StdEncoding.EncodeToString(secret))
	return keyringFault("secrets.set", account, err)
}

func (systemKeyring) Delete(_ context.Context, account string) error {
	return keyringFault("secrets.delete", account, keyring.Delete(service, account))
}

func keyringFault(op, account string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return notFound(account)
	}
	return fault.Newf(fault.Unavailable, op, account, "the keyring of this computer's user cannot be used. "+
		"Nothing was changed. Check that a keyring (Secret Service) runs and is unlocked, "+
		"or, on a server without one, give a passphrase file: %w", err)
}
