package simtest_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// How a program of 28 November 2026 unpacks what a frame carries, written after
// docs/sync-protocol.md and apart from the code that goes on changing. Never adapt it
// to what is sent; adapt what is sent.

// frozenDictionary is dictionary 1. Its bytes are for ever.
const (
	frozenDictionary    = "../../internal/compact/dictionary1.zstd"
	frozenDictionarySum = "8dd24dc0616b1c9730337db8e29cc7fa6832345273559514f7c1bd0e963871f1"
)

type frozen struct {
	dictionary []byte
	content    []byte
	seen       map[string]int // of each way in which something was packed
	pieces     map[byte]*frozenMessage
}

// frozenMessage is one whole message.
type frozenMessage struct {
	kind    byte
	urgent  bool
	packed  bool
	payload []byte // without its version
}

func newFrozen(t *testing.T) *frozen {
	t.Helper()
	b, err := os.ReadFile(frozenDictionary)
	check(t, err)
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != frozenDictionarySum {
		t.Fatal("dictionary 1 is not what it was")
	}
	d, err := zstd.InspectDictionary(b)
	check(t, err)
	return &frozen{dictionary: b, content: d.Content(), seen: map[string]int{}, pieces: map[byte]*frozenMessage{}}
}

const (
	frozenUrgent   = 1
	frozenZstd     = 2
	frozenMore     = 4
	frozenSideways = 1 << 15
	frozenAgainst  = 1 << 14
)

// next takes one frame; nil: the message goes on, or is to be skipped.
func (z *frozen) next(f []byte) (*frozenMessage, error) {
	switch {
	case len(f) < 8 || len(f) > 256<<10 || f[0] != 1 || f[3] != 0:
		return nil, fmt.Errorf("a frame of %d bytes is malformed", len(f))
	case binary.BigEndian.Uint32(f[4:]) != uint32(len(f)-8):
		return nil, fmt.Errorf("the length of a frame of type %d is wrong", f[1])
	case f[2]&^(frozenUrgent|frozenZstd|frozenMore|oldOptional) != 0:
		return nil, fmt.Errorf("flags %08b of a frame of type %d are not known", f[2], f[1])
	case f[1] == 0 || f[1] > 27:
		if f[2]&oldOptional == 0 {
			return nil, fmt.Errorf("frame type %d is not known and not optional", f[1])
		}
		return nil, nil
	case f[2]&frozenMore != 0 && len(f) < 512:
		return nil, fmt.Errorf("a piece of %d bytes", len(f))
	}
	m := z.pieces[f[1]]
	if m == nil {
		m = &frozenMessage{kind: f[1], urgent: f[2]&frozenUrgent != 0, packed: f[2]&frozenZstd != 0}
	} else if m.packed != (f[2]&frozenZstd != 0) {
		return nil, fmt.Errorf("half of a message of type %d is packed", f[1])
	} else {
		z.seen["in pieces"]++
	}
	m.payload = append(m.payload, f[8:]...)
	if f[2]&frozenMore != 0 {
		z.pieces[f[1]] = m
		return nil, nil
	}
	delete(z.pieces, f[1])
	if m.packed {
		var err error
		if m.payload, err = z.unpack(m.payload); err != nil {
			return nil, fmt.Errorf("a message of type %d: %w", m.kind, err)
		}
	}
	if len(m.payload) == 0 || m.payload[0] != 1 {
		return nil, fmt.Errorf("the payload of a message of type %d has another version", m.kind)
	}
	m.payload = m.payload[1:]
	return m, nil
}

var errFrozen = errors.New("a packed message does not say what it is")

func (z *frozen) unpack(b []byte) ([]byte, error) {
	if len(b) < 10 {
		return nil, errFrozen
	}
	size := int(binary.BigEndian.Uint32(b[2:]))
	switch binary.BigEndian.Uint16(b) {
	case 1:
		z.seen["packed"]++
		plain, err := z.zstd(b[6:], zstd.WithDecoderDicts(z.dictionary))
		if err == nil && len(plain) != size {
			err = errFrozen
		}
		return plain, err
	case 1 | frozenSideways:
		z.seen["sideways"]++
		tail := int(binary.BigEndian.Uint32(b[6:]))
		if tail > len(b)-10 {
			return nil, errFrozen
		}
		stream, err := z.zstd(b[10+tail:], zstd.WithDecoderDicts(z.dictionary))
		if err != nil {
			return nil, err
		}
		plain, err := frozenRows(stream, b[10:10+tail])
		if err == nil && len(plain) != size {
			err = errFrozen
		}
		return plain, err
	}
	return nil, errFrozen
}

// against unpacks a delta's body.
func (z *frozen) against(packed []byte, bases [][]byte) ([]byte, error) {
	if len(packed) < 6 || binary.BigEndian.Uint16(packed) != 1|frozenAgainst {
		return nil, errFrozen
	}
	z.seen["delta"]++
	known := slices.Concat(append([][]byte{z.content}, bases...)...)
	body, err := z.zstd(packed[6:], zstd.WithDecoderDictRaw(1|frozenAgainst, known))
	if err == nil && len(body) != int(binary.BigEndian.Uint32(packed[2:])) {
		err = errFrozen
	}
	return body, err
}

func (*frozen) zstd(frame []byte, with zstd.DOption) ([]byte, error) {
	d, err := zstd.NewReader(nil, with, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.DecodeAll(frame, nil)
}

// frozenRows writes the rows of a stream that was turned on its side.
func frozenRows(stream, tail []byte) (out []byte, err error) {
	defer func() {
		if recover() != nil { // whatever is cut short: a recording is whole, or it is of no use
			err = errFrozen
		}
	}()
	s := &frozenStream{in: stream, tail: tail, last: -1}
	s.read()
	s.write(0)
	return s.out, nil
}

type frozenStream struct {
	in        []byte
	tail      []byte
	bit       int
	templates [][]frozenOp
	columns   [][]*frozenColumn
	order     []byte
	ids       []string
	last      int
	out       []byte
}

type frozenOp struct {
	nr   byte
	glue []byte
}

type frozenColumn struct {
	kind, mode byte
	b          []byte
	begun      bool
	num        uint64
	text       string
	from       int
}

func frozenVarint(b *[]byte) int {
	n, size := binary.Uvarint(*b)
	if size <= 0 {
		panic("a number is cut short")
	}
	*b = (*b)[size:]
	return int(n)
}

func frozenTake(b *[]byte, n int) []byte {
	got := (*b)[:n]
	*b = (*b)[n:]
	return got
}

func (s *frozenStream) read() {
	for range frozenVarint(&s.in) {
		ops := frozenTake(&s.in, frozenVarint(&s.in))
		var list []frozenOp
		var columns []*frozenColumn
		for len(ops) > 0 {
			op := frozenOp{nr: frozenTake(&ops, 1)[0]}
			switch op.nr {
			case 0:
				op.glue = frozenTake(&ops, frozenVarint(&ops))
			case 1, 5, 6, 7:
				columns = append(columns, &frozenColumn{kind: op.nr})
			}
			list = append(list, op)
		}
		s.templates, s.columns = append(s.templates, list), append(s.columns, columns)
	}
	s.order = frozenTake(&s.in, frozenVarint(&s.in))
	var all []*frozenColumn
	var sizes []int
	for _, c := range slices.Concat(s.columns...) {
		c.mode = frozenTake(&s.in, 1)[0]
		all, sizes = append(all, c), append(sizes, frozenVarint(&s.in))
	}
	for i, c := range all {
		c.b = frozenTake(&s.in, sizes[i])
	}
	if len(s.in) > 0 {
		panic("something is left over")
	}
}

func frozenHead(major byte, n uint64) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 1<<8:
		return []byte{major<<5 | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{major<<5 | 25}, uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32([]byte{major<<5 | 26}, uint32(n))
	}
	return binary.BigEndian.AppendUint64([]byte{major<<5 | 27}, n)
}

// write writes one row of a template.
func (s *frozenStream) write(template int) {
	type begun struct {
		at    int
		major byte
	}
	var open []begun
	slot := 0
	for _, op := range s.templates[template] {
		switch op.nr {
		case 0:
			s.out = append(s.out, op.glue...)
		case 2, 3:
			open = append(open, begun{len(s.out), op.nr})
		case 4:
			b := open[len(open)-1]
			open = open[:len(open)-1]
			s.out = slices.Insert(s.out, b.at, frozenHead(b.major, uint64(len(s.out)-b.at))...)
		case 8:
			s.out = append(s.out, frozenHead(4, uint64(len(s.order)))...)
			for _, i := range s.order {
				s.write(int(i) + 1)
			}
		default:
			c := s.columns[template][slot]
			s.value(c, s.columns[template])
			slot++
			switch op.nr {
			case 1:
				s.out = append(s.out, frozenHead(0, c.num)...)
			case 7:
				s.out = append(append(s.out, frozenHead(2, uint64(len(c.text)))...), c.text...)
			default:
				s.out = append(s.out, c.text...)
			}
		}
	}
}

// value reads a column's value for this row.
func (s *frozenStream) value(c *frozenColumn, row []*frozenColumn) {
	first := !c.begun
	c.begun = true
	switch c.mode {
	case 0: // same
		if first && c.kind == 1 {
			c.num = uint64(frozenVarint(&c.b))
		} else if first {
			c.text = string(c.b)
		}
	case 1: // copy
		if first {
			c.from = frozenVarint(&c.b)
		}
		c.num, c.text = row[c.from].num, row[c.from].text
	case 2: // step
		v, size := binary.Varint(c.b)
		frozenTake(&c.b, size)
		c.num += uint64(v)
		if c.kind == 5 {
			c.text = strconv.FormatUint(c.num, 10)
		}
	case 3: // list
		c.text = string(frozenTake(&c.b, slices.Index(c.b, 0)))
		frozenTake(&c.b, 1)
	case 4: // ids
		s.id(c)
	case 5: // tail
		c.text = s.whole(frozenVarint(&c.b))
	case 6: // shift
		if first {
			c.from = frozenVarint(&c.b)
			c.text = s.whole(frozenVarint(&c.b))
		} else {
			c.text = row[c.from].text
		}
	default:
		panic("a mode that nobody knew")
	}
}

func (s *frozenStream) id(c *frozenColumn) {
	switch code := frozenVarint(&c.b); code {
	case 0:
		n := frozenVarint(&c.b)
		id := make([]byte, n)
		for i := range id {
			v := 0
			for range 5 {
				v = v<<1 | int(s.tail[0]>>(7-s.bit)&1)
				if s.bit++; s.bit == 8 {
					s.tail, s.bit = s.tail[1:], 0
				}
			}
			id[i] = "abcdefghijklmnopqrstuvwxyz234567"[v]
		}
		s.ids = append(s.ids, string(id))
		s.last = len(s.ids) - 1
	case 1:
		s.last = int(c.num)
	case 2:
		s.last++
	default:
		s.last = len(s.ids) - 1 - (code - 3)
	}
	c.num, c.text = uint64(s.last), s.ids[s.last]
}

func (s *frozenStream) whole(n int) string {
	if s.bit > 0 {
		s.tail, s.bit = s.tail[1:], 0
	}
	return string(frozenTake(&s.tail, n))
}
