package wire

import (
	"crypto/sha256"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/internal/fault"
)

// Delta is a Batch without what the station already has: its body is packed
// against versions of large resources that the station holds (see
// compact.PackAgainst). It stands in line like the batch that it is, so its
// bases are what the station holds once everything before it is applied.
//
// Nothing of it is believed: each base must have its sum, what comes of it must
// have Body, and is then the very bytes that central signed. Where that cannot be
// had the station says AskWhole, and loses nothing but the time.
type Delta struct {
	From   record.Position `cbor:"1,keyasint" json:"from"`
	To     record.Position `cbor:"2,keyasint" json:"to"`
	Bases  []Base          `cbor:"3,keyasint" json:"bases"`
	Body   record.Hash     `cbor:"4,keyasint" json:"body"`   // of the batch's body
	Packed []byte          `cbor:"5,keyasint" json:"packed"` // the body, against the bases in this order
	Sig    []byte          `cbor:"6,keyasint" json:"sig"`    // the batch's
}

// Base names one version that a Delta builds on.
type Base struct {
	Ref     fhir.Ref       `cbor:"1,keyasint" json:"ref"`
	Version record.Version `cbor:"2,keyasint" json:"version"`
	Hash    record.Hash    `cbor:"3,keyasint" json:"hash"` // SHA-256 of its body
}

// AskWhole says that the Delta that begins at From, which is where the station
// stands, cannot be put together: central goes on from there, and sends what it
// had sent since as it is.
type AskWhole struct {
	From record.Position `cbor:"1,keyasint" json:"from"`
}

// Type implements Message.
func (*Delta) Type() Type { return TypeDelta }

// Type implements Message.
func (*AskWhole) Type() Type { return TypeAskWhole }

// worth is how many times smaller than a batch its delta must be: packed by
// itself a batch comes to a fifth or a tenth.
const worth = 8

// SealDelta packs a batch against versions that the station holds; nil where
// that gains nothing, or they are more than may be.
func SealDelta(from, to record.Position, b *Batch, held []record.Change, with compact.Dictionary) (*Delta, error) {
	m := &Delta{From: from, To: to, Body: sha256.Sum256(b.Body), Sig: b.Sig}
	if len(held) == 0 || len(held) > MaxBases || with == 0 || to <= from {
		return nil, nil
	}
	bodies := make([][]byte, len(held))
	for i, c := range held {
		bodies[i] = c.Body
		m.Bases = append(m.Bases, Base{c.Ref, c.Version, sha256.Sum256(c.Body)})
	}
	packed, ok, err := compact.PackAgainst(with, bodies, b.Body)
	m.Packed = packed
	if err != nil || !ok || m.Size() > len(b.Body)/worth {
		return nil, fault.Wrap("wire.seal", "delta", err)
	}
	return m, nil
}

// Size is about how many bytes it takes.
func (m *Delta) Size() int {
	const each, around = 40, 128 // a base with its hash; position, sum and signature
	n := around + len(m.Packed)
	for _, b := range m.Bases {
		n += each + len(b.Ref.Type) + len(b.Ref.ID)
	}
	return n
}

// Open puts the batch together from the versions that held gives (nil: it is not
// there). fault.NotFound and fault.Conflict: it cannot be put together here.
// fault.Corrupt: it can, and central did not sign it.
func (m *Delta) Open(with compact.Dictionary, held func(Base) (fhir.Resource, error), verify Verify) (b record.Batch, err error) {
	const op = "wire.open"
	bodies := make([][]byte, len(m.Bases))
	for i, base := range m.Bases {
		body, err := held(base)
		if err != nil {
			return b, fault.As(fault.NotFound, op, "delta", err)
		}
		if body == nil || sha256.Sum256(body) != base.Hash {
			return b, fault.New(fault.NotFound, op, "delta", "a version that it builds on is not here, or is another one")
		}
		bodies[i] = body
	}
	body, err := compact.UnpackAgainst(with, bodies, m.Packed, MaxToStation)
	if err != nil || sha256.Sum256(body) != m.Body {
		return b, fault.New(fault.Conflict, op, "delta", "it does not come to what was meant")
	}
	return (&Batch{Body: body, Sig: m.Sig}).Open(verify)
}
