package keys

import (
	"bytes"
	"errors"
	"io"

	"filippo.io/age"

	"wardlight/internal/fault"
)

// SealIdentity opens what was sealed to its recipient: an age X25519 identity.
// A station has one for its outbox file; central has one, its recovery key, so
// that a station whose keys are lost still loses no work. With former ones it opens
// what was sealed to those too.
type SealIdentity struct {
	id     *age.X25519Identity
	before *SealIdentity // a chain, so that an identity can be compared
}

// NewSealIdentity makes an identity.
func NewSealIdentity() (SealIdentity, error) {
	id, err := age.GenerateX25519Identity()
	return SealIdentity{id: id}, fault.As(fault.Unavailable, "keys.newsealidentity", "", err)
}

// ParseSealIdentity reads what Secret returned.
func ParseSealIdentity(secret []byte) (SealIdentity, error) {
	id, err := age.ParseX25519Identity(string(bytes.TrimSpace(secret)))
	if err != nil { // age's message may quote the secret
		return SealIdentity{}, fault.New(fault.Invalid, "keys.parsesealidentity", "", "not an age X25519 identity")
	}
	return SealIdentity{id: id}, nil
}

// With is the identity that opens what was sealed to these of before as well.
func (i SealIdentity) With(former ...SealIdentity) SealIdentity {
	all := append(i.All(), former...)
	var chain *SealIdentity
	for n := len(all) - 1; n >= 0; n-- {
		chain = &SealIdentity{all[n].id, chain}
	}
	return *chain
}

// All are the identity and those of before, each by itself, the present one first.
func (i SealIdentity) All() []SealIdentity {
	var all []SealIdentity
	for at := &i; at != nil; at = at.before {
		all = append(all, SealIdentity{id: at.id})
	}
	return all
}

// Of is the one of the identity and those of before that opens what was sealed; false:
// none of them does.
func (i SealIdentity) Of(sealed []byte) (SealIdentity, bool) {
	for _, one := range i.All() {
		if one.IsZero() {
			continue
		}
		if _, err := one.Unseal(sealed); !fault.Is(err, fault.Denied) {
			return one, true
		}
	}
	return SealIdentity{}, false
}

// IsZero says whether there is no identity.
func (i SealIdentity) IsZero() bool { return i.id == nil }

// Secret is the private identity, "AGE-SECRET-KEY-1…".
func (i SealIdentity) Secret() []byte { return []byte(i.id.String()) }

// Recipient is the public half, "age1…".
func (i SealIdentity) Recipient() string { return i.id.Recipient().String() }

// String never shows the identity.
func (i SealIdentity) String() string { return "seal identity(hidden)" }

// CheckRecipient says whether anything can be sealed to a recipient.
func CheckRecipient(recipient string) error {
	if _, err := age.ParseX25519Recipient(recipient); err != nil {
		return fault.New(fault.Invalid, "keys.recipient", RecipientID(recipient), "not an age X25519 recipient (age1…)")
	}
	return nil
}

// RecipientID names a recipient in a file's header, see KeyID.
func RecipientID(recipient string) string { return KeyID([]byte(recipient)) }

// SealTo encrypts plain so that each of the recipients can open it alone.
func SealTo(plain []byte, recipients ...string) ([]byte, error) {
	var rs []age.Recipient
	for _, r := range recipients {
		x, err := age.ParseX25519Recipient(r)
		if err != nil {
			return nil, fault.New(fault.Invalid, "keys.sealto", RecipientID(r), "not an age X25519 recipient (age1…)")
		}
		rs = append(rs, x)
	}
	if len(rs) == 0 {
		return nil, fault.New(fault.Invalid, "keys.sealto", "", "nobody could open it: no recipient")
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, rs...)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), fault.As(fault.Unavailable, "keys.sealto", "", err)
}

// maxUnsealed bounds what Unseal returns; it is for keys, not for documents.
const maxUnsealed = 1 << 20

// Unseal opens what was sealed to this identity: fault.Denied where it is for
// somebody else, fault.Corrupt where it was changed.
func (i SealIdentity) Unseal(sealed []byte) ([]byte, error) {
	if i.id == nil {
		return nil, fault.New(fault.Denied, "keys.unseal", "", "there is no identity to open it with")
	}
	var all []age.Identity
	for _, of := range i.All() {
		all = append(all, of.id)
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), all...)
	if err != nil {
		var other *age.NoIdentityMatchError
		if errors.As(err, &other) {
			return nil, fault.New(fault.Denied, "keys.unseal", "", "it is sealed to somebody else")
		}
		return nil, fault.New(fault.Corrupt, "keys.unseal", "", "the sealed bytes were changed")
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxUnsealed))
	if err != nil {
		return nil, fault.New(fault.Corrupt, "keys.unseal", "", "the sealed bytes were changed")
	}
	return plain, nil
}
