package hl7

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"

	"wardlight/internal/fault"
)

// The bytes of the Minimal Lower Layer Protocol (HL7 Transport Specification:
// MLLP, release 1): VT, message, FS, CR.
const (
	startBlock = 0x0B
	endBlock   = 0x1C
	blockCR    = 0x0D
)

// maxNoise bounds what may stand between two frames; a peer that sends more
// does not speak MLLP.
const maxNoise = 1 << 20

// Frame is one message out of a stream.
type Frame struct {
	Message []byte // without its framing; the caller's to keep
	Noise   int    // bytes skipped before the frame
	Dropped []byte // an earlier frame that a second start byte cut off: not a message, but worth a line in the log
}

// Decoder takes messages out of an MLLP stream.
//
// Bytes between frames are skipped. A start byte inside a frame begins the
// frame anew; what it cut off is reported, never delivered. A frame ends at
// FS CR (or FS LF, or at FS directly before the next start byte or before a
// silence, as some senders leave the CR out); an FS anywhere else is content. At
// the end of the stream a frame without its CR was cut off.
//
// Time-outs are the caller's, by deadlines on the connection: Next then
// returns an error of kind fault.Timeout and may be called again, and InFrame
// tells a half frame from an idle line. A Decoder is for one goroutine.
type Decoder struct {
	r       *bufio.Reader
	max     int
	buf     []byte
	dropped []byte
	noise   int
	inFrame bool
	sawEnd  bool // the last byte of the frame so far is an FS
	broken  error
}

// NewDecoder makes a Decoder whose messages have at most max bytes;
// MaxMessageBytes if max is not positive.
func NewDecoder(r io.Reader, max int) *Decoder {
	if max <= 0 {
		max = MaxMessageBytes
	}
	return &Decoder{r: bufio.NewReaderSize(r, 32<<10), max: max}
}

// Ending says whether the last byte of the frame so far is an FS, so that only
// its CR is missing: a caller need not wait long for that one.
func (d *Decoder) Ending() bool { return d.inFrame && d.sawEnd }

// InFrame says whether a frame has begun and not ended.
func (d *Decoder) InFrame() bool { return d.inFrame }

// Partial is a copy of the frame that has begun and not ended.
func (d *Decoder) Partial() []byte {
	if !d.inFrame {
		return nil
	}
	return bytes.Clone(d.buf)
}

// Buffered is the number of bytes that have arrived and not been looked at.
func (d *Decoder) Buffered() int { return d.r.Buffered() }

// Next waits for the next message. At the end of the stream it returns io.EOF
// between frames, and an error of kind fault.Invalid around
// io.ErrUnexpectedEOF inside one. A message over the bound is fault.Full: the
// stream cannot be trusted after it, so the error stays and the caller closes.
func (d *Decoder) Next() (Frame, error) {
	if d.broken != nil {
		return Frame{}, d.broken
	}
	for {
		if d.r.Buffered() == 0 {
			if _, err := d.r.Peek(1); err != nil {
				if d.Ending() && errors.Is(err, os.ErrDeadlineExceeded) {
					d.buf = d.buf[:len(d.buf)-1]
					return d.deliver(), nil
				}
				return Frame{}, d.readError(err)
			}
		}
		chunk, _ := d.r.Peek(d.r.Buffered())
		used, done := d.take(chunk)
		_, _ = d.r.Discard(used) // they are buffered, so this cannot fail
		if d.broken != nil {
			return Frame{}, d.broken
		}
		if done {
			return d.deliver(), nil
		}
	}
}

func (d *Decoder) deliver() Frame {
	f := Frame{Message: d.buf, Noise: d.noise, Dropped: d.dropped}
	d.buf, d.dropped, d.noise, d.inFrame, d.sawEnd = nil, nil, 0, false, false
	return f
}

// take consumes bytes up to the end of a frame, or all of them.
func (d *Decoder) take(chunk []byte) (used int, done bool) {
	if !d.inFrame {
		return d.skipNoise(chunk), false
	}
	if d.sawEnd {
		switch chunk[0] {
		case blockCR, '\n': // some senders end their frames in LF
			d.buf = d.buf[:len(d.buf)-1]
			return 1, true
		case startBlock:
			d.buf = d.buf[:len(d.buf)-1]
			return 0, true
		}
		d.sawEnd = false
	}
	i := bytes.IndexAny(chunk, "\x0b\x1c")
	if i < 0 {
		d.add(chunk)
		return len(chunk), false
	}
	if chunk[i] == startBlock {
		d.add(chunk[:i])
		d.restart()
		return i + 1, false
	}
	d.add(chunk[:i+1])
	d.sawEnd = true
	return i + 1, false
}

func (d *Decoder) skipNoise(chunk []byte) int {
	i := bytes.IndexByte(chunk, startBlock)
	if i < 0 {
		i = len(chunk)
	} else {
		d.inFrame, d.sawEnd = true, false
	}
	d.noise += i
	if d.noise > maxNoise {
		d.broken = fault.New(fault.Invalid, "mllp.read", "",
			"too many bytes outside of MLLP frames; the sender does not speak MLLP on this port")
	}
	if d.inFrame {
		return i + 1
	}
	return i
}

// restart begins the frame anew and remembers what was cut off: the newest
// such piece, which is what a person looks for in the log.
func (d *Decoder) restart() {
	if len(d.buf) > 0 {
		d.dropped = d.buf
	}
	d.buf, d.sawEnd = nil, false
}

func (d *Decoder) add(b []byte) {
	if len(d.buf)+len(b) > d.max+1 || len(d.buf)+len(b) == d.max+1 && b[len(b)-1] != endBlock {
		d.broken = fault.Newf(fault.Full, "mllp.read", "", "a message is longer than %d bytes; the connection is closed, and the sender should send it in parts", d.max)
		d.buf, d.dropped = nil, nil
		return
	}
	d.buf = append(d.buf, b...)
}

func (d *Decoder) readError(err error) error {
	switch {
	case errors.Is(err, io.EOF) && d.inFrame:
		return fault.Newf(fault.Invalid, "mllp.read", "", "the connection ended inside a message, which was not taken: %w", io.ErrUnexpectedEOF)
	case errors.Is(err, io.EOF):
		return io.EOF
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fault.As(fault.Timeout, "mllp.read", "", err)
	}
	return fault.As(fault.Unavailable, "mllp.read", "", err)
}

// Encoder puts messages into an MLLP stream, one Write call each.
type Encoder struct{ w io.Writer }

// NewEncoder makes an Encoder.
func NewEncoder(w io.Writer) *Encoder { return &Encoder{w: w} }

// Encode writes one message in its frame. A message that holds a start or end
// byte itself would break the framing and is refused with fault.Invalid.
func (e *Encoder) Encode(msg []byte) error {
	frame, err := EncodeFrame(msg)
	if err != nil {
		return err
	}
	if _, err := e.w.Write(frame); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return fault.As(fault.Timeout, "mllp.write", "", err)
		}
		return fault.As(fault.Unavailable, "mllp.write", "", err)
	}
	return nil
}

// EncodeFrame is the message in its frame.
func EncodeFrame(msg []byte) ([]byte, error) {
	if bytes.IndexByte(msg, startBlock) >= 0 || bytes.IndexByte(msg, endBlock) >= 0 {
		return nil, fault.New(fault.Invalid, "mllp.write", "", "the message holds a framing byte (0x0B or 0x1C); escape it before sending")
	}
	frame := make([]byte, 0, len(msg)+3)
	frame = append(frame, startBlock)
	frame = append(frame, msg...)
	return append(frame, endBlock, blockCR), nil
}
