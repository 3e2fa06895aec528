package record

import (
	"encoding/binary"
	"math"

	"wardlight/internal/clinical/fhir"
	"wardlight/internal/fault"
)

// Encoded is a change as bytes: what Encode makes of it, without the format
// byte. A journal keeps these bytes, and a snapshot carries them on without
// taking them apart on the way: thousands of changes a second, and none of them
// can be changed in passing.
type Encoded []byte

// EncodeChange renders a change.
func EncodeChange(c Change) (Encoded, error) {
	b, err := Encode(c)
	if err != nil {
		return nil, err
	}
	return b[1:], nil
}

// EncodedOf takes the format byte off what Encode made of a change.
func EncodedOf(b []byte) (Encoded, error) {
	if len(b) == 0 || b[0] != FormatVersion {
		return nil, fault.New(fault.Unsupported, "record.encoded", "", "a change's format is not known to this program; a newer one wrote it")
	}
	return b[1:], nil
}

// Change reads it.
func (e Encoded) Change() (Change, error) { return e.read(false) }

// read is Change; where alias is set, the body is a part of e.
func (e Encoded) read(alias bool) (c Change, err error) {
	if c, ok := quick(e, alias); ok {
		return c, nil
	}
	if err := decMode.Unmarshal(e, &c); err != nil {
		return Change{}, fault.As(fault.Corrupt, "record.encoded", "", err)
	}
	return c, nil
}

// MarshalCBOR writes it as it is.
func (e Encoded) MarshalCBOR() ([]byte, error) { return e, nil }

// UnmarshalCBOR keeps the bytes themselves: they are a part of what Decode was
// given, which is a message that came and that nobody changes. (The decoder hands
// out a part of its input and keeps none of it.)
func (e *Encoded) UnmarshalCBOR(b []byte) error {
	*e = b[:len(b):len(b)]
	return nil
}

// encodedChunk is Chunk with its changes as bytes, member by member.
type encodedChunk struct {
	Snapshot string    `cbor:"1,keyasint"`
	Index    uint32    `cbor:"2,keyasint"`
	Next     string    `cbor:"3,keyasint,omitempty"`
	Changes  []Encoded `cbor:"4,keyasint,omitempty"`
	Last     bool      `cbor:"5,keyasint,omitempty"`
	At       Cursor    `cbor:"6,keyasint"`
	Done     uint64    `cbor:"7,keyasint"`
	Total    uint64    `cbor:"8,keyasint,omitempty"`
	Time     int64     `cbor:"9,keyasint"`
	Station  StationID `cbor:"10,keyasint"`
	Part     Part      `cbor:"12,keyasint,omitempty"`
	Ready    []fhir.ID `cbor:"13,keyasint,omitempty"`
	Whole    []fhir.ID `cbor:"14,keyasint,omitempty"`
}

// chunkFront are the members before the changes.
type chunkFront struct {
	Snapshot string `cbor:"1,keyasint"`
	Index    uint32 `cbor:"2,keyasint"`
	Next     string `cbor:"3,keyasint,omitempty"`
}

// DecodeChunk reads what SigningBytes made: the changes, and each as the bytes that
// it came as, so that whoever keeps them renders none of them again. These, and the
// bodies of the changes, are parts of b, which must not change any more.
func DecodeChunk(b []byte) (c Chunk, err error) {
	var e encodedChunk
	if err := Decode(b, &e); err != nil {
		return Chunk{}, err
	}
	c = Chunk{
		Snapshot: e.Snapshot, Index: e.Index, Next: e.Next, Encoded: e.Changes, Last: e.Last, At: e.At, Done: e.Done, Total: e.Total,
		Time: e.Time, Station: e.Station, Part: e.Part, Ready: e.Ready, Whole: e.Whole,
	}
	c.Changes, err = c.all(true)
	return c, err
}

// encodedBatch is Batch with its changes as bytes, member by member.
type encodedBatch struct {
	Epoch   string    `cbor:"1,keyasint"`
	From    Position  `cbor:"2,keyasint"`
	To      Position  `cbor:"3,keyasint"`
	Chain   Hash      `cbor:"4,keyasint"`
	Changes []Encoded `cbor:"5,keyasint,omitempty"`
	Forget  []fhir.ID `cbor:"6,keyasint,omitempty"`
	Time    int64     `cbor:"7,keyasint"`
	Station StationID `cbor:"8,keyasint"`
	Wards   []Ward    `cbor:"10,keyasint,omitempty"`
	Refill  []fhir.ID `cbor:"11,keyasint,omitempty"`
}

// DecodeBatch is DecodeChunk for a batch.
func DecodeBatch(b []byte) (Batch, error) {
	var e encodedBatch
	if err := Decode(b, &e); err != nil {
		return Batch{}, err
	}
	all, err := Chunk{Encoded: e.Changes}.All()
	return Batch{
		Epoch: e.Epoch, From: e.From, To: e.To, Chain: e.Chain, Changes: all, Encoded: e.Changes, Forget: e.Forget,
		Time: e.Time, Station: e.Station, Wards: e.Wards, Refill: e.Refill,
	}, err
}

// Kept appends to buf how e is kept: as Encode would render the change.
func (e Encoded) Kept(buf []byte) []byte { return append(append(buf, FormatVersion), e...) }

// render is Encode of the chunk, with the changes put in as they are: the encoder
// would go over each once more to see that it is well formed.
func (e encodedChunk) render() ([]byte, error) {
	size := 0
	for _, c := range e.Changes {
		size += len(c)
	}
	changes := e.Changes
	e.Changes = nil
	rest, err := Encode(e)
	if err != nil {
		return nil, err
	}
	before, err := Encode(chunkFront{e.Snapshot, e.Index, e.Next})
	if err != nil {
		return nil, err
	}
	// Version, number of members, the members before the changes, those after them.
	front := len(before)
	b := make([]byte, 0, len(rest)+size+10)
	b = append(append(b, rest[0], rest[1]+1), rest[2:front]...)
	b = appendArray(append(b, 4), len(changes))
	for _, c := range changes {
		b = append(b, c...)
	}
	return append(b, rest[front:]...), nil
}

// appendArray begins an array of n, as deterministic CBOR does.
func appendArray(b []byte, n int) []byte {
	switch {
	case n < 24:
		return append(b, 0x80|byte(n)) //nolint:gosec // below 24
	case n <= math.MaxUint8:
		return append(b, 0x98, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, 0x99), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(b, 0x9a), uint32(n)) //nolint:gosec // bounded by a frame
	}
}

func (c Chunk) encoded() encodedChunk {
	return encodedChunk{c.Snapshot, c.Index, c.Next, c.Encoded, c.Last, c.At, c.Done, c.Total, c.Time, c.Station, c.Part, c.Ready, c.Whole}
}

// All are the chunk's changes, read where it has them as bytes.
func (c Chunk) All() ([]Change, error) { return c.all(false) }

func (c Chunk) all(alias bool) ([]Change, error) {
	if len(c.Encoded) == 0 {
		return c.Changes, nil
	}
	all := make([]Change, len(c.Encoded))
	for i, e := range c.Encoded {
		var err error
		if all[i], err = e.read(alias); err != nil {
			return nil, err
		}
	}
	return all, nil
}
