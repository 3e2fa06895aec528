package keys_test

import (
	"bytes"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

// What an earlier key sealed stays readable, what comes is sealed by the newest, and
// a key that is none of the ring's opens nothing.
func TestARingReadsWhatItsEarlierKeysSealed(t *testing.T) {
	first, second, stranger := keys.NewKey(), keys.NewKey(), keys.NewKey()
	aad := []byte("where it stands")
	r := keys.NewRing(first)
	old := r.Seal(aad, []byte("of the first"))
	r.Add(second)
	now := r.Seal(aad, []byte("of the second"))
	for want, sealed := range map[string][]byte{"of the first": old, "of the second": now} {
		if b, err := r.Open(aad, sealed); err != nil || string(b) != want {
			t.Errorf("%q, %v; want %q", b, err, want)
		}
	}
	if _, err := keys.NewSealer(first).Open(aad, now); !fault.Is(err, fault.Denied) {
		t.Errorf("the first key opens what came after it: %v", err)
	}
	if b, err := keys.NewRing(second, first).Open(aad, old); err != nil || string(b) != "of the first" {
		t.Errorf("a ring made anew: %q, %v", b, err)
	}
	if _, err := r.Open(aad, keys.NewSealer(stranger).Seal(aad, []byte("x"))); !fault.Is(err, fault.Denied) {
		t.Errorf("a stranger's: %v", err)
	}
	old[len(old)-1] ^= 1
	if _, err := r.Open(aad, old); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a changed byte: %v", err)
	}
	if _, err := r.Open(aad, bytes.Repeat([]byte{1}, 5)); !fault.Is(err, fault.Corrupt) {
		t.Errorf("too short: %v", err)
	}
}
