package wire

import "wardlight/internal/clinical/record"

// The messages for a central that is not what it was: rolled back by whoever
// manages its machine, or restored from a backup.

// Doubt says that the station's cursor is not in central's journal: it lies
// beyond the head, or the chain hash there is another one. Until that is
// settled nothing else is exchanged; the station answers with a Proof.
type Doubt struct {
	Head record.Cursor `cbor:"1,keyasint" json:"head"` // of central
}

// Proof is the station's answer to Doubt; an empty one says that it has none.
type Proof record.Proof

// GiveBack hands central a batch that it signed before it was restored, as the
// bytes that it signed. The next one follows after the answer.
type GiveBack record.Return

// Given answers GiveBack: the batch of this Number is durable, what central
// lacked of it. Where RetryMS is not zero it could not be stored and is to be
// given again after that time; where Why is not empty it never will be.
type Given struct {
	Number  uint64 `cbor:"1,keyasint" json:"number"`
	RetryMS uint32 `cbor:"2,keyasint,omitempty" json:"retryMs,omitempty"`
	Why     string `cbor:"3,keyasint,omitempty" json:"why,omitempty"` // a fault kind's name
}

// Type implements Message.
func (*Doubt) Type() Type { return TypeDoubt }

// Type implements Message.
func (*Proof) Type() Type { return TypeProof }

// Type implements Message.
func (*GiveBack) Type() Type { return TypeGiveBack }

// Type implements Message.
func (*Given) Type() Type { return TypeGiven }

// Open checks central's signature and reads the cursor that it stands for.
func (m *Proof) Open(verify Verify) (s record.StationID, at record.Cursor, err error) {
	if m.Chunk {
		c, err := (&Chunk{Body: m.Body, Sig: m.Sig}).Open(verify)
		return c.Station, c.At, err
	}
	b, err := (&Batch{Body: m.Body, Sig: m.Sig}).Open(verify)
	return b.Station, b.Cursor(), err
}
