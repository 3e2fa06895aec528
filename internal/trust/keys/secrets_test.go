package keys_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// exercise is the one suite for every kind of Secrets.
func exercise(t *testing.T, s keys.Secrets) {
	t.Helper()
	if _, err := s.Get(bg, "sabc/device"); !fault.Is(err, fault.NotFound) {
		t.Errorf("before there is one: %v, want not found", err)
	}
	secret := []byte{0, 1, 2, 255, '\n'}
	ok(t, s.Set(bg, "sabc/device", secret))
	ok(t, s.Set(bg, "sdef/device", []byte("another station's")))
	if got, err := s.Get(bg, "sabc/device"); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("%q, %v", got, err)
	}
	ok(t, s.Set(bg, "sabc/device", []byte("changed")))
	if got, err := s.Get(bg, "sabc/device"); err != nil || string(got) != "changed" {
		t.Errorf("after a change: %q, %v", got, err)
	}
	ok(t, s.Set(bg, "sabc/large", bytes.Repeat([]byte{1}, keys.MaxSecret)))
	if err := s.Set(bg, "sabc/large", bytes.Repeat([]byte{1}, keys.MaxSecret+1)); !fault.Is(err, fault.Invalid) {
		t.Errorf("too large: %v", err)
	}
	if err := s.Set(bg, "Name of a Person", secret); !fault.Is(err, fault.Invalid) {
		t.Errorf("a name with spaces: %v", err)
	}
	ok(t, s.Delete(bg, "sabc/device"))
	if _, err := s.Get(bg, "sabc/device"); !fault.Is(err, fault.NotFound) {
		t.Errorf("deleted: %v", err)
	}
	if err := s.Delete(bg, "sabc/device"); !fault.Is(err, fault.NotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if got, err := s.Get(bg, "sdef/device"); err != nil || string(got) != "another station's" {
		t.Errorf("the other station's: %q, %v", got, err)
	}
}

func TestMemorySecrets(t *testing.T) { exercise(t, keys.MemorySecrets()) }

func TestBoundedSecrets(t *testing.T) {
	exercise(t, keys.Bounded(keys.MemorySecrets(), 10*time.Second))
}

func passphrase(t *testing.T, words string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "passphrase")
	ok(t, os.WriteFile(path, []byte(words), 0o400))
	return path
}

func TestPassphraseFile(t *testing.T) {
	store := filepath.Join(t.TempDir(), "secrets.v1")
	pass := passphrase(t, "correct horse battery\n")
	s, err := keys.PassphraseFile(store, pass)
	ok(t, err)
	exercise(t, s)
	again, err := keys.PassphraseFile(store, passphrase(t, "correct horse battery")) // the line's end does not count
	ok(t, err)
	if got, err := again.Get(bg, "sdef/device"); err != nil || string(got) != "another station's" {
		t.Errorf("%q, %v", got, err)
	}
	ok(t, again.Set(bg, "third", []byte("x")))
	if _, err := s.Get(bg, "third"); err != nil {
		t.Errorf("two processes do not see each other's secrets: %v", err)
	}
	raw, _ := os.ReadFile(store)
	if bytes.Contains(raw, []byte("station's")) {
		t.Error("the store shows a secret")
	}
	if _, err := keys.PassphraseFile(store, passphrase(t, "wrong horse battery")); !fault.Is(err, fault.Denied) || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("a wrong passphrase: %v", err)
	}
	raw[len(raw)-10] ^= 1
	ok(t, os.WriteFile(store, raw, 0o600))
	if _, err := keys.PassphraseFile(store, pass); err == nil {
		t.Error("a damaged store opens")
	}
}

func TestAPassphraseFileThatIsNoGood(t *testing.T) {
	store := filepath.Join(t.TempDir(), "secrets.v1")
	if _, err := keys.PassphraseFile(store, filepath.Join(t.TempDir(), "none")); !fault.Is(err, fault.NotFound) {
		t.Errorf("none: %v", err)
	}
	if _, err := keys.PassphraseFile(store, passphrase(t, "short")); !fault.Is(err, fault.Invalid) {
		t.Errorf("short: %v", err)
	}
	open := passphrase(t, "long enough to be one")
	ok(t, os.Chmod(open, 0o644))
	if _, err := keys.PassphraseFile(store, open); runtime.GOOS != "windows" && !fault.Is(err, fault.Denied) {
		t.Errorf("everybody may read it: %v", err)
	}
}

// hanging is a keyring that waits for a prompt nobody sees.
type hanging struct{ release chan struct{} }

func (h hanging) Get(context.Context, string) ([]byte, error) { <-h.release; return nil, nil }
func (h hanging) Set(context.Context, string, []byte) error   { <-h.release; return nil }
func (h hanging) Delete(context.Context, string) error        { <-h.release; return nil }

// A keyring that never answers costs a time-out, and never more than a few
// goroutines.
func TestAKeyringThatHangs(t *testing.T) {
	h := hanging{make(chan struct{})}
	s := keys.Bounded(h, 30*time.Millisecond)
	before := runtime.NumGoroutine()
	start := time.Now()
	for range 12 {
		_, err := s.Get(bg, "sabc/device")
		if !fault.Is(err, fault.Timeout) || !strings.Contains(err.Error(), "Unlock the keyring") {
			t.Fatalf("err = %v, want a time-out that says what to do", err)
		}
	}
	if err := s.Set(bg, "sabc/device", []byte("x")); !fault.Is(err, fault.Timeout) {
		t.Errorf("set: %v", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("13 calls took %v", took)
	}
	if n := runtime.NumGoroutine() - before; n > 6 {
		t.Errorf("%d goroutines hang", n)
	}
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if _, err := s.Get(ctx, "sabc/device"); !fault.Is(err, fault.Timeout) {
		t.Errorf("cancelled: %v", err)
	}
	close(h.release) // it answers after all
	deadline := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if _, err := s.Get(bg, "sabc/device"); err != nil {
		t.Errorf("it does not recover: %v", err)
	}
}
