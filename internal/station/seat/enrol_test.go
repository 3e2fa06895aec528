package seat_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/station/join"
	"wardlight/internal/station/seat"
	"wardlight/internal/trust/keys"
)

// poor is a keyring that fails in one way.
type poor struct {
	keys.Secrets
	set, get, del error
	forgets       bool
}

func (p poor) Set(ctx context.Context, account string, secret []byte) error {
	if p.set != nil {
		return p.set
	}
	if p.forgets {
		secret = append([]byte{secret[0] ^ 1}, secret[1:]...)
	}
	return p.Secrets.Set(ctx, account, secret)
}

func (p poor) Get(ctx context.Context, account string) ([]byte, error) {
	if p.get != nil {
		return nil, p.get
	}
	return p.Secrets.Get(ctx, account)
}

func (p poor) Delete(ctx context.Context, account string) error {
	if p.del != nil {
		return p.del
	}
	return p.Secrets.Delete(ctx, account)
}

// TestAPoorKeyringOrFolderBurnsNoCode: a code works once, so whoever enrols a
// computer whose keyring is locked unlocks it and uses the same code.
func TestAPoorKeyringOrFolderBurnsNoCode(t *testing.T) {
	w := hospital(t)
	code := w.order("enrol-code", map[string]string{"wards": "4B"})[0]["code"].(string)
	enrol := func(dir string, s keys.Secrets) error {
		_, err := seat.Enrol(context.Background(), dir, s, join.Request{Server: w.url, CAFingerprint: w.fp, Code: code, Place: "4B-02"})
		return err
	}
	locked := fault.New(fault.Timeout, "test", "", "the keyring did not answer")
	dir := filepath.Join(w.dir, "a")
	for name, s := range map[string]keys.Secrets{
		"nothing can be written":  poor{Secrets: keys.MemorySecrets(), set: locked},
		"nothing can be read":     poor{Secrets: keys.MemorySecrets(), get: locked},
		"nothing can be deleted":  poor{Secrets: keys.MemorySecrets(), del: locked},
		"something else is there": poor{Secrets: keys.MemorySecrets(), forgets: true},
	} {
		if err := enrol(dir, s); err == nil || !strings.Contains(err.Error(), "it still works") {
			t.Errorf("%s: %v", name, err)
		}
	}
	file := filepath.Join(w.dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := enrol(filepath.Join(file, "below"), keys.MemorySecrets()); err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("a folder that cannot be: %v", err)
	}
	if err := enrol(dir, keys.MemorySecrets()); err != nil {
		t.Errorf("with a keyring that works, the code is said to be: %v", err)
	}
}
