package outbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"wardlight/internal/clinical/record"
	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

const (
	fileMagic    = "WLOB"
	fileVersion  = 1
	entryMagic   = "WLe1"
	entryHead    = 4 + 4 + 8 + sha256.Size
	maxHeader    = 64 << 10
	maxEntry     = 4 << 20
	headerPrefix = 4 + 1 + 4
)

// header is what stands at the front of a segment.
type header struct {
	Station   record.StationID `cbor:"1,keyasint"`
	Segment   uint64           `cbor:"2,keyasint"`
	First     uint64           `cbor:"3,keyasint"` // index of the first entry
	Chain     record.Hash      `cbor:"4,keyasint"` // chain hash before it
	Recovery  string           `cbor:"5,keyasint"` // keys.RecipientID of central's recovery recipient
	SealedKey []byte           `cbor:"6,keyasint"` // age, to the station's identity and to Recovery
	Made      int64            `cbor:"7,keyasint"` // ms since 1970
}

func (h header) encode() ([]byte, error) {
	body, err := record.Encode(h)
	if err != nil {
		return nil, err
	}
	b := append([]byte(fileMagic), fileVersion)
	b = binary.BigEndian.AppendUint32(b, uint32(len(body))) //nolint:gosec // bounded by maxSegment
	b = append(b, body...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...), nil
}

// decodeHeader reads a header and says where the entries begin.
func decodeHeader(b []byte) (h header, size int, err error) {
	const op = "outbox.header"
	if len(b) < headerPrefix || string(b[:4]) != fileMagic {
		return h, 0, fault.New(fault.Corrupt, op, "", "not an outbox file, or its beginning is damaged")
	}
	if b[4] != fileVersion && !asVersion(b, fileVersion) {
		return h, 0, fault.Newf(fault.Unsupported, op, "", "outbox file version %d; a newer program wrote it", b[4])
	}
	n := int(binary.BigEndian.Uint32(b[5:9]))
	size = headerPrefix + n + sha256.Size
	if n > maxHeader || len(b) < size {
		return h, 0, fault.New(fault.Corrupt, op, "", "the outbox file's header is damaged")
	}
	if !asVersion(b, fileVersion) {
		return h, 0, fault.New(fault.Corrupt, op, "", "the outbox file's header is damaged")
	}
	return h, size, record.Decode(b[headerPrefix:headerPrefix+n], &h)
}

// asVersion says whether the header's sum fits, read as this version's. Where it
// does, a version byte that says otherwise is the one byte that is damaged, and
// the unsent work behind it is not to be lost as a newer program's.
func asVersion(b []byte, version byte) bool {
	n := int(binary.BigEndian.Uint32(b[5:9]))
	if n > maxHeader || len(b) < headerPrefix+n+sha256.Size {
		return false
	}
	d := sha256.New()
	d.Write(b[:4])
	d.Write([]byte{version})
	d.Write(b[5 : headerPrefix+n])
	return bytes.Equal(d.Sum(nil), b[headerPrefix+n:headerPrefix+n+sha256.Size])
}

// binding is an entry's additional data.
func (h header) binding(index uint64, prev record.Hash) []byte {
	b := fmt.Appendf(nil, "wardlight outbox v1\x00%s\x00", h.Station)
	b = binary.BigEndian.AppendUint64(b, h.Segment)
	b = binary.BigEndian.AppendUint64(b, index)
	return append(b, prev[:]...)
}

// frame seals an entry's bytes as they stand in the file.
func (h header) frame(s *keys.Sealer, index uint64, prev record.Hash, plain []byte) []byte {
	b := make([]byte, 0, entryHead+len(plain)+keys.Overhead)
	b = append(b, entryMagic...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(plain)+keys.Overhead)) //nolint:gosec // bounded by maxSegment
	b = binary.BigEndian.AppendUint64(b, index)
	b = append(b, prev[:]...)
	return s.Append(b, h.binding(index, prev), plain)
}

func chainAfter(prev record.Hash, frame []byte) record.Hash {
	d := sha256.New()
	d.Write(prev[:])
	d.Write(frame)
	return record.Hash(d.Sum(nil))
}

// unframe reads the entry at the start of b. size is 0 where no entry begins.
func (h header) unframe(s *keys.Sealer, b []byte) (index uint64, prev record.Hash, plain []byte, size int) {
	if len(b) < entryHead || string(b[:4]) != entryMagic {
		return 0, prev, nil, 0
	}
	n := int(binary.BigEndian.Uint32(b[4:8]))
	if n < keys.Overhead || n > maxEntry || n > len(b)-entryHead {
		return 0, prev, nil, 0
	}
	index = binary.BigEndian.Uint64(b[8:16])
	copy(prev[:], b[16:entryHead])
	plain, err := s.Open(h.binding(index, prev), b[entryHead:entryHead+n])
	if err != nil {
		return 0, prev, nil, 0
	}
	return index, prev, plain, entryHead + n
}
