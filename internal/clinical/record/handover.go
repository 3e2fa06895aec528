package record

import (
	"bytes"
	"crypto/ed25519"

	"wardlight/internal/fault"
)

// MaxHandovers bounds how often central's journal key gives way to another.
const MaxHandovers = 128

// Handover says that central's journal key gave way to another. The old key signs it,
// so that whoever believed that one may believe the new one; and the new key signs it,
// so that whoever knows only the new one may believe that the old one was central's
// before, as of epochs and checkpoints that it signed.
type Handover struct {
	Old   []byte `cbor:"1,keyasint" json:"old"`  // Ed25519 public keys
	New   []byte `cbor:"2,keyasint" json:"new"`  //
	Made  int64  `cbor:"3,keyasint" json:"made"` // ms since 1970, central
	ByOld []byte `cbor:"4,keyasint,omitempty" json:"byOld,omitempty"`
	ByNew []byte `cbor:"5,keyasint,omitempty" json:"byNew,omitempty"`
}

// SigningBytes are what both keys sign; they are no other thing that a journal key
// signs.
func (h Handover) SigningBytes() ([]byte, error) {
	h.ByOld, h.ByNew = nil, nil
	b, err := Encode(h)
	return append([]byte("wardlight journal key handover v1\x00"), b...), err
}

// Check verifies both signatures.
func (h Handover) Check() error {
	msg, err := h.SigningBytes()
	if err != nil {
		return err
	}
	if len(h.Old) != ed25519.PublicKeySize || len(h.New) != ed25519.PublicKeySize ||
		!ed25519.Verify(h.Old, msg, h.ByOld) || !ed25519.Verify(h.New, msg, h.ByNew) {
		return fault.New(fault.Denied, "record.handover", "", "a journal key was not handed over by the one before it")
	}
	return nil
}

// Succession is every handover of a central's, oldest first.
type Succession struct {
	Line []Handover `json:"line"`
}

// JournalKeys are the keys by which a central is known.
type JournalKeys struct {
	Now    []byte   // signs from here on
	Before [][]byte // signed before it
}

// Follow goes from a key that is believed along a succession to the present one. Each
// link must be signed by both its keys and begin where the one before it ended, and the
// known key must be one of them: else fault.Denied, and nothing new is to be believed.
func (s Succession) Follow(known []byte) (JournalKeys, error) {
	const op = "record.follow"
	if len(s.Line) == 0 {
		return JournalKeys{Now: known}, nil
	}
	if len(s.Line) > MaxHandovers {
		return JournalKeys{}, fault.New(fault.Invalid, op, "", "too many journal keys follow one another")
	}
	all := [][]byte{s.Line[0].Old}
	for _, h := range s.Line {
		if err := h.Check(); err != nil {
			return JournalKeys{}, err
		}
		if !bytes.Equal(h.Old, all[len(all)-1]) {
			return JournalKeys{}, fault.New(fault.Denied, op, "", "the journal keys do not follow one another")
		}
		all = append(all, h.New)
	}
	for _, k := range all {
		if bytes.Equal(k, known) {
			return JournalKeys{Now: all[len(all)-1], Before: all[:len(all)-1]}, nil
		}
	}
	return JournalKeys{}, fault.New(fault.Denied, op, "", "the journal key that is known is none of this server's")
}
