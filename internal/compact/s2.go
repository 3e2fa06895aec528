package compact

import (
	"encoding/binary"

	"github.com/klauspost/compress/s2"

	"wardlight/internal/fault"
)

// Shrink renders a value as the dictionary's number in two bytes and an s2
// block, in buf where it is large enough; ok is false where that is not worth
// it. It takes about a microsecond.
func Shrink(d Dictionary, plain, buf []byte) (small []byte, ok bool, err error) {
	t, err := toolsOf("compact.shrink", d)
	if err != nil {
		return nil, false, err
	}
	dict, err := t.small()
	if err != nil || s2.MaxEncodedLen(len(plain)) < 0 { // the latter: over 4 GiB
		return nil, false, fault.As(fault.Invalid, "compact.shrink", "", err)
	}
	if small = buf[:cap(buf)]; len(small) < 2+s2.MaxEncodedLen(len(plain)) {
		small = make([]byte, 2+s2.MaxEncodedLen(len(plain)))
	}
	binary.BigEndian.PutUint16(small, uint16(d))
	small = small[:2+len(dict.Encode(small[2:2+s2.MaxEncodedLen(len(plain))], plain))]
	return small, len(small) < len(plain), nil
}

// Expand opens what Shrink made with any dictionary that this program knows, if
// it comes to no more than limit bytes.
func Expand(small []byte, limit int) ([]byte, error) {
	const op = "compact.expand"
	if len(small) < 2 {
		return nil, fault.New(fault.Corrupt, op, "", "a small value is shorter than its header")
	}
	t, err := toolsOf(op, Dictionary(binary.BigEndian.Uint16(small)))
	if err != nil {
		return nil, err
	}
	dict, err := t.small()
	if err != nil {
		return nil, fault.As(fault.Invalid, op, "", err)
	}
	n, err := s2.DecodedLen(small[2:])
	if err != nil || n > limit {
		return nil, fault.New(fault.Corrupt, op, "", "a small value does not say how big it is, or is too big")
	}
	plain, err := dict.Decode(make([]byte, n), small[2:])
	if err != nil {
		return nil, fault.New(fault.Corrupt, op, "", "a small value cannot be opened")
	}
	return plain, nil
}
