package keys

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"log/slog"

	"wardlight/internal/fault"
)

// KeySize is the length of a Key in bytes.
const KeySize = 32

// Key is a symmetric key. The zero Key is no key: it is what a caller holds
// before anything was opened.
type Key [KeySize]byte

// NewKey makes a random key.
func NewKey() Key {
	var k Key
	rand.Read(k[:]) // never fails: the runtime stops the program instead
	return k
}

// KeyFrom copies a key out of bytes, such as a secret from the keyring.
func KeyFrom(b []byte) (Key, error) {
	var k Key
	if len(b) != KeySize {
		return k, fault.Newf(fault.Invalid, "keys.keyfrom", "", "a key has %d bytes, this has %d", KeySize, len(b))
	}
	copy(k[:], b)
	return k, nil
}

// Derive makes another key for one purpose. Keys of different purposes tell
// nothing about each other or about k.
func (k Key) Derive(purpose string) Key {
	out, err := hkdf.Key(sha256.New, k[:], nil, "wardlight "+purpose, KeySize)
	if err != nil {
		panic(err) // constant lengths: only a programming error gets here
	}
	return Key(out)
}

// Zero forgets the key: its bytes are overwritten where it lies.
func (k *Key) Zero() { clear(k[:]) }

// IsZero says whether k is no key.
func (k Key) IsZero() bool { return k == Key{} }

// String never shows the key, so that a key in a log line is harmless.
func (k Key) String() string { return "key(hidden)" }

// Format covers every verb, %x and %v alike.
func (k Key) Format(s fmt.State, _ rune) { _, _ = fmt.Fprint(s, k.String()) }

// LogValue is for slog.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText refuses: a key is never part of a document.
func (k Key) MarshalText() ([]byte, error) {
	return nil, fault.New(fault.Invalid, "keys.marshal", "", "a key is never written as text")
}
