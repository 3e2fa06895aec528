package record

import (
	"bytes"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"wardlight/internal/fault"
)

// FormatVersion is the first byte of everything that Encode makes. A reader
// refuses a version it does not know; it never guesses.
const FormatVersion = 1

var (
	encMode = mustEnc(cbor.CoreDetEncOptions())
	decMode = mustDec(cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		MaxNestedLevels:  32,
		MaxArrayElements: 1 << 20,
		MaxMapPairs:      1 << 16,
		IndefLength:      cbor.IndefLengthForbidden,
	})
)

func mustEnc(o cbor.EncOptions) cbor.UserBufferEncMode {
	m, err := o.UserBufferEncMode()
	if err != nil {
		panic(err) // constant options: only a programming error gets here
	}
	return m
}

func mustDec(o cbor.DecOptions) cbor.DecMode {
	m, err := o.DecMode()
	if err != nil {
		panic(err)
	}
	return m
}

// buffers are what Encode writes into: everything that is kept or sent goes
// through it, and is then copied once, at its size.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxBuffer is the largest buffer that is kept for the next Encode.
const maxBuffer = 1 << 20

// Encode renders v as the version byte and deterministic CBOR.
func Encode(v any) ([]byte, error) {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	buf.WriteByte(FormatVersion)
	if err := encMode.MarshalToBuffer(v, buf); err != nil {
		return nil, fault.As(fault.Invalid, "record.encode", "", err)
	}
	b := bytes.Clone(buf.Bytes())
	if buf.Cap() <= maxBuffer {
		buffers.Put(buf)
	}
	return b, nil
}

// Decode reads what Encode wrote. Members that this version does not know are
// ignored, so that a newer writer can add some.
func Decode(b []byte, v any) error {
	if len(b) == 0 {
		return fault.New(fault.Corrupt, "record.decode", "", "no bytes")
	}
	if b[0] != FormatVersion {
		return fault.Newf(fault.Unsupported, "record.decode", "", "format version %d is not known to this program; a newer one wrote it", b[0])
	}
	if c, is := v.(*Change); is {
		if read, ok := quick(b[1:], false); ok {
			*c = read
			return nil
		}
	}
	if err := decMode.Unmarshal(b[1:], v); err != nil {
		return fault.As(fault.Corrupt, "record.decode", "", err)
	}
	return nil
}
