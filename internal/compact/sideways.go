package compact

import (
	"bytes"
	"encoding/binary"

	"wardlight/internal/compact/columns"
	"wardlight/internal/fault"
)

// sideways is the bit of the dictionary's number that says that the message was
// turned on its side first (see columns). Behind the header stand then the
// length of the tail in four bytes, big-endian, the tail, and one zstd frame.
const sideways Dictionary = 1 << 15

// PackSideways is PackHard for a message that may hold many records of one
// shape: it is turned on its side, where that makes less of it. UnpackAny opens
// it.
func PackSideways(d Dictionary, plain []byte) (packed []byte, ok bool, err error) {
	packed, ok, err = PackHard(d, plain)
	if err != nil {
		return nil, false, err
	}
	turned, err := turn(d, plain)
	if err != nil || turned == nil || ok && len(turned) >= len(packed) {
		return packed, ok, err
	}
	return turned, true, nil
}

// turn is nil where a message cannot be turned, would not come back byte for
// byte, or would not be opened.
func turn(d Dictionary, plain []byte) ([]byte, error) {
	stream, tail, ok := columns.Split(plain)
	if !ok || len(stream) > len(plain) {
		return nil, nil
	}
	if back, err := columns.Rows(stream, tail, len(plain)); err != nil || !bytes.Equal(back, plain) {
		return nil, nil //nolint:nilerr // it is packed as it is
	}
	t, err := toolsOf("compact.pack", d)
	if err != nil {
		return nil, err
	}
	out := binary.BigEndian.AppendUint16(nil, uint16(d|sideways))
	out = binary.BigEndian.AppendUint32(out, uint32(len(plain))) //nolint:gosec // wire.MaxToStation bounds it
	out = binary.BigEndian.AppendUint32(out, uint32(len(tail)))  //nolint:gosec // it is shorter than plain
	out = append(out, tail...)
	if err := t.hard.use(func(enc *encoder) { out = enc.EncodeAll(stream, out) }); err != nil {
		return nil, fault.As(fault.Invalid, "compact.pack", "", err)
	}
	if len(out) >= len(plain) || len(plain) > MaxRatio*len(out) {
		return nil, nil
	}
	return out, nil
}

// UnpackAny opens what Pack, PackHard or PackSideways made with dictionary d, if
// it comes to no more than limit bytes.
func UnpackAny(d Dictionary, packed []byte, limit int) ([]byte, error) {
	if len(packed) < packedHeader || Dictionary(binary.BigEndian.Uint16(packed))&sideways == 0 {
		return Unpack(d, packed, limit)
	}
	const op = "compact.unpack"
	size, rest, err := opened(d|sideways, packed, limit)
	if err != nil {
		return nil, err
	}
	if len(rest) < 4 || uint64(binary.BigEndian.Uint32(rest)) > uint64(len(rest)-4) { //nolint:gosec // rest has at least four
		return nil, fault.New(fault.Invalid, op, "", "a packed message is not what its header says")
	}
	n := 4 + int(binary.BigEndian.Uint32(rest))
	stream, err := unzip(d, rest[n:], 0, size)
	if err != nil {
		return nil, err
	}
	plain, err := columns.Rows(stream, rest[4:n], int(size)) //nolint:gosec // held to the limit
	if err != nil {
		return nil, err
	}
	if uint64(len(plain)) != size {
		return nil, fault.New(fault.Invalid, op, "", "a packed message is not what its header says")
	}
	return plain, nil
}
