package wire

import (
	"crypto/sha256"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
)

// Sign is central's journal key at work.
type Sign func(msg []byte) []byte

// Verify checks central's signature; nil means that it is right.
type Verify func(msg, sig []byte) error

// SealBatch signs b for the wire.
func SealBatch(b record.Batch, sign Sign) (*Batch, error) {
	body, err := b.SigningBytes()
	if err != nil {
		return nil, fault.Wrap("wire.seal", "batch", err)
	}
	return &Batch{Body: body, Sig: sign(body)}, nil
}

// Open checks the signature and reads the batch; its Sig is filled in.
func (m *Batch) Open(verify Verify) (b record.Batch, err error) {
	if err = verify(m.Body, m.Sig); err != nil {
		return b, fault.As(fault.Corrupt, "wire.open", "batch", err)
	}
	if b, err = record.DecodeBatch(m.Body); err != nil {
		return b, fault.Wrap("wire.open", "batch", err)
	}
	b.Sig, b.Signed = m.Sig, m.Body
	return b, nil
}

// SealAhead signs b for the wire, to be sent ahead of its turn.
func SealAhead(b record.Batch, sign Sign) (*Ahead, error) {
	m, err := SealBatch(b, sign)
	if err != nil {
		return nil, err
	}
	return &Ahead{Body: m.Body, Sig: m.Sig}, nil
}

// Open checks the signature and reads what came ahead.
func (m *Ahead) Open(verify Verify) (record.Batch, error) {
	return (&Batch{Body: m.Body, Sig: m.Sig}).Open(verify)
}

// SealChunk signs c for the wire; summed, its sum alone, unless it is the last.
//
// Ed25519 goes over what it signs twice, and once more to check it, with a slow
// hash; of a whole ward's record that is a tenth of all the work of a first filling.
// The last chunk is signed as it is, because its signature is kept and shown to
// central as proof of where the station stands.
func SealChunk(c record.Chunk, number uint32, summed bool, sign Sign) (*Chunk, error) {
	body, err := c.SigningBytes()
	if err != nil {
		return nil, fault.Wrap("wire.seal", "chunk", err)
	}
	m := &Chunk{Body: body, Number: number, Summed: summed && !c.Last}
	m.Sig = sign(m.signed())
	return m, nil
}

// sumWords begin what is signed of a sum: a body begins with its format's number,
// so that neither can be taken for the other.
const sumWords = "wardlight: SHA-256 of a chunk\n"

// signed is what the signature is over.
func (m *Chunk) signed() []byte {
	if !m.Summed {
		return m.Body
	}
	sum := sha256.Sum256(m.Body)
	return append([]byte(sumWords), sum[:]...)
}

// Open checks the signature and reads the chunk; its Sig is filled in.
func (m *Chunk) Open(verify Verify) (c record.Chunk, err error) {
	if err = verify(m.signed(), m.Sig); err != nil {
		return c, fault.As(fault.Corrupt, "wire.open", "chunk", err)
	}
	if c, err = record.DecodeChunk(m.Body); err != nil {
		return c, fault.Wrap("wire.open", "chunk", err)
	}
	if m.Summed && c.Last {
		return record.Chunk{}, fault.New(fault.Corrupt, "wire.open", "chunk", "the last chunk is signed by its sum, and could prove nothing")
	}
	c.Sig, c.Signed = m.Sig, m.Body
	return c, nil
}
