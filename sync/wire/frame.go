package wire

import (
	"encoding/binary"
	"slices"

	"wardlight/internal/clinical/record"
	"wardlight/internal/compact"
	"wardlight/internal/fault"
)

// HeaderSize is the size of a frame's header: version, type, flags, a zero
// byte, and the payload's length in four bytes, big-endian.
const HeaderSize = 8

// Flag is one bit of a frame's third byte.
type Flag uint8

// The flags.
const (
	FlagUrgent   Flag = 1 << 0 // holds a critical change; sent before what is not
	FlagZstd     Flag = 1 << 1 // the payload is packed; refused unless both sides agreed (CapPacked)
	FlagMore     Flag = 1 << 2 // the next frame of this type continues the payload
	FlagOptional Flag = 1 << 3 // who does not know the type may skip the frame
)

const knownFlags = FlagUrgent | FlagZstd | FlagMore | FlagOptional

// Split renders m as one frame, or as several where it is too big for one.
func Split(m Message, flags Flag) ([][]byte, error) { return SplitPacked(m, flags, 0) }

// SplitPacked is Split with the payload packed as CutPacked does.
func SplitPacked(m Message, flags Flag, with compact.Dictionary) ([][]byte, error) {
	c, err := CutPacked(m, flags, with)
	if err != nil {
		return nil, err
	}
	var frames [][]byte
	for last := false; !last; {
		var f []byte
		f, last = c.Next(MaxFrame)
		frames = append(frames, f)
	}
	return frames, nil
}

// Cutter is a message of which piece after piece is taken.
type Cutter struct {
	kind    Type
	flags   Flag
	payload []byte
}

// Cut begins to cut m into pieces.
func Cut(m Message, flags Flag) (*Cutter, error) { return CutPacked(m, flags, 0) }

// CutPacked is Cut with the payload packed with a dictionary, where that is
// worth it. 0 packs nothing.
func CutPacked(m Message, flags Flag, with compact.Dictionary) (*Cutter, error) {
	return cut(m, flags, way{with: with})
}

// CutHard is CutPacked for a slow line, where the message is long enough for that
// to pay; sideways, where the other side can open what was turned on its side
// (CapSideways).
func CutHard(m Message, flags Flag, with compact.Dictionary, sideways bool) (*Cutter, error) {
	return cut(m, flags, way{with: with, hard: true, sideways: sideways})
}

// CutQuick is CutPacked for a quick line: what is short goes plain.
func CutQuick(m Message, flags Flag, with compact.Dictionary) (*Cutter, error) {
	return cut(m, flags, way{with: with, quick: true})
}

func cut(m Message, flags Flag, w way) (*Cutter, error) {
	p, err := payloadOf(m, w)
	if err != nil {
		return nil, fault.Wrap("wire.split", m.Type().String(), err)
	}
	if p.packed {
		flags |= FlagZstd
	}
	return &Cutter{m.Type(), flags, p.bytes}, nil
}

// render makes a message's payload.
func render(m Message, w way) (payload, error) {
	b, err := record.Encode(m)
	if err != nil {
		return payload{}, err
	}
	if len(b) > MaxToStation {
		return payload{}, fault.Newf(fault.Full, "wire.split", m.Type().String(), "a message of %d bytes is over the limit of %d", len(b), MaxToStation)
	}
	if w.with == 0 || len(b) < w.least() || m.Type() == TypeDelta || m.Type() == TypeDocument { // which are packed already
		return payload{bytes: b}, nil
	}
	pack := compact.Pack
	switch hard := w.hard && len(b) >= worthHard; {
	case hard && w.sideways:
		pack = compact.PackSideways
	case hard:
		pack = compact.PackHard
	}
	packed, ok, err := pack(w.with, b)
	if err != nil || !ok {
		return payload{bytes: b}, err
	}
	return payload{packed, true}, nil
}

// Next is a frame of at most size bytes (MinPiece at least), and whether it is
// the message's last. Pieces shorter than MaxFrame are for peers with CapPieces.
func (c *Cutter) Next(size int) (f []byte, last bool) {
	room := min(max(size, MinPiece), MaxFrame) - HeaderSize
	if len(c.payload) <= room {
		return frame(c.kind, c.flags, c.payload), true
	}
	f = frame(c.kind, c.flags|FlagMore, c.payload[:room])
	c.payload = c.payload[room:]
	return f, false
}

func frame(t Type, flags Flag, payload []byte) []byte {
	f := make([]byte, HeaderSize, HeaderSize+len(payload))
	f[0], f[1], f[2] = ProtocolVersion, byte(t), byte(flags)
	binary.BigEndian.PutUint32(f[4:], uint32(len(payload))) //nolint:gosec // bounded by the frame's limit
	return append(f, payload...)
}

// Header is a frame's header, read.
type Header struct {
	Type  Type
	Flags Flag
}

// parseHeader checks everything about a frame that needs no payload.
func parseHeader(f []byte) (Header, error) {
	switch {
	case len(f) < HeaderSize:
		return Header{}, fault.New(fault.Invalid, "wire.read", "", "a frame is shorter than its header")
	case f[0] != ProtocolVersion:
		return Header{}, fault.Newf(fault.Unsupported, "wire.read", "", "protocol version %d is not known to this program, which speaks %d; update the older side", f[0], ProtocolVersion)
	case len(f) > MaxFrame:
		return Header{}, fault.Newf(fault.Invalid, "wire.read", "", "a frame of %d bytes is over the limit of %d", len(f), MaxFrame)
	case f[3] != 0 || Flag(f[2])&^knownFlags != 0:
		return Header{}, fault.New(fault.Invalid, "wire.read", "", "a frame's header has bits that mean nothing in this version")
	case uint64(binary.BigEndian.Uint32(f[4:])) != uint64(len(f)-HeaderSize): //nolint:gosec // bounded by the frame's limit
		return Header{}, fault.New(fault.Invalid, "wire.read", "", "a frame's length is not what its header says")
	}
	return Header{Type: Type(f[1]), Flags: Flag(f[2])}, nil
}

// Assembler turns one side's frames back into messages. Its zero value holds
// messages to MaxToCentral; set Limit to MaxToStation on a station. It takes
// packed frames once the hello or the welcome that it read has agreed on them.
// It is for one goroutine.
type Assembler struct {
	Limit  int
	agreed compact.Dictionary
	// sideways: what is packed may have been turned on its side.
	sideways bool
	parts    map[Type]part
	held     int
}

// part is the beginning of a message.
type part struct {
	payload []byte
	packed  bool
}

// Next takes one frame. It returns the message that the frame completes, with
// its header's flags, or nil where more is to come or the frame was one to
// skip. After an error the connection is of no more use.
func (a *Assembler) Next(f []byte) (Message, Flag, error) {
	h, err := parseHeader(f)
	if err != nil {
		return nil, 0, err
	}
	if h.Flags&FlagZstd != 0 && a.agreed == 0 {
		return nil, 0, fault.New(fault.Unsupported, "wire.read", h.Type.String(), "a packed frame, which nobody agreed on")
	}
	m := fresh(h.Type)
	if m == nil {
		if h.Flags&FlagOptional != 0 {
			return nil, 0, nil
		}
		return nil, 0, fault.Newf(fault.Unsupported, "wire.read", "", "message type %d is not known to this program", h.Type)
	}
	payload, done, err := a.collect(h, f[HeaderSize:])
	if err != nil || !done {
		return nil, 0, err
	}
	if h.Flags&FlagZstd != 0 {
		unpack := compact.Unpack
		if a.sideways {
			unpack = compact.UnpackAny
		}
		if payload, err = unpack(a.agreed, payload, a.limit()); err != nil {
			return nil, 0, fault.Wrap("wire.read", h.Type.String(), err)
		}
	}
	if err := record.Decode(payload, m); err != nil {
		return nil, 0, fault.As(fault.Invalid, "wire.read", h.Type.String(), err)
	}
	if err := check(m); err != nil {
		return nil, 0, err
	}
	a.agree(m)
	return m, h.Flags &^ (FlagMore | FlagZstd), nil
}

// agree learns from the first message of each side what may be packed with.
func (a *Assembler) agree(m Message) {
	switch m := m.(type) {
	case *Hello:
		a.agreed = Agreed(m)
		a.sideways = slices.Contains(m.Capabilities, CapSideways)
	case *Welcome:
		if m.Dictionary.Known() {
			a.agreed = m.Dictionary
		}
		a.sideways = slices.Contains(m.Capabilities, CapSideways)
	}
}

func (a *Assembler) limit() int {
	if a.Limit == 0 {
		return MaxToCentral
	}
	return a.Limit
}

// collect adds a piece to the message that it belongs to. Pieces of different
// types may be interleaved, so that a ping need not wait behind a long batch.
func (a *Assembler) collect(h Header, piece []byte) (payload []byte, done bool, err error) {
	limit := a.limit()
	more, packed := h.Flags&FlagMore != 0, h.Flags&FlagZstd != 0
	earlier, begun := a.parts[h.Type]
	if !begun && !more {
		return piece, true, nil
	}
	if more && len(piece) < MinPiece-HeaderSize {
		return nil, false, fault.New(fault.Invalid, "wire.read", h.Type.String(), "a piece of a longer message is too short")
	}
	if begun && earlier.packed != packed {
		return nil, false, fault.New(fault.Invalid, "wire.read", h.Type.String(), "one piece of a message is packed and another is not")
	}
	if a.held+len(piece) > limit {
		return nil, false, fault.Newf(fault.Full, "wire.read", h.Type.String(), "a message is over the limit of %d bytes", limit)
	}
	if a.parts == nil {
		a.parts = map[Type]part{}
	}
	a.held += len(piece)
	whole := append(earlier.payload, piece...)
	if more {
		a.parts[h.Type] = part{whole, packed}
		return nil, false, nil
	}
	delete(a.parts, h.Type)
	a.held -= len(whole)
	return whole, true, nil
}
