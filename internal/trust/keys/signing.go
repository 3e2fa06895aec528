package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"io"

	"wardlight/internal/fault"
)

// DeviceKey is a station's signing key, P-256. It signs every mutation made
// there, and the station's certificate holds its public half.
type DeviceKey struct{ priv *ecdsa.PrivateKey }

// NewDeviceKey makes a key. A nil random source is the system's.
func NewDeviceKey(random io.Reader) (DeviceKey, error) {
	if random == nil {
		random = rand.Reader
	}
	k, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return DeviceKey{}, fault.As(fault.Unavailable, "keys.newdevicekey", "", err)
	}
	return DeviceKey{k}, nil
}

// ParseDeviceKey reads what MarshalPKCS8 wrote.
func ParseDeviceKey(pkcs8 []byte) (DeviceKey, error) {
	k, err := x509.ParsePKCS8PrivateKey(pkcs8)
	if err != nil {
		return DeviceKey{}, fault.New(fault.Corrupt, "keys.parsedevicekey", "", "not a PKCS #8 private key")
	}
	ec, ok := k.(*ecdsa.PrivateKey)
	if !ok || ec.Curve != elliptic.P256() {
		return DeviceKey{}, fault.New(fault.Invalid, "keys.parsedevicekey", "", "not a P-256 key")
	}
	return DeviceKey{ec}, nil
}

// IsZero says whether there is no key.
func (k DeviceKey) IsZero() bool { return k.priv == nil }

// MarshalPKCS8 is the private key in PKCS #8, DER.
func (k DeviceKey) MarshalPKCS8() ([]byte, error) {
	b, err := x509.MarshalPKCS8PrivateKey(k.priv)
	return b, fault.As(fault.Invalid, "keys.marshal", "", err)
}

// Public is the public key as SubjectPublicKeyInfo, DER.
func (k DeviceKey) Public() []byte {
	b, err := x509.MarshalPKIXPublicKey(&k.priv.PublicKey)
	if err != nil {
		panic(err) // a P-256 key can always be written
	}
	return b
}

// ID names the key: the first 16 hexadecimal digits of SHA-256(Public()).
func (k DeviceKey) ID() string { return KeyID(k.Public()) }

// KeyID names a public key: the first 16 hexadecimal digits of its SHA-256.
func KeyID(public []byte) string {
	h := sha256.Sum256(public)
	return hex.EncodeToString(h[:8])
}

// Signer gives the key to crypto/tls and to certificate requests.
func (k DeviceKey) Signer() crypto.Signer { return k.priv }

// Sign signs msg: ECDSA over SHA-256, ASN.1.
func (k DeviceKey) Sign(msg []byte) ([]byte, error) {
	if k.priv == nil {
		return nil, fault.New(fault.Unavailable, "keys.sign", "", "there is no device key")
	}
	h := sha256.Sum256(msg)
	sig, err := ecdsa.SignASN1(rand.Reader, k.priv, h[:])
	return sig, fault.As(fault.Unavailable, "keys.sign", "", err)
}

// String never shows the key.
func (k DeviceKey) String() string { return "device key(hidden)" }

// VerifyDevice checks a DeviceKey's signature: nil, fault.Invalid where spki is
// no P-256 key, or fault.Denied where the signature is not by it.
func VerifyDevice(spki, msg, sig []byte) error {
	pub, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return fault.New(fault.Invalid, "keys.verify", "", "not a public key")
	}
	ec, ok := pub.(*ecdsa.PublicKey)
	if !ok || ec.Curve != elliptic.P256() {
		return fault.New(fault.Invalid, "keys.verify", "", "not a P-256 key")
	}
	h := sha256.Sum256(msg)
	if !ecdsa.VerifyASN1(ec, h[:], sig) {
		return fault.New(fault.Denied, "keys.verify", KeyID(spki), "the signature is not by this device key")
	}
	return nil
}

// JournalKey is central's signing key, Ed25519. It signs epochs and batches.
type JournalKey struct{ priv ed25519.PrivateKey }

// NewJournalKey makes a key.
func NewJournalKey() (JournalKey, error) {
	_, k, err := ed25519.GenerateKey(rand.Reader)
	return JournalKey{k}, fault.As(fault.Unavailable, "keys.newjournalkey", "", err)
}

// ParseJournalKey reads what Marshal wrote.
func ParseJournalKey(seed []byte) (JournalKey, error) {
	if len(seed) != ed25519.SeedSize {
		return JournalKey{}, fault.New(fault.Corrupt, "keys.parsejournalkey", "", "not a journal key")
	}
	return JournalKey{ed25519.NewKeyFromSeed(seed)}, nil
}

// IsZero says whether there is no key.
func (k JournalKey) IsZero() bool { return k.priv == nil }

// Marshal is the private key's seed, 32 bytes.
func (k JournalKey) Marshal() []byte { return k.priv.Seed() }

// Public is the public key, 32 bytes.
func (k JournalKey) Public() []byte {
	return append([]byte(nil), k.priv.Public().(ed25519.PublicKey)...)
}

// ID names the key, see KeyID.
func (k JournalKey) ID() string { return KeyID(k.Public()) }

// Sign signs msg.
func (k JournalKey) Sign(msg []byte) []byte { return ed25519.Sign(k.priv, msg) }

// String never shows the key.
func (k JournalKey) String() string { return "journal key(hidden)" }

// VerifyJournal checks a JournalKey's signature: nil, fault.Invalid for a
// malformed key, or fault.Denied.
func VerifyJournal(pub, msg, sig []byte) error {
	if len(pub) != ed25519.PublicKeySize {
		return fault.New(fault.Invalid, "keys.verifyjournal", "", "not an Ed25519 public key")
	}
	if !ed25519.Verify(pub, msg, sig) {
		return fault.New(fault.Denied, "keys.verifyjournal", KeyID(pub), "the signature is not by central's journal key")
	}
	return nil
}
