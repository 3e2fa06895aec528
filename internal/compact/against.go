package compact

import (
	"bytes"
	"encoding/binary"
	"sync"

	"github.com/klauspost/compress/zstd"

	"wardlight/internal/fault"
)

// A new version of a large resource says mostly what the one before it said.
// Where the other side holds that one, the new one is packed against it: zstd
// finds in it, as it does in a dictionary, what need not be sent again. What is
// packed is one message; its bases may be several, one for each large resource
// in it.

// against is the bit of the dictionary's number that says that the message was
// packed against bases.
const against Dictionary = 1 << 14

// Bounds of what is packed against bases. They stand in for MaxRatio, which
// what has hardly changed goes far beyond.
const (
	MaxAgainst = 1 << 20   // bytes of the message
	MaxBases   = 512 << 10 // bytes of its bases together
)

// reach is how far back zstd looks: over the message, its bases and the
// dictionary.
const reach = 2 << 20

// againstOne lets one message be packed so at a time: its tables take 5 MB, which
// a thousand stations that come back at once must not take each.
var againstOne sync.Mutex

// PackAgainst is Pack for a message of which much stands in bases; UnpackAgainst
// opens it with the same bases in the same order. ok is false where there is
// nothing to gain, or the message or its bases are over their bounds.
func PackAgainst(d Dictionary, bases [][]byte, plain []byte) (packed []byte, ok bool, err error) {
	known, err := knownBy("compact.packagainst", d, bases)
	if err != nil || known == nil || len(plain) > MaxAgainst {
		return nil, false, err
	}
	againstOne.Lock()
	defer againstOne.Unlock()
	// It is made for this message alone: its tables hold the bases.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderDictRaw(uint32(d|against), known), zstd.WithEncoderLevel(zstd.SpeedDefault),
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false), zstd.WithSingleSegment(true), zstd.WithWindowSize(reach), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, false, fault.As(fault.Invalid, "compact.packagainst", "", err)
	}
	packed = binary.BigEndian.AppendUint16(nil, uint16(d|against))
	packed = binary.BigEndian.AppendUint32(packed, uint32(len(plain))) //nolint:gosec // MaxAgainst bounds it
	packed = enc.EncodeAll(plain, packed)
	return packed, len(packed) < len(plain), nil
}

// UnpackAgainst opens what PackAgainst made with dictionary d and these bases, if
// it comes to no more than limit bytes. With other bases it is an error, or comes
// to something else: hold it against what was meant.
func UnpackAgainst(d Dictionary, bases [][]byte, packed []byte, limit int) ([]byte, error) {
	const op = "compact.unpackagainst"
	bad := func(kind fault.Kind, why string) ([]byte, error) { return nil, fault.New(kind, op, "", why) }
	known, err := knownBy(op, d, bases)
	switch {
	case err != nil:
		return nil, err
	case known == nil:
		return bad(fault.Full, "the bases are over their limit")
	case len(packed) < packedHeader || Dictionary(binary.BigEndian.Uint16(packed)) != d|against:
		return bad(fault.Unsupported, "a message is packed in a way that nobody agreed on")
	}
	size := uint64(binary.BigEndian.Uint32(packed[2:]))
	if size > uint64(max(min(limit, MaxAgainst), 0)) {
		return bad(fault.Full, "a packed message would be over the limit")
	}
	var h zstd.Header
	if h.Decode(packed[packedHeader:]) != nil || h.Skippable || !h.HasFCS || h.FrameContentSize != size || h.DictionaryID != uint32(d|against) {
		return bad(fault.Invalid, "a packed message is not what its header says")
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderDictRaw(uint32(d|against), known),
		zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return nil, fault.As(fault.Invalid, op, "", err)
	}
	defer dec.Close()
	plain, err := dec.DecodeAll(packed[packedHeader:], make([]byte, 0, size))
	if err != nil || uint64(len(plain)) != size {
		return bad(fault.Invalid, "a packed message cannot be opened")
	}
	return plain, nil
}

// knownBy is what both sides have: the content of the dictionary, for the small
// resources beside the large ones, and behind it the bases; nil where they are
// over their bound.
func knownBy(op string, d Dictionary, bases [][]byte) ([]byte, error) {
	t, err := toolsOf(op, d)
	if err != nil {
		return nil, err
	}
	content, err := t.content()
	if err != nil {
		return nil, fault.As(fault.Invalid, op, "", err)
	}
	all := bytes.Join(bases, nil)
	if len(all) > MaxBases {
		return nil, nil
	}
	return append(bytes.Clone(content), all...), nil
}
