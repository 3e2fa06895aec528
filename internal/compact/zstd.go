package compact

import (
	"encoding/binary"

	"github.com/klauspost/compress/zstd"

	"wardlight/internal/fault"
)

// MaxRatio is how many times its packed size something may have. Our resources
// come to a tenth or a twentieth; whoever claims more than this sends a bomb.
const MaxRatio = 256

// packedHeader is what stands before the zstd frame: the dictionary's number in
// two bytes and the plain size in four, big-endian.
const packedHeader = 6

// Pack renders plain as a header and one zstd frame; ok is false where that is
// not worth it, or would not be opened.
func Pack(d Dictionary, plain []byte) (packed []byte, ok bool, err error) {
	t, err := toolsOf("compact.pack", d)
	if err != nil {
		return nil, false, err
	}
	enc, err := t.pack()
	if err != nil {
		return nil, false, fault.As(fault.Invalid, "compact.pack", "", err)
	}
	packed, ok = packWith(d, enc, plain)
	return packed, ok, nil
}

// PackHard is Pack with ten times the work, and a sixth less to send: for lines
// on which a kilobyte takes longer than that.
func PackHard(d Dictionary, plain []byte) (packed []byte, ok bool, err error) {
	t, err := toolsOf("compact.pack", d)
	if err != nil {
		return nil, false, err
	}
	err = t.hard.use(func(enc *zstd.Encoder) { packed, ok = packWith(d, enc, plain) })
	return packed, ok, fault.As(fault.Invalid, "compact.pack", "", err)
}

func packWith(d Dictionary, enc *zstd.Encoder, plain []byte) (packed []byte, ok bool) {
	packed = make([]byte, packedHeader, packedHeader+len(plain)/4)
	binary.BigEndian.PutUint16(packed, uint16(d))
	binary.BigEndian.PutUint32(packed[2:], uint32(len(plain))) //nolint:gosec // wire.MaxToStation bounds it
	packed = enc.EncodeAll(plain, packed)
	return packed, len(packed) < len(plain) && len(plain) <= MaxRatio*len(packed)
}

// Unpack opens what Pack made with dictionary d, if it comes to no more than
// limit bytes. What does not say truly how big it is, is refused.
func Unpack(d Dictionary, packed []byte, limit int) ([]byte, error) {
	size, frame, err := opened(d, packed, limit)
	if err != nil {
		return nil, err
	}
	return unzip(d, frame, size, MaxRatio*uint64(len(packed)))
}

// opened reads the header.
func opened(d Dictionary, packed []byte, limit int) (size uint64, rest []byte, err error) {
	bad := func(kind fault.Kind, why string) (uint64, []byte, error) {
		return 0, nil, fault.New(kind, "compact.unpack", "", why)
	}
	if len(packed) < packedHeader {
		return bad(fault.Invalid, "a packed message is shorter than its header")
	}
	if Dictionary(binary.BigEndian.Uint16(packed)) != d {
		return bad(fault.Unsupported, "a message is packed with a dictionary that nobody agreed on")
	}
	size = uint64(binary.BigEndian.Uint32(packed[2:]))
	switch {
	case size > uint64(max(limit, 0)):
		return bad(fault.Full, "a packed message would be over the limit")
	case size > MaxRatio*uint64(len(packed)):
		return bad(fault.Full, "a packed message claims to be far bigger than ours ever are")
	}
	return size, packed[packedHeader:], nil
}

// unzip opens one zstd frame that says itself that it comes to size bytes; where
// size is 0, to no more than most.
func unzip(d Dictionary, frame []byte, size, most uint64) ([]byte, error) {
	const op = "compact.unpack"
	t, err := toolsOf(op, d)
	if err != nil {
		return nil, err
	}
	var h zstd.Header
	err = h.Decode(frame)
	if size == 0 && err == nil && h.FrameContentSize <= most {
		size = h.FrameContentSize
	}
	if err != nil || h.Skippable || !h.HasFCS || h.FrameContentSize != size || h.DictionaryID != uint32(d) {
		return nil, fault.New(fault.Invalid, op, "", "a packed message is not what its header says")
	}
	dec, err := t.open()
	if err != nil {
		return nil, fault.As(fault.Invalid, op, "", err)
	}
	plain, err := dec.DecodeAll(frame, make([]byte, 0, size))
	if err != nil || uint64(len(plain)) != size {
		return nil, fault.New(fault.Invalid, op, "", "a packed message cannot be opened")
	}
	return plain, nil
}
