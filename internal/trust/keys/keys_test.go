package keys_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsSealedComesBackOrIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := keys.NewSealer(keys.NewKey())
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		aad := rapid.SliceOf(rapid.Byte()).Draw(t, "aad")
		sealed := s.Seal(aad, plain)
		if got, err := s.Open(aad, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q, %v", got, err)
		}
		i := rapid.IntRange(0, len(sealed)-1).Draw(t, "at")
		sealed[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		got, err := s.Open(aad, sealed)
		if err == nil || got != nil {
			t.Fatalf("a flipped bit at %d gives %q", i, got)
		}
		want := fault.Corrupt
		if i == 0 {
			want = fault.Unsupported // the version byte
		} else if i < 5 {
			want = fault.Denied // the key's id
		}
		if !fault.Is(err, want) {
			t.Fatalf("at %d: %v, want %v", i, err, want)
		}
		if _, err := s.Open(append(aad, 1), s.Seal(aad, plain)); !fault.Is(err, fault.Corrupt) {
			t.Fatalf("other additional data: %v", err)
		}
	})
}

func TestAnotherKeyIsDenied(t *testing.T) {
	sealed := keys.NewSealer(keys.NewKey()).Seal(nil, []byte("x"))
	if _, err := keys.NewSealer(keys.NewKey()).Open(nil, sealed); !fault.Is(err, fault.Denied) {
		t.Errorf("err = %v", err)
	}
	for n := range sealed {
		if _, err := keys.NewSealer(keys.NewKey()).Open(nil, sealed[:n]); err == nil {
			t.Errorf("%d bytes were opened", n)
		}
	}
}

func TestSealingTwiceLooksDifferent(t *testing.T) {
	s := keys.NewSealer(keys.NewKey())
	if bytes.Equal(s.Seal(nil, []byte("x")), s.Seal(nil, []byte("x"))) {
		t.Error("the same bytes twice: the nonce is not random")
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	k := keys.NewKey()
	if k.Derive("a") == k.Derive("b") || k.Derive("a") == k {
		t.Error("two purposes, one key")
	}
	if once, again := k.Derive("a"), k.Derive("a"); once != again {
		t.Error("derivation")
	}
}

// A key or an identity in a log line, an error or a document shows nothing.
func TestSecretsDoNotPrint(t *testing.T) {
	k := keys.NewKey()
	id, err := keys.NewSealIdentity()
	ok(t, err)
	d, err := keys.NewDeviceKey(nil)
	ok(t, err)
	j, err := keys.NewJournalKey()
	ok(t, err)
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "k", k, "id", id, "d", d, "j", j)
	fmt.Fprintf(&out, "%v %x %s %+v %d %#v", k, k, k, k, k, k)
	fmt.Fprintf(&out, "%v %s %+v %v %+v %v %+v", id, id, id, d, d, j, j)
	for name, secret := range map[string]string{"key": fmt.Sprintf("%x", k[:]), "identity": string(id.Secret())} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the %s is printed", name)
		}
	}
	if strings.Contains(strings.ToLower(out.String()), "0x") {
		t.Errorf("bytes of a secret are printed: %s", out.String())
	}
	if b, err := json.Marshal(struct{ K keys.Key }{k}); err == nil {
		t.Errorf("a key became JSON: %s", b)
	}
}

func TestDeviceKeySigns(t *testing.T) {
	k, err := keys.NewDeviceKey(nil)
	ok(t, err)
	b, err := k.MarshalPKCS8()
	ok(t, err)
	k2, err := keys.ParseDeviceKey(b)
	ok(t, err)
	if k2.ID() != k.ID() || len(k.ID()) != 16 {
		t.Errorf("ids %q %q", k.ID(), k2.ID())
	}
	sig, err := k2.Sign([]byte("mutation"))
	ok(t, err)
	ok(t, keys.VerifyDevice(k.Public(), []byte("mutation"), sig))
	if err := keys.VerifyDevice(k.Public(), []byte("Mutation"), sig); !fault.Is(err, fault.Denied) {
		t.Errorf("another message: %v", err)
	}
	other, _ := keys.NewDeviceKey(nil)
	if err := keys.VerifyDevice(other.Public(), []byte("mutation"), sig); !fault.Is(err, fault.Denied) {
		t.Errorf("another key: %v", err)
	}
	if err := keys.VerifyDevice([]byte("x"), nil, sig); !fault.Is(err, fault.Invalid) {
		t.Errorf("no key: %v", err)
	}
	if _, err := keys.ParseDeviceKey([]byte("x")); !fault.Is(err, fault.Corrupt) {
		t.Errorf("no private key: %v", err)
	}
	if _, err := (keys.DeviceKey{}).Sign(nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("the zero key signs: %v", err)
	}
}

func TestJournalKeySigns(t *testing.T) {
	k, err := keys.NewJournalKey()
	ok(t, err)
	k2, err := keys.ParseJournalKey(k.Marshal())
	ok(t, err)
	sig := k2.Sign([]byte("batch"))
	ok(t, keys.VerifyJournal(k.Public(), []byte("batch"), sig))
	if err := keys.VerifyJournal(k.Public(), []byte("other"), sig); !fault.Is(err, fault.Denied) {
		t.Errorf("another message: %v", err)
	}
	if err := keys.VerifyJournal([]byte("short"), nil, sig); !fault.Is(err, fault.Invalid) {
		t.Errorf("no key: %v", err)
	}
}

func TestSealedToTwo(t *testing.T) {
	a, err := keys.NewSealIdentity()
	ok(t, err)
	b, err := keys.NewSealIdentity()
	ok(t, err)
	sealed, err := keys.SealTo([]byte("segment key"), a.Recipient(), b.Recipient())
	ok(t, err)
	a2, err := keys.ParseSealIdentity(a.Secret())
	ok(t, err)
	for _, id := range []keys.SealIdentity{a2, b} {
		if got, err := id.Unseal(sealed); string(got) != "segment key" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	c, _ := keys.NewSealIdentity()
	if _, err := c.Unseal(sealed); !fault.Is(err, fault.Denied) {
		t.Errorf("a stranger: %v", err)
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := a.Unseal(sealed); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a flipped bit: %v", err)
	}
	if _, err := keys.SealTo(nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := keys.SealTo(nil, "age1nonsense"); !fault.Is(err, fault.Invalid) {
		t.Errorf("nonsense: %v", err)
	}
	if _, err := keys.ParseSealIdentity([]byte("AGE-SECRET-KEY-1NOT")); err == nil || strings.Contains(err.Error(), "1NOT") {
		t.Errorf("a malformed identity, and what the error says: %v", err)
	}
}
