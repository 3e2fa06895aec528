package journal

import (
	"crypto/ed25519"
	"encoding/base32"
	"io"
	"strings"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Signer is central's journal key.
type Signer interface {
	Public() []byte // Ed25519
	Sign(msg []byte) []byte
}

// Successor is a Signer whose key has given way to another before.
type Successor interface {
	// Line is every handover, oldest first.
	Line() []record.Handover
}

// NewEpoch makes and signs an epoch: its id is 26 characters out of random,
// parent is what it follows ("" for the first), at the position at which it
// begins.
func NewEpoch(random io.Reader, key Signer, cause record.Cause, parent string, at record.Position, made int64) (record.Epoch, error) {
	const op = "journal.newepoch"
	raw := make([]byte, 17) // 136 bits: 28 characters, of which 26 are kept
	if _, err := io.ReadFull(random, raw); err != nil {
		return record.Epoch{}, fault.As(fault.Unavailable, op, "", err)
	}
	id := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))[:26]
	e := record.Epoch{ID: id, Parent: parent, Cause: cause, At: at, Made: made, Key: key.Public()}
	msg, err := e.SigningBytes()
	if err != nil {
		return record.Epoch{}, err
	}
	e.Sig = key.Sign(msg)
	return e, CheckEpoch(e)
}

// CheckEpoch verifies an epoch's signature by the key that it names. Whether
// that key is central's is for the caller to know.
func CheckEpoch(e record.Epoch) error {
	const op = "journal.checkepoch"
	msg, err := e.SigningBytes()
	if err != nil {
		return err
	}
	if len(e.Key) != ed25519.PublicKeySize || !ed25519.Verify(e.Key, msg, e.Sig) {
		return fault.New(fault.Corrupt, op, e.ID, "the epoch's signature is not right")
	}
	return nil
}
